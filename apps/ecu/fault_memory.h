// The trouble codes of a virtual ECU, kept in a file beside its flash (core/uds/dtc_store.h).
//
//   060145  the software fell back to the one before: it failed its digest or did not become healthy in time
//   060251  programming was begun and left before the image was checked
//   056216  the supply voltage is too low for programming
//
// What cannot be kept is logged: an ECU without a fault memory still drives. Fault: uds.broken-dtc-memory, files.*
#pragma once

#include "core/flash/slots.h"
#include "core/uds/dtc_store.h"

#include <array>
#include <filesystem>

namespace pitstop::ecu {

namespace dtc {
inline constexpr std::uint32_t software_fell_back = 0x060145;
inline constexpr std::uint32_t programming_aborted = 0x060251;
inline constexpr std::uint32_t supply_voltage_low = 0x056216;
}  // namespace dtc

class FaultMemory final : uds::DtcKeeper {
public:
    explicit FaultMemory(std::filesystem::path file) : file_(std::move(file)) {}
    FaultMemory(const FaultMemory&) = delete;
    FaultMemory& operator=(const FaultMemory&) = delete;

    // At each power-on: what the boot says of the last change of software is the first test of the cycle.
    void power_on(const flash::Slots& slots, UtcTime now);
    void report(std::uint32_t code, uds::DtcTest result, UtcTime now);
    [[nodiscard]] uds::DtcStore& store() { return store_; }
    [[nodiscard]] std::size_t open_count() const { return store_.count(uds::dtc_status::confirmed); }

private:
    static constexpr uds::DtcDefinition definitions[] = {
        {dtc::supply_voltage_low}, {dtc::software_fell_back}, {dtc::programming_aborted}};

    Result<void> keep(View memory) override;

    std::filesystem::path file_;
    std::array<uds::DtcEntry, std::size(definitions)> entries_{};
    uds::DtcStore store_{definitions, entries_, *this};
    Version software_;
};

}  // namespace pitstop::ecu
