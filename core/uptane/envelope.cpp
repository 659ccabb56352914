#include "core/uptane/envelope.h"

#include "core/crypto/digest.h"
#include "core/uptane/faults.h"

#include <boost/json/serialize.hpp>

#include <format>
#include <set>

namespace pitstop::uptane {
namespace {

Result<std::vector<Signature>> read_signatures(const json::Array& from) {
    if (from.size() > signatures_max)
        return fail(faults::too_many_signatures, std::format("{}, allowed are {}", from.size(), signatures_max));
    std::vector<Signature> signatures;
    for (const json::Value& value : from) {
        TRY(const json::Object* object, json::as_object(value, "a signature"));
        TRY(std::string keyid, json::string(*object, "keyid"));
        TRY(const std::string hex, json::string(*object, "sig"));
        if (hex.size() > 2 * signature_size_bytes_max)
            return fail(faults::bad_member, std::format("'sig' has {} digits", hex.size()));
        TRY(Bytes bytes, from_hex(hex));
        signatures.push_back({std::move(keyid), std::move(bytes)});
    }
    return signatures;
}

}  // namespace

Result<Envelope> open_envelope(View file, Role role) {
    if (file.size() > size_bytes_max(role))
        return fail(faults::too_large,
                    std::format("{}: {} bytes, allowed are {}", to_string(role), file.size(), size_bytes_max(role)));
    TRY(const json::Value document, json::parse(file, size_bytes_max(role)));
    TRY(const json::Object* object, json::as_object(document, "a metadata file"));
    TRY(const json::Object* body, json::object(*object, "signed"));
    TRY(const json::Array* list, json::array(*object, "signatures"));
    TRY(std::vector<Signature> signatures, read_signatures(*list));
    TRY(std::string canonical, json::canonical(*body));
    return Envelope{*body, std::move(canonical), std::move(signatures)};
}

Bytes signed_message(crypto::KeyType type, std::string_view canonical) {
    if (crypto::family(type) == crypto::Family::classical) return Bytes(canonical.begin(), canonical.end());
    Bytes message{'t', 'u', 'f', 0x01};
    const Sha512Digest digest = crypto::sha512(view_of(canonical));
    message.insert(message.end(), digest.begin(), digest.end());
    return message;
}

Result<void> check_signatures(const Envelope& envelope, const Root& root, Role role) {
    const RoleKeys& allowed = root.of(role);
    std::set<std::string> classical, post_quantum;  // key material that has signed, whatever keyid it came under
    for (const Signature& signature : envelope.signatures) {
        if (std::ranges::find(allowed.keyids, signature.keyid) == allowed.keyids.end()) continue;
        const auto found = root.keys.find(signature.keyid);
        if (found == root.keys.end()) continue;
        const crypto::PublicKey& key = found->second;
        auto& counted = crypto::family(key.type()) == crypto::Family::classical ? classical : post_quantum;
        if (counted.contains(key.key_id())) continue;
        if (crypto::verify(key, signed_message(key.type(), envelope.canonical), signature.value))
            counted.insert(key.key_id());
    }
    const auto explain = [&](std::size_t there, std::uint32_t needed) {
        return std::format("{}: {} good of {} needed", to_string(role), there, needed);
    };
    if (classical.size() < allowed.families.classical)
        return fail(faults::classical_missing, explain(classical.size(), allowed.families.classical));
    if (post_quantum.size() < allowed.families.post_quantum)
        return fail(faults::post_quantum_missing, explain(post_quantum.size(), allowed.families.post_quantum));
    const std::size_t together = classical.size() + post_quantum.size();
    if (together < allowed.threshold) return fail(faults::threshold_not_reached, explain(together, allowed.threshold));
    return {};
}

Result<Bytes> sign(const json::Object& body, std::span<crypto::Signer* const> signers) {
    TRY(const std::string canonical, json::canonical(body));
    json::Array signatures;
    for (crypto::Signer* signer : signers) {
        const crypto::PublicKey& key = signer->public_key();
        TRY(const Bytes value, signer->sign(signed_message(key.type(), canonical)));
        signatures.push_back(json::Object{{"keyid", key.key_id()}, {"sig", to_hex(value)}});
    }
    // Not in canonical form: that leaves the line ends inside PEM unescaped, which no JSON parser takes.
    const std::string text =
        boost::json::serialize(json::Object{{"signatures", std::move(signatures)}, {"signed", body}});
    return Bytes(text.begin(), text.end());
}

}  // namespace pitstop::uptane
