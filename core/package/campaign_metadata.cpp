#include "core/package/campaign_metadata.h"

#include "core/package/faults.h"
#include "core/package/header.h"

#include <algorithm>
#include <array>
#include <format>
#include <limits>

namespace pitstop::package {
namespace {

constexpr std::string_view document_type = "campaign_metadata";
constexpr std::uint64_t format = 2;

// The first place where two texts differ, with a little of what stands there.
std::string different_spelling(std::string_view written, std::string_view ours) {
    const auto at = static_cast<std::size_t>(std::ranges::mismatch(written, ours).in1 - written.begin());
    const std::size_t before = at - std::min<std::size_t>(at, 20);
    return std::format("it is spelled otherwise than we write it, at '{:.60}'", written.substr(before));
}

Result<CampaignMetadata> metadata_from_json(const json::Object& from) {
    static constexpr std::array<std::string_view, 9> known{
        "type", "format", "campaign_id", "created", "full_package", "records", "parts", "papers", "signatures"};
    static constexpr std::array<std::string_view, 2> known_of_package{"size", "sha256"};
    ENSURE(allow_only(from, known));
    TRY(const std::string type, json::string(from, "type"));
    if (type != document_type) return fail(faults::bad_metadata, std::format("'type' is '{:.40}'", type));
    TRY(const std::uint64_t number, json::number(from, "format", std::numeric_limits<std::uint32_t>::max()));
    if (number != format)
        return fail(faults::bad_metadata, std::format("'format' is {}, this version reads {}", number, format));
    TRY(const CampaignId campaign, json::id<CampaignId>(from, "campaign_id"));
    TRY(const UtcTime created, json::time(from, "created"));
    TRY(const json::Object* file, json::object(from, "full_package"));
    ENSURE(allow_only(*file, known_of_package));
    TRY(const std::uint64_t size, json::number(*file, "size", std::numeric_limits<std::int64_t>::max()));
    TRY(const Sha256Digest sha256, json::sha256(*file, "sha256"));
    TRY(const json::Array* list, json::array(from, "records"));
    TRY(std::vector<RecordEntry> records, records_from_json(*list));
    const std::uint64_t end = records.back().offset_bytes + records.back().stored_size_bytes;
    if (end != size) return fail(faults::bad_metadata, std::format("the records end at {}, 'size' is {}", end, size));
    CampaignMetadata metadata{campaign, created, std::move(records), size, sha256};
    if (from.contains("parts")) {
        TRY(const json::Array* parts, json::array(from, "parts"));
        TRY(metadata.parts, parts_from_json(*parts, metadata.records));
    }
    if (from.contains("papers")) {
        TRY(const json::Array* papers, json::array(from, "papers"));
        TRY(metadata.papers, papers_from_json(*papers, metadata.records));
    }
    // What is signed has one spelling: no digest in upper case, no empty list where there is nothing to list.
    json::Object body = from;
    body.erase("signatures");
    TRY(const std::string as_written, json::canonical(body));
    TRY(const std::string as_we_write, json::canonical(to_json(metadata)));
    if (as_written != as_we_write) return fail(faults::bad_metadata, different_spelling(as_written, as_we_write));
    return metadata;
}

struct Signature {
    std::string keyid;
    Bytes value;
};

Result<std::vector<Signature>> signatures_from_json(const json::Object& from) {
    static constexpr std::array<std::string_view, 2> known{"keyid", "sig"};
    TRY(const json::Array* list, json::array(from, "signatures"));
    if (list->size() > metadata_signatures_max)
        return fail(faults::bad_metadata,
                    std::format("{} signatures, allowed are {}", list->size(), metadata_signatures_max));
    std::vector<Signature> signatures;
    for (const json::Value& value : *list) {
        TRY(const json::Object* object, json::as_object(value, "a signature"));
        ENSURE(allow_only(*object, known));
        TRY(std::string keyid, json::string(*object, "keyid"));
        TRY(const std::string hex, json::string(*object, "sig"));
        TRY(Bytes bytes, from_hex(hex));
        if (to_hex(bytes) != hex) return fail(faults::bad_metadata, "a signature is not in lower-case hex");
        signatures.push_back({std::move(keyid), std::move(bytes)});
    }
    return signatures;
}

bool signed_by(crypto::Family family, std::span<const Signature> signatures, std::span<const crypto::PublicKey> trusted,
               View message) {
    for (const crypto::PublicKey& key : trusted) {
        if (crypto::family(key.type()) != family) continue;
        for (const Signature& signature : signatures)
            if (signature.keyid == key.key_id() && crypto::verify(key, message, signature.value)) return true;
    }
    return false;
}

Result<json::Value> parse_document(View file) {
    TRY(json::Value document, json::parse(file, metadata_size_bytes_max));
    ENSURE(json::as_object(document, "campaign_metadata.json"));
    return document;
}

}  // namespace

json::Object to_json(const CampaignMetadata& metadata) {
    const auto list = [](const auto& items) {
        json::Array array;
        for (const auto& item : items) array.push_back(to_json(item));
        return array;
    };
    json::Object object{
        {"type", document_type},
        {"format", format},
        {"campaign_id", metadata.campaign.view()},
        {"created", metadata.created.str()},
        {"full_package", {{"size", metadata.package_size_bytes}, {"sha256", to_hex(metadata.package_sha256)}}},
        {"records", list(metadata.records)},
    };
    if (!metadata.parts.empty()) object["parts"] = list(metadata.parts);
    if (!metadata.papers.empty()) object["papers"] = list(metadata.papers);
    return object;
}

Result<CampaignMetadata> from_json(View file) {
    TRY(const json::Value document, parse_document(file));
    return metadata_from_json(document.get_object());
}

Result<std::string> sign(const CampaignMetadata& metadata, std::span<crypto::Signer* const> signers) {
    const auto count = [&](crypto::Family family) {
        return std::ranges::count_if(
            signers, [&](const auto* signer) { return crypto::family(signer->public_key().type()) == family; });
    };
    if (count(crypto::Family::classical) != 1 || count(crypto::Family::post_quantum) != 1)
        return fail(faults::wrong_signers, std::format("{} classical, {} ML-DSA", count(crypto::Family::classical),
                                                       count(crypto::Family::post_quantum)));
    json::Object document = to_json(metadata);
    TRY(const std::string text, json::canonical(document));
    json::Array signatures;
    for (crypto::Signer* signer : signers) {
        TRY(const Bytes value, signer->sign(view_of(text)));
        signatures.push_back(json::Object{{"keyid", signer->public_key().key_id()}, {"sig", to_hex(value)}});
    }
    document["signatures"] = std::move(signatures);
    return json::canonical(document);
}

Result<CampaignMetadata> from_signed_json(View file, std::span<const crypto::PublicKey> trusted) {
    TRY(const json::Value document, parse_document(file));
    TRY(CampaignMetadata metadata, metadata_from_json(document.get_object()));
    TRY(const std::vector<Signature> signatures, signatures_from_json(document.get_object()));
    json::Object body = document.get_object();
    body.erase("signatures");
    TRY(const std::string text, json::canonical(body));
    for (const crypto::Family family : {crypto::Family::classical, crypto::Family::post_quantum})
        if (!signed_by(family, signatures, trusted, view_of(text)))
            return fail(faults::not_signed_by_both, std::format("no good {} signature", crypto::to_string(family)));
    return metadata;
}

}  // namespace pitstop::package
