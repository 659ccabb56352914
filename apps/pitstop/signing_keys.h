// Pairs of signing keys as files: <name>-classical.key (ECDSA P-256) and <name>-pq.key (ML-DSA-65), mode 0600, and
// beside each its public half with the ending .pub.
//
// Single keys, as signers bring them, are FILE.key and FILE.pub.
//
// Faults: cli.already-there, those of io/keys and io/files; cli.wrong-key when a file holds a key of the other family.
#pragma once

#include "core/crypto/signer.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::cli {

struct SigningPair {
    crypto::SoftwareSigner classical, post_quantum;

    [[nodiscard]] std::vector<crypto::Signer*> signers() { return {&classical, &post_quantum}; }
    [[nodiscard]] std::vector<crypto::PublicKey> public_keys() const {
        return {classical.public_key(), post_quantum.public_key()};
    }
};

using Passphrase = std::optional<std::string>;

// From a file of mode 0600; an empty path means none.
[[nodiscard]] Result<Passphrase> passphrase_from(const std::filesystem::path& file);

[[nodiscard]] Result<SigningPair> make_signing_pair(const std::filesystem::path& folder, std::string_view name,
                                                    const Passphrase& passphrase = {});
[[nodiscard]] Result<SigningPair> load_signing_pair(const std::filesystem::path& folder, std::string_view name,
                                                    const Passphrase& passphrase = {});

// FILE.key ↔ FILE.pub; a private file without that ending gets .pub appended.
[[nodiscard]] std::filesystem::path public_half(const std::filesystem::path& private_file);
[[nodiscard]] std::filesystem::path private_half(const std::filesystem::path& public_file);

// "sealed", "open" or "elsewhere", without opening it.
[[nodiscard]] Result<std::string_view> seal_of(const std::filesystem::path& private_file);

// Every FILE.pub in the folder; cli.no-keys when there is none.
[[nodiscard]] Result<std::vector<crypto::PublicKey>> load_public_keys(const std::filesystem::path& folder);

}  // namespace pitstop::cli
