#include "apps/ecu/routine_results.h"

#include "core/flash/routine_status.h"

#include <algorithm>
#include <utility>

namespace pitstop::ecu {

using uds::Nrc;

void RoutineResults::started(std::uint16_t rid, const uds::Reply& out) {
    running_ = rid;
    record_at_ = out.size();
}

void RoutineResults::went_on(const uds::Outcome& outcome, const uds::Reply& out) {
    succeeded_.reset();
    if (!running_ || outcome.is_pending()) return;
    const std::uint16_t ended = *std::exchange(running_, std::nullopt);
    const auto at = std::ranges::find(routines, ended);
    if (at == routines.end() || outcome.nrc() != Nrc::positive_response) return;
    const View record = out.written().subspan(record_at_);
    records_[static_cast<std::size_t>(at - routines.begin())].assign(record.begin(), record.end());
    if (!record.empty() && record[0] == flash::routine_succeeded) succeeded_ = ended;
}

Nrc RoutineResults::results(std::uint16_t rid, uds::Reply& out) const {
    const auto at = std::ranges::find(routines, rid);
    if (at == routines.end()) return Nrc::request_out_of_range;
    const Bytes& record = records_[static_cast<std::size_t>(at - routines.begin())];
    if (record.empty()) return Nrc::request_sequence_error;
    out.put(record);
    return Nrc::positive_response;
}

Nrc RoutineResults::stop(std::uint16_t rid) {
    return std::ranges::contains(routines, rid) ? Nrc::sub_function_not_supported : Nrc::request_out_of_range;
}

}  // namespace pitstop::ecu
