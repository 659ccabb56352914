// What testers may write and adjust in a virtual ECU (services 2E and 2F), and what it reads back.
//
//   F15A  fingerprint: who programmed it last, 1 to 64 bytes, kept in a file beside the flash. Written in the extended
//         or programming session.
//   0110  supply voltage, u16 mV. Adjusting it imitates a weak battery: below programming_mv_min the ECU is not ready
//         for programming and sets a trouble code. The control ends with the default session.
//
// Fault: files.*
#pragma once

#include "apps/ecu/fault_memory.h"
#include "core/uds/extensions.h"
#include "io/runtime/loop.h"

#include <filesystem>
#include <optional>

namespace pitstop::ecu {

class Adjustments final : public uds::Adjustable {
public:
    static constexpr std::uint16_t supply_voltage_did = 0x0110;
    static constexpr std::uint16_t usual_mv = 12'600, programming_mv_min = 11'000;
    static constexpr std::size_t fingerprint_bytes_max = 64;

    Adjustments(std::filesystem::path fingerprint_file, FaultMemory& faults, const io::Loop& loop)
        : fingerprint_file_(std::move(fingerprint_file)),
          faults_(faults),
          loop_(loop) {}

    void session_changed(uds::Session session);
    // The two identifiers above; request_out_of_range for others.
    [[nodiscard]] uds::Nrc read_data(std::uint16_t did, uds::Reply& out) const;
    [[nodiscard]] bool has_voltage_to_program() const { return voltage_mv() >= programming_mv_min; }
    void test_voltage();  // and report it to the fault memory

    uds::Nrc write_data(std::uint16_t did, View data) override;
    uds::Nrc control(std::uint16_t did, uds::InputOutputControl wanted, View state_and_mask, uds::Reply& out) override;

private:
    [[nodiscard]] std::uint16_t voltage_mv() const { return imposed_mv_.value_or(usual_mv); }
    void impose(std::optional<std::uint16_t> voltage_mv);

    std::filesystem::path fingerprint_file_;
    FaultMemory& faults_;
    const io::Loop& loop_;
    uds::Session session_ = uds::Session::default_;
    std::optional<std::uint16_t> imposed_mv_;
};

}  // namespace pitstop::ecu
