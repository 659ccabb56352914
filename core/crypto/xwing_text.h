// An ECU's X-Wing keys as text: what sealed payloads are opened with and made for (docs/formats/sealed.md).
//
// The private text holds the seed of 32 bytes, the public one the key's 1216 bytes, each as Base64 between lines of its
// own, so that neither passes for a signing key:
//
//     -----BEGIN PITSTOP X-WING SEED-----
//     -----BEGIN PITSTOP X-WING KEY-----
//
// Text before a block explains it to people; behind it nothing may stand. Faults: crypto.bad-key.
#pragma once

#include "core/crypto/xwing.h"

#include <string>
#include <string_view>

namespace pitstop::crypto::xwing {

inline constexpr std::size_t public_text_bytes_max = 4096;  // the block has 1.7 KB; the rest is for people

[[nodiscard]] std::string to_text(const PublicKey& key);
[[nodiscard]] Result<PublicKey> public_from_text(std::string_view text);

// Wipe it after use.
[[nodiscard]] std::string seed_to_text(const PrivateKey& key);
[[nodiscard]] Result<PrivateKey> private_from_text(std::string_view text);

// By its first line, whatever follows.
[[nodiscard]] bool is_seed_text(std::string_view text);

void wipe_text(std::string& text);

}  // namespace pitstop::crypto::xwing
