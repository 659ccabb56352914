// An ECU's seal key and whose it is: FILE.key (mode 0600, stays with the ECU) and FILE.seal, which whoever seals a
// package for the ECU needs, with a line "Name: brake controller, bench 2" before its block as in FILE.pub.
//
// Another ending than FILE.pub's: a folder of signing keys may hold them too, and no role takes one for a signer's.
// Faults: cli.bad-person, those of io/keys and io/files; crypto.bad-key.
#pragma once

#include "core/crypto/xwing.h"

#include <filesystem>
#include <string>

namespace pitstop::cli {

inline constexpr const char* seal_key_type = "x-wing";

struct NamedSealKey {
    crypto::xwing::PublicKey key;
    std::string name;  // empty: nobody said
};

[[nodiscard]] Result<NamedSealKey> read_named_seal_key(const std::filesystem::path& file);
[[nodiscard]] Result<void> write_named_seal_key(const std::filesystem::path& file, const NamedSealKey& key);

// FILE.key → FILE.seal; without that ending .seal is appended.
[[nodiscard]] std::filesystem::path seal_half(const std::filesystem::path& private_file);

// By the first line of the file.
[[nodiscard]] Result<bool> holds_a_seal_key(const std::filesystem::path& private_file);

}  // namespace pitstop::cli
