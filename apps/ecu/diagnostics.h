// What a virtual ECU has for testers beside its programming, from one power-on to the next: fault memory, log, what may
// be adjusted and read out.
//
// Bring a loop, settings and slots (booted) that outlive it. Its files stand beside the flash's: .dtc, .log,
// .fingerprint, and .programming from an erase to the check of what was programmed.
#pragma once

#include "apps/ecu/adjustments.h"
#include "apps/ecu/event_log.h"
#include "apps/ecu/fault_memory.h"
#include "apps/ecu/memory_map.h"
#include "apps/ecu/settings.h"

namespace pitstop::ecu {

class Diagnostics {
public:
    Diagnostics(const io::Loop& loop, const Settings& settings, flash::Slots& slots);
    Diagnostics(const Diagnostics&) = delete;
    Diagnostics& operator=(const Diagnostics&) = delete;

    [[nodiscard]] uds::Extensions ports() { return {&faults_.store(), &adjustments_, &memory_, &memory_}; }

    // F15A and 0110, and what snapshots consist of: 0100 the time, 0101 the software's numbers.
    [[nodiscard]] uds::Nrc read_data(std::uint16_t did, uds::Reply& out) const;
    void session_changed(uds::Session session);
    [[nodiscard]] bool has_voltage_to_program() const { return adjustments_.has_voltage_to_program(); }
    [[nodiscard]] std::size_t open_fault_count() const { return faults_.open_count(); }
    // Of what lasts; what happened once is reported when it happens.
    void test_for_faults() { adjustments_.test_voltage(); }

    // Programming as it goes: what was begun and not checked when the session or the power cycle ends is a fault, by
    // power cut too. Meanwhile service 85 has the fault memory frozen.
    void programming_begins();
    void programming_ends();
    void resetting();

    void note(std::string_view what) { log_.add(loop_.utc_now(), what); }

private:
    enum class Programming : std::uint8_t { none, under_way, finished };

    void conclude_programming();
    void forget_programming() const;

    const io::Loop& loop_;
    flash::Slots& slots_;
    std::filesystem::path under_way_file_;
    EventLog log_;
    FaultMemory faults_;
    Adjustments adjustments_;
    MemoryMap memory_;
    Programming programming_ = Programming::none;
};

}  // namespace pitstop::ecu
