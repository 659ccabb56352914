// A public key and whose it is: FILE.pub with a line "Name: Alice, release office" before the PEM block.
//
// Text before the block is what RFC 7468 §5.2 allows; OpenSSL and io/keys pass over it. Nobody signs the name: it tells
// people apart who were introduced to each other in person, and stands beside the key id wherever it is shown.
//
// Faults: cli.bad-person, those of io/files and crypto.bad-key.
#pragma once

#include "core/crypto/key.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace pitstop::cli {

struct NamedKey {
    crypto::PublicKey key;
    std::string name;  // empty: nobody said
};

inline constexpr std::size_t person_size_max = 80;  // one line of a table

// Printable ASCII: it ends up in what is signed and on a terminal. Empty is fine.
[[nodiscard]] Result<void> check_person(std::string_view name);

[[nodiscard]] Result<NamedKey> read_named_key(const std::filesystem::path& file);
[[nodiscard]] Result<void> write_named_key(const std::filesystem::path& file, const NamedKey& key);

// Key id → name, of every FILE.pub in the folder; who has no name is called like the file. Empty without the folder.
using Names = std::map<std::string, std::string>;
[[nodiscard]] Result<void> add_names(const std::filesystem::path& folder, Names& to);

// "Alice, release office (1f0c88a2…)"
[[nodiscard]] std::string called(const std::string& key_id, const Names& names);

}  // namespace pitstop::cli
