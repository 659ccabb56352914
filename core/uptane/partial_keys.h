// Whether a role of the Director has signed a file, judged without heap (Uptane 2.1.0 #check_root, #check_targets).
// ECU profile.
//
// As check_signatures of envelope.h: unknown keys are passed over, one key counts once however often and under
// whatever keyid it signed, and each family reaches its threshold by itself. Keys of kinds that crypto::Verifier does
// not know count for nothing. Faults: base.*; uptane.classical-missing, post-quantum-missing, threshold-not-reached.
#pragma once

#include "core/crypto/verifier.h"
#include "core/uptane/partial_file.h"

#include <array>
#include <optional>

namespace pitstop::uptane {

inline constexpr std::size_t keys_of_a_role_max = 32;     // role_keys_max of role_keys.h
inline constexpr std::size_t keyid_characters_max = 128;  // keyid_size_bytes_max of role_keys.h

// The roles of the Director's Root that a small ECU needs.
enum class KeyRole : std::uint8_t { root = 0, targets = 1, time = 2 };
inline constexpr std::array key_roles{KeyRole::root, KeyRole::targets, KeyRole::time};
[[nodiscard]] constexpr std::string_view to_string(KeyRole role) {
    switch (role) {
        case KeyRole::root: return "root";
        case KeyRole::targets: return "targets";
        case KeyRole::time: return "time";
    }
    return "root";
}

struct RoleRule {
    std::uint8_t threshold = 0;  // 0: Root does not name this role
    std::uint8_t classical = 0;
    std::uint8_t post_quantum = 0;
    bool takes_batches = false;  // "batch_signatures" (docs/formats/batch.md)
    bool operator==(const RoleRule&) const = default;
};

struct FoundKey {
    crypto::SignatureKind kind;
    View spki;  // until the next call
};

// Port: a Root that is trusted, or shall be.
class KeySource {
public:
    [[nodiscard]] virtual RoleRule rule(KeyRole role) const = 0;
    // The key that the role has under this keyid. Nothing: none, or of a kind that nobody here can check.
    [[nodiscard]] virtual std::optional<FoundKey> find(KeyRole role, json_text::String keyid) const = 0;

protected:
    KeySource() = default;
    KeySource(const KeySource&) = default;
    KeySource& operator=(const KeySource&) = default;
    ~KeySource() = default;
};

// Different keys, by their material.
class KeySet {
public:
    explicit KeySet(crypto::Verifier& crypto) : crypto_(crypto) {}

    // False: it was there before, or there is no room for more.
    bool insert(const FoundKey& key);
    [[nodiscard]] bool contains(View spki) const;
    [[nodiscard]] std::size_t classical() const { return size_ - post_quantum_; }
    [[nodiscard]] std::size_t post_quantum() const { return post_quantum_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool reaches(const RoleRule& rule) const {
        return classical() >= rule.classical && post_quantum() >= rule.post_quantum && size() >= rule.threshold;
    }

private:
    [[nodiscard]] Sha256Digest digest_of(View spki) const;

    crypto::Verifier& crypto_;
    std::array<Sha256Digest, keys_of_a_role_max> digests_{};
    std::size_t size_ = 0;
    std::size_t post_quantum_ = 0;
};

// Room to decode one signature in.
using SignatureRoom = std::array<std::uint8_t, crypto::signature_bytes_max>;

[[nodiscard]] Result<void> check_signatures(const SignedFile& file, const KeySource& keys, KeyRole role,
                                            crypto::Verifier& crypto, SignatureRoom& room);

}  // namespace pitstop::uptane
