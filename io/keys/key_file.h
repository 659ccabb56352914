// Private and public keys in files.
//
// Private files are PEM (PKCS#8), written atomically with mode 0600, and refused when group or others may read them:
// the check and the reading are of the same open file. Public files are PEM (SPKI), mode 0644. Faults: keys.exposed,
// keys.unreadable, those of io/files for writing and of core/crypto for what is inside.
#pragma once

#include "core/crypto/private_key.h"

#include <filesystem>
#include <optional>
#include <string_view>

namespace pitstop::io::keys {

[[nodiscard]] Result<void> save_private_key(const std::filesystem::path& path, const crypto::PrivateKey& key,
                                            std::optional<std::string_view> passphrase = {});
[[nodiscard]] Result<crypto::PrivateKey> load_private_key(const std::filesystem::path& path,
                                                          std::optional<std::string_view> passphrase = {});

[[nodiscard]] Result<void> save_public_key(const std::filesystem::path& path, const crypto::PublicKey& key);
[[nodiscard]] Result<crypto::PublicKey> load_public_key(const std::filesystem::path& path);

// A small secret in a file of its own (a passphrase, an API key) under the same rule; a newline at its end is cut off.
inline constexpr std::size_t secret_bytes_max = 1024;  // what OpenSSL takes as a passphrase
[[nodiscard]] Result<std::string> load_secret(const std::filesystem::path& path);

}  // namespace pitstop::io::keys
