#include "core/uptane/signed_object.h"

#include "core/uptane/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::uptane {
namespace {

Result<void> check_kind(const json::Object& body, std::string_view type) {
    TRY(const std::string is, json::string(body, "_type"));
    if (is != type) return fail(faults::wrong_role, std::format("'{:.40}' instead of '{}'", is, type));
    TRY(const std::string version, json::string(body, "spec_version"));
    if (!version.starts_with("1.0.") || version.size() < 5 || version.size() > 8 ||
        version.find_first_not_of("0123456789", 4) != std::string::npos)
        return fail(faults::wrong_spec_version, std::format("'{:.40}'", version));
    return {};
}

Result<Signature> read_signature(const json::Value& value) {
    TRY(const json::Object* object, json::as_object(value, "a signature"));
    Signature signature;
    TRY(signature.keyid, json::string(*object, "keyid"));
    TRY(const std::string hex, json::string(*object, "sig"));
    if (hex.size() > 2 * signature_size_bytes_max)
        return fail(faults::bad_member, std::format("'sig' has {} digits", hex.size()));
    TRY(signature.value, from_hex(hex));
    return signature;
}

}  // namespace

Result<Envelope> open_signed(const json::Object& from, std::string_view type, std::size_t signatures_allowed) {
    TRY(const json::Object* body, json::object(from, "signed"));
    ENSURE(check_kind(*body, type));
    TRY(const json::Array* list, json::array(from, "signatures"));
    if (list->size() > signatures_allowed)  // each of them may cost a verification
        return fail(faults::too_many_signatures, std::format("{}, allowed are {}", list->size(), signatures_allowed));
    Envelope envelope;
    for (const json::Value& value : *list) {
        TRY(Signature signature, read_signature(value));
        envelope.signatures.push_back(std::move(signature));
    }
    TRY(envelope.canonical, json::canonical(*body));
    envelope.body = *body;
    return envelope;
}

json::Object write_kind(std::string_view type) { return {{"_type", type}, {"spec_version", "1.0.31"}}; }

Result<Nonce> nonce_from_hex(std::string_view text) {
    Nonce nonce{};
    if (text.size() != 2 * nonce.size())
        return fail(faults::bad_member, std::format("a nonce has {} digits instead of 32", text.size()));
    TRY(const Bytes bytes, from_hex(text));
    std::ranges::copy(bytes, nonce.begin());
    return nonce;
}

Result<AttackCode> read_attack_code(const json::Object& from) {
    TRY(const std::string code, json::string(from, "previous_attack"));
    const bool formed = code.size() <= 64 && std::ranges::all_of(code, [](char c) {
                            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
                        });
    if (!formed) return fail(faults::bad_member, "'previous_attack' is no fault code");
    return AttackCode(code);
}

}  // namespace pitstop::uptane
