// An ECU's seal key (core/crypto/xwing_text.h) in files: the private one of mode 0600, refused when group or others may
// read it, the public one of mode 0644.
//
// The seed is not sealed with a passphrase: an ECU starts with nobody there. Faults: keys.exposed, keys.unreadable,
// those of io/files; crypto.bad-key with the file's name.
#pragma once

#include "core/crypto/xwing.h"

#include <filesystem>
#include <string_view>

namespace pitstop::io::keys {

[[nodiscard]] Result<void> save_seal_key(const std::filesystem::path& path, const crypto::xwing::PrivateKey& key);
[[nodiscard]] Result<crypto::xwing::PrivateKey> load_seal_key(const std::filesystem::path& path);

// `head`: text before the block, empty or whole lines.
[[nodiscard]] Result<void> save_public_seal_key(const std::filesystem::path& path, const crypto::xwing::PublicKey& key,
                                                std::string_view head = {});
[[nodiscard]] Result<crypto::xwing::PublicKey> load_public_seal_key(const std::filesystem::path& path);

}  // namespace pitstop::io::keys
