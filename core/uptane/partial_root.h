// A Director Root in a bundle, read in place as far as a small ECU needs it (TUF §4.3, Uptane 2.1.0 #check_root).
// ECU profile.
//
// Read are its head and the roles root, targets and time; the keys of those are decoded when they are asked for. The
// other roles stay under the signatures and are not looked at. It is believed only after check_signatures with the keys
// of the Root before it, and with its own.
//
// Bring the body of a signed file, whose bytes stay, and room for one key.
// Faults: base.*; uptane.wrong-role, wrong-spec-version, bad-member, bad-key, unknown-keyid, bad-threshold.
#pragma once

#include "core/uptane/partial_keys.h"

namespace pitstop::uptane {

using KeyRoom = std::array<std::uint8_t, crypto::spki_size_bytes_max>;

class RootText final : public KeySource {
public:
    static Result<RootText> read(const json_text::Value& body, crypto::Verifier& crypto, KeyRoom& room);

    [[nodiscard]] const FileHead& head() const { return head_; }
    [[nodiscard]] RoleRule rule(KeyRole role) const override { return rules_[static_cast<std::size_t>(role)]; }
    [[nodiscard]] std::optional<FoundKey> find(KeyRole role, json_text::String keyid) const override;

    // The role's keyids; null where there is no such role.
    [[nodiscard]] std::optional<json_text::Items> keyids(KeyRole role) const;
    // Whatever role it has. Only of a Root that was read: its keys are sound.
    [[nodiscard]] std::optional<FoundKey> key(json_text::String keyid) const;

private:
    RootText(const json_text::Value& keys, const json_text::Value& roles, FileHead head, KeyRoom& room)
        : keys_(keys),
          roles_(roles),
          head_(head),
          room_(&room) {}

    static Result<RootText> read_members(const json_text::Value& body, KeyRoom& room);
    [[nodiscard]] Result<void> check_reachable(KeyRole role, crypto::Verifier& crypto) const;
    [[nodiscard]] Result<std::optional<FoundKey>> decode(json_text::String keyid) const;

    json_text::Value keys_;
    json_text::Value roles_;
    FileHead head_;
    std::array<RoleRule, key_roles.size()> rules_{};
    KeyRoom* room_;
};

}  // namespace pitstop::uptane
