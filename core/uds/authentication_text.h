// What is signed at an ECU's door: the text under a proof of ownership (0x29) and under a key (0x27), the same for
// tester and ECU. ECU profile. The bytes stand in docs/formats/access.md.
//
// It names what it is for, the ECU and its vehicle, and both challenges: a proof that was made for one door opens no
// other, and none twice.
#pragma once

#include "core/base/bytes.h"
#include "core/base/text.h"

#include <array>
#include <cstdint>

namespace pitstop::uds {

// The ECU that is asked, as both sides know it.
struct Door {
    std::uint16_t address = 0;  // logical (DoIP) address
    Text<17> vin;
};

enum class ProofPurpose : std::uint8_t { certificate_holder = 'C', security_key = 'K' };

inline constexpr std::size_t challenge_bytes_max = 64;

class ProofText {
public:
    static constexpr std::size_t size_bytes_max = 18 + 2 + 1 + 17 + 2 * (1 + challenge_bytes_max);

    // `level`: of 0x27, otherwise 0. Challenges of at most challenge_bytes_max bytes.
    ProofText(ProofPurpose purpose, std::uint8_t level, const Door& door, View ecu_challenge, View tester_challenge);

    [[nodiscard]] View view() const { return View(bytes_).first(size_); }

private:
    std::array<std::uint8_t, size_bytes_max> bytes_{};
    std::size_t size_ = 0;
};

}  // namespace pitstop::uds
