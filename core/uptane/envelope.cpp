#include "core/uptane/envelope.h"

#include "core/crypto/digest.h"
#include "core/uptane/aktualizr.h"
#include "core/uptane/batch.h"
#include "core/uptane/faults.h"

#include <algorithm>
#include <format>
#include <limits>
#include <set>

namespace pitstop::uptane {
namespace {

Result<std::optional<BatchProof>> read_batch(const json::Object& from) {
    if (!json::has(from, "batch")) return std::nullopt;
    TRY(const json::Object* object, json::object(from, "batch"));
    BatchProof proof;
    constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
    TRY(proof.index, json::number(*object, "index", no_limit));
    TRY(proof.size, json::number(*object, "size", no_limit));
    TRY(const std::string hex, json::string(*object, "path"));
    if (hex.size() > 2 * batch_path_size_bytes_max)
        return fail(faults::bad_member, std::format("'path' of a batch has {} digits", hex.size()));
    TRY(proof.path, from_hex(hex));
    return proof;
}

// What a signature of a kind that we do not know looks like, we do not know either.
Bytes read_value(const json::Object& from, std::string_view text, const Rules& rules) {
    if (text.size() > 2 * signature_size_bytes_max) return {};
    if (rules.dialect == Dialect::aktualizr) return read_aktualizr_signature(from, text);
    auto bytes = from_hex(text);
    return bytes ? *std::move(bytes) : Bytes();
}

Result<std::vector<Signature>> read_signatures(const json::Array& from, const Rules& rules) {
    if (from.size() > signatures_max)
        return fail(faults::too_many_signatures, std::format("{}, allowed are {}", from.size(), signatures_max));
    std::vector<Signature> signatures;
    for (const json::Value& value : from) {
        TRY(const json::Object* object, json::as_object(value, "a signature"));
        TRY(std::string keyid, json::string(*object, "keyid"));
        TRY(const std::string text, json::string(*object, "sig"));
        Signature signature{std::move(keyid), read_value(*object, text, rules), {}};
        if (rules.is_strict()) {
            TRY(signature.batch, read_batch(*object));
        }
        signatures.push_back(std::move(signature));
    }
    return signatures;
}

bool is_good(const Signature& signature, const crypto::PublicKey& key, const RoleKeys& role,
             std::string_view canonical) {
    if (signature.value.empty()) return false;
    if (!signature.batch)
        return crypto::verify(key, signed_message(key.type(), canonical), signature.value).has_value();
    return role.batches == BatchSignatures::allowed && crypto::family(key.type()) == crypto::Family::post_quantum &&
           batch_signs(key, canonical, *signature.batch, signature.value);
}

// What others see of a file should not depend on how they show or normalise text.
Result<void> check_printable(std::string_view text) {
    const auto bad = std::ranges::find_if(text, [](char c) { return c != '\n' && (c < 0x20 || c > 0x7E); });
    if (bad != text.end())
        return fail(faults::not_printable, std::format("byte 0x{:02X} at {} of the canonical text",
                                                       static_cast<unsigned char>(*bad), bad - text.begin()));
    return {};
}

json::Object to_json(const Signature& signature) {
    json::Object object{{"keyid", signature.keyid}, {"sig", to_hex(signature.value)}};
    if (signature.batch)
        object["batch"] = json::Object{{"index", signature.batch->index},
                                       {"size", signature.batch->size},
                                       {"path", to_hex(signature.batch->path)}};
    return object;
}

}  // namespace

Result<Envelope> open_envelope(View file, std::string_view what, std::size_t size_bytes_max, const Rules& rules) {
    if (file.size() > size_bytes_max)
        return fail(faults::too_large, std::format("{}: {} bytes, allowed are {}", what, file.size(), size_bytes_max));
    TRY(const json::Value document, json::parse(file, size_bytes_max));
    TRY(const json::Object* object, json::as_object(document, "a metadata file"));
    TRY(const json::Object* body, json::object(*object, "signed"));
    TRY(const json::Array* list, json::array(*object, "signatures"));
    // In our dialect nothing beside what is signed may be a float either: canonical JSON refuses them.
    if (rules.is_strict())
        for (const auto& member : *object)
            if (member.key() != "signed") ENSURE(json::canonical(member.value()));
    TRY(std::vector<Signature> signatures, read_signatures(*list, rules));
    TRY(std::string canonical, json::canonical(*body));
    Envelope envelope{*body, std::move(canonical), std::move(signatures)};
    if (rules.dialect == Dialect::aktualizr) {
        TRY(envelope.other_form, json::sorted(*body));
    }
    return envelope;
}

Result<Envelope> open_envelope(View file, Role role, const Rules& rules) {
    return open_envelope(file, to_string(role), size_bytes_max(role), rules);
}

Bytes signed_message(crypto::KeyType type, std::string_view canonical) {
    if (crypto::family(type) == crypto::Family::classical) return Bytes(canonical.begin(), canonical.end());
    Bytes message{'t', 'u', 'f', 0x01};
    const Sha512Digest digest = crypto::sha512(view_of(canonical));
    message.insert(message.end(), digest.begin(), digest.end());
    return message;
}

Result<void> check_signatures(const Envelope& envelope, const Keys& keys, const RoleKeys& role, std::string_view what) {
    std::set<std::string> classical, post_quantum;  // key material that has signed, whatever keyid it came under
    for (const Signature& signature : envelope.signatures) {
        if (std::ranges::find(role.keyids, signature.keyid) == role.keyids.end()) continue;
        const crypto::PublicKey* key = keys.find(signature.keyid);
        if (!key) continue;
        auto& counted = crypto::family(key->type()) == crypto::Family::classical ? classical : post_quantum;
        if (counted.contains(key->key_id())) continue;
        if (is_good(signature, *key, role, envelope.canonical) ||
            (!envelope.other_form.empty() && is_good(signature, *key, role, envelope.other_form)))
            counted.insert(key->key_id());
    }
    const auto explain = [&](std::size_t there, std::uint32_t needed) {
        return std::format("{:.80}: {} good of {} needed", what, there, needed);
    };
    if (classical.size() < role.families.classical)
        return fail(faults::classical_missing, explain(classical.size(), role.families.classical));
    if (post_quantum.size() < role.families.post_quantum)
        return fail(faults::post_quantum_missing, explain(post_quantum.size(), role.families.post_quantum));
    const std::size_t together = classical.size() + post_quantum.size();
    if (together < role.threshold) return fail(faults::threshold_not_reached, explain(together, role.threshold));
    return {};
}

Result<void> check_signatures(const Envelope& envelope, const Root& root, Role role) {
    return check_signatures(envelope, root.keys, root.of(role), to_string(role));
}

Result<Signature> sign_canonical(std::string_view canonical, crypto::Signer& signer) {
    const crypto::PublicKey& key = signer.public_key();
    TRY(Bytes value, signer.sign(signed_message(key.type(), canonical)));
    return Signature{key.key_id(), std::move(value), {}};
}

Result<Bytes> write_envelope(const json::Object& body, std::span<const Signature> signatures) {
    json::Array list;
    for (const Signature& signature : signatures) list.emplace_back(to_json(signature));
    TRY(const std::string text, json::sorted(json::Object{{"signatures", std::move(list)}, {"signed", body}}));
    return Bytes(text.begin(), text.end());
}

Result<Bytes> sign(const json::Object& body, std::span<crypto::Signer* const> signers) {
    TRY(const std::string canonical, json::canonical(body));
    ENSURE(check_printable(canonical));
    std::vector<Signature> signatures;
    for (crypto::Signer* signer : signers) {
        TRY(Signature signature, sign_canonical(canonical, *signer));
        signatures.push_back(std::move(signature));
    }
    return write_envelope(body, signatures);
}

}  // namespace pitstop::uptane
