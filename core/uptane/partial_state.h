// What a small ECU trusts of the Director, in storage that the caller lends. ECU profile.
//
// The storage is the form in which the state is saved (docs/formats/bundle.md), so bytes() goes to flash::TrustArea as
// it is, and what came from there is opened where it lies. The area's digest finds damage; open() refuses what was
// never written by this version. Nobody but PartialVerifier changes a state.
//
// Faults: uptane.broken-state, too-many-keys; those of partial_root.h.
#pragma once

#include "core/uptane/partial_root.h"

namespace pitstop::uptane {

class PartialState final : public KeySource {
public:
    // Three roles with one key of each family, ML-DSA-65, take 6.2 KiB; with ML-DSA-87, 8.1 KiB.
    static constexpr std::size_t storage_bytes_usual = 10 * 1024;
    static constexpr std::size_t head_size_bytes = 84;
    static constexpr std::size_t label_size_bytes = 10;  // per keyid of a role
    // Keyids of the three roles together, and different keys behind them: a few signers each, with room for more.
    static constexpr std::size_t labels_max = 64;
    static constexpr std::size_t keys_max = keys_of_a_role_max;

    // The first `size` bytes of `storage` as they were saved; the rest is room to grow.
    static Result<PartialState> open(Room storage, std::size_t size_bytes);

    [[nodiscard]] View bytes() const { return storage_.first(size_); }

    [[nodiscard]] std::uint32_t root_version() const;
    [[nodiscard]] UtcTime root_expires() const;
    [[nodiscard]] std::uint32_t targets_version() const;  // 0: none
    [[nodiscard]] Sha256Digest targets_digest() const;    // of the canonical body
    [[nodiscard]] UtcTime attested() const;               // the last time that was attested
    [[nodiscard]] UtcTime confirmed() const;              // the last of them that Targets stood for, or the factory's

    [[nodiscard]] RoleRule rule(KeyRole role) const override;
    [[nodiscard]] std::optional<FoundKey> find(KeyRole role, json_text::String keyid) const override;

private:
    friend class PartialVerifier;  // nobody else may say what is trusted

    PartialState(Room storage, std::size_t size_bytes) : storage_(storage), size_(size_bytes) {}

    // Without a Root, to be given one at once.
    static Result<PartialState> empty(Room storage, UtcTime made_at);
    // Whether the storage holds the root's keys. uptane.too-many-keys
    [[nodiscard]] Result<void> check_room(const RootText& root, crypto::Verifier& crypto) const;
    // Whether files that only the keys of this state signed could still be signed well enough for `next`.
    [[nodiscard]] bool targets_could_return(const RootText& next, crypto::Verifier& crypto) const;
    void adopt(const RootText& root);  // after check_room
    void trust_targets(std::uint32_t version, const Sha256Digest& digest);
    void attest(UtcTime last, UtcTime confirmed);

    [[nodiscard]] std::size_t labels() const;
    [[nodiscard]] std::size_t keys() const;
    [[nodiscard]] FoundKey key_at(std::size_t index) const;
    [[nodiscard]] bool has_key(KeyRole role, View spki) const;
    [[nodiscard]] Result<void> check_keys() const;
    [[nodiscard]] Result<void> check_rules() const;
    [[nodiscard]] std::uint8_t place_of(const FoundKey& key);

    Room storage_;
    std::size_t size_ = 0;
};

}  // namespace pitstop::uptane
