#include "core/package/addressee.h"

#include "core/package/faults.h"

namespace pitstop::package {
namespace {

constexpr std::string_view gateway_name = "VMG";

}  // namespace

bool is_ecu_address(std::uint16_t address) {
    const unsigned hundreds = address >> 8, tens = address >> 4 & 15, ones = address & 15;
    const unsigned number = hundreds * 100 + tens * 10 + ones;
    return hundreds <= 1 && tens <= 9 && ones <= 9 && number >= 1 && number <= 100;
}

Result<Addressee> Addressee::from_address(std::uint16_t address) {
    if (address == gateway_address) return gateway();
    // Asked before EcuId is, because its explanation would need the heap.
    if (!is_ecu_address(address)) return fail(faults::unknown_address, "target address");
    TRY(const EcuId ecu, EcuId::from_address(address));
    return Addressee(ecu);
}

Result<Addressee> Addressee::parse(std::string_view text) {
    if (text == gateway_name) return gateway();
    TRY(const EcuId ecu, EcuId::parse(text));
    return Addressee(ecu);
}

std::string Addressee::str() const { return ecu_ ? ecu_->str() : std::string(gateway_name); }

}  // namespace pitstop::package
