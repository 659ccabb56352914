// A signed metadata file as a small ECU sees it: in place, with the two digests that its signatures need. ECU profile.
//
// open_signed_file says only that the file is {"signatures":[…],"signed":{…}} in the form of json_text.h; who has
// signed it is asked with check_signatures (partial_keys.h).
// Faults: base.*; uptane.too-many-signatures, wrong-role, wrong-spec-version, bad-member.
#pragma once

#include "core/base/time.h"
#include "core/crypto/verifier.h"
#include "core/uptane/json_text.h"

namespace pitstop::uptane {

inline constexpr std::size_t file_signatures_max = 32;      // signatures_max of envelope.h
inline constexpr std::size_t time_file_signatures_max = 4;  // attestation_signatures_max of attested_time.h

struct SignedFile {
    json_text::Value body;        // the `signed` part
    json_text::Value signatures;  // an array
    Sha256Digest sha256{};        // of the canonical body: what ECDSA signs
    Sha512Digest sha512{};        // what TAP 21 puts into ML-DSA's message
};

[[nodiscard]] Result<SignedFile> open_signed_file(View file, std::size_t signatures_allowed, crypto::Verifier& crypto);

// `_type` and `spec_version`.
[[nodiscard]] Result<void> check_kind(const json_text::Value& body, std::string_view type);

struct FileHead {
    std::uint32_t version = 0;
    UtcTime expires;
};
[[nodiscard]] Result<FileHead> read_file_head(const json_text::Value& body, std::string_view type);

// base.bad-time
[[nodiscard]] Result<UtcTime> read_time_member(const json_text::Value& from, std::string_view name);

}  // namespace pitstop::uptane
