// What an ECU says about its banks (DID F1A1), so that a tester knows what is left to do after any interruption.
// ECU profile.
//
// On the wire: 41 bytes, big endian.
//   0 running bank (0 A, 1 B, 0xFF boot loader) · 1 committed bank · 2 phase · 3 starts of the image on trial ·
//   4 how the last change ended · 5 committed release counter u32 · 9 SHA-256 of the image that is checked, armed, on
//   trial or being left, zeros when the phase is settled
// Fault: flash.bad-record.
#pragma once

#include "core/flash/boot.h"

#include <array>
#include <cstdint>
#include <optional>

namespace pitstop::flash {

struct BankState {
    std::optional<Bank> running;  // nothing: the boot loader
    Bank committed = Bank::a;
    Phase phase = Phase::settled;
    std::uint8_t attempts = 0;
    LastChange last_change = LastChange::none;
    std::uint32_t release_counter = 0;
    Sha256Digest new_image{};

    friend bool operator==(const BankState&, const BankState&) = default;
};

inline constexpr std::size_t bank_state_size_bytes = 41;
[[nodiscard]] std::array<std::uint8_t, bank_state_size_bytes> to_bytes(const BankState& state);
[[nodiscard]] Result<BankState> parse_bank_state(View bytes);

}  // namespace pitstop::flash
