// core/uptane: the signed file around every role. Input: the role's name in the first line, then the file.
#include "core/uptane/envelope.h"
#include "fuzz/property.h"

#include <boost/json/serialize.hpp>

using namespace pitstop;
using fuzz::must;
using uptane::Role;

namespace {

Bytes write(const uptane::Envelope& envelope) {
    json::Array signatures;
    for (const auto& signature : envelope.signatures)
        signatures.push_back(json::Object{{"keyid", signature.keyid}, {"sig", to_hex(signature.value)}});
    const std::string text =
        boost::json::serialize(json::Object{{"signed", envelope.body}, {"signatures", std::move(signatures)}});
    return Bytes(text.begin(), text.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [title, file] = fuzz::titled({data, size});
    for (const Role role : {Role::root, Role::timestamp, Role::snapshot, Role::targets}) {
        if (title != to_string(role)) continue;
        const auto envelope = uptane::open_envelope(file, role);
        fuzz::must_repeat(envelope, uptane::open_envelope(file, role));
        if (!envelope) return 0;
        must(envelope->signatures.size() <= uptane::signatures_max, "no more signatures than the cap");
        for (const auto& signature : envelope->signatures)
            must(signature.value.size() <= uptane::signature_size_bytes_max, "no signature above the cap");
        must(json::canonical(envelope->body) == envelope->canonical, "what is signed is the canonical body");
        if (write(*envelope).size() > uptane::size_bytes_max(role)) return 0;
        const auto again = fuzz::must_have(uptane::open_envelope(write(*envelope), role), "it can be said again");
        must(again.canonical == envelope->canonical, "and the signatures still fit");
    }
    return 0;
}
