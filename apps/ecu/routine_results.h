// What RequestRoutineResults (31 03) answers: the status record of each routine's last run since power-on. A routine
// runs to its end within its own request, so there is never one to be stopped.
#pragma once

#include "core/uds/application.h"

#include <array>
#include <cstdint>
#include <optional>

namespace pitstop::ecu {

class RoutineResults {
public:
    // Around each call into a routine: what it puts into `out` from its start on is its record when it is done.
    void started(std::uint16_t rid, const uds::Reply& out);
    void went_on(const uds::Outcome& outcome, const uds::Reply& out);
    // With the last call it came to its end, and well.
    [[nodiscard]] bool just_succeeded(std::uint16_t rid) const { return succeeded_ == rid; }

    // request_out_of_range: no such routine. request_sequence_error: it has not run.
    [[nodiscard]] uds::Nrc results(std::uint16_t rid, uds::Reply& out) const;
    [[nodiscard]] static uds::Nrc stop(std::uint16_t rid);

private:
    static constexpr std::array<std::uint16_t, 8> routines = {
        uds::rid::check_memory,      uds::rid::check_preconditions, uds::rid::activate, uds::rid::roll_back,
        uds::rid::begin_trust_cycle, uds::rid::judge_metadata,      uds::rid::erase,    uds::rid::check_dependencies};

    std::array<Bytes, routines.size()> records_;  // empty: has not run
    std::optional<std::uint16_t> running_, succeeded_;
    std::size_t record_at_ = 0;
};

}  // namespace pitstop::ecu
