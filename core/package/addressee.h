// For whom a record is: one of the vehicle's ECUs, or the master gateway (VMG) that receives them all. ECU profile, but
// for the texts.
//
// Its address is the logical one of DoIP: an ECU's number in decimal digits read as hex, 0x0E00 for the VMG.
// Faults: package.unknown-address for an address, base.bad-ecu-id for a text.
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pitstop::package {

inline constexpr std::uint16_t gateway_address = 0x0E00;

class Addressee {
public:
    // An ECU is one: not explicit, so that both can be compared.
    Addressee(EcuId ecu) : ecu_(ecu) {}
    [[nodiscard]] static Addressee gateway() { return Addressee(); }
    [[nodiscard]] static Result<Addressee> from_address(std::uint16_t address);
    [[nodiscard]] static Result<Addressee> parse(std::string_view text);  // "ECU_011" or "VMG"

    [[nodiscard]] const std::optional<EcuId>& ecu() const { return ecu_; }  // nothing: the gateway
    [[nodiscard]] std::uint16_t address() const { return ecu_ ? ecu_->address() : gateway_address; }
    [[nodiscard]] std::string str() const;
    auto operator<=>(const Addressee&) const = default;

private:
    Addressee() = default;
    std::optional<EcuId> ecu_;
};

// Whether an ECU can have this address.
[[nodiscard]] bool is_ecu_address(std::uint16_t address);

}  // namespace pitstop::package
