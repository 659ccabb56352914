// Port: the one bank of an ECU that has no second, and the two sectors of its journal. ECU profile.
//
// Flash: an erase takes one sector to 0xFF, programming only clears bits and comes in whole, aligned units; power may
// fail during either, which then is half done. core/flash's FlashDevice fills it. Units: bytes, from the bank's start.
#pragma once

#include "core/base/bytes.h"

namespace pitstop::delta {

class Bank {
public:
    static constexpr std::uint32_t program_unit_bytes_max = 256;

    [[nodiscard]] virtual std::uint32_t size_bytes() const = 0;  // a whole number of sectors
    [[nodiscard]] virtual std::uint32_t sector_bytes() const = 0;
    [[nodiscard]] virtual std::uint32_t program_unit_bytes() const = 0;
    [[nodiscard]] virtual Result<void> erase(std::uint32_t sector_offset) = 0;
    [[nodiscard]] virtual Result<void> program(std::uint32_t offset, View units) = 0;
    [[nodiscard]] virtual Result<void> read(std::uint32_t offset, Room into) = 0;

protected:
    Bank() = default;
    Bank(const Bank&) = default;
    Bank& operator=(const Bank&) = default;
    ~Bank() = default;
};

}  // namespace pitstop::delta
