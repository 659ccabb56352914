#include "core/uds/exchange.h"

#include "core/uds/faults.h"

#include <algorithm>
#include <format>
#include <utility>

namespace pitstop::uds {

namespace {

// How many bytes after the service a positive answer repeats. With several DIDs unknown ones are left out: nothing is
// sure.
std::size_t echo_size_of(View request) {
    switch (static_cast<Service>(request[0])) {
        case Service::routine_control:
        case Service::input_output_control_by_identifier: return 3;
        case Service::read_data_by_identifier: return request.size() == 3 ? 2 : 0;
        case Service::write_data_by_identifier: return 2;
        case Service::transfer_data:
        case Service::request_file_transfer:
        case Service::write_memory_by_address: return 1;
        default: return has_sub_function(request[0]) ? 1 : 0;
    }
}

std::string name_of(std::uint8_t service) {
    const auto name = to_string(static_cast<Service>(service));
    return name.empty() ? std::format("service 0x{:02X}", service) : std::string(name);
}

}  // namespace

Exchange::Exchange(View request, TesterTimings timings, Tick now)
    : timings_(timings),
      deadline_(now + timings.p2),
      end_(now + timings.total) {
    if (request.empty()) return;
    service_ = request[0];
    echo_size_ = std::min(echo_size_of(request), request.size() - 1);
    std::copy_n(request.begin() + 1, echo_size_, echo_.begin());
    if (has_sub_function(service_) && echo_size_ > 0) echo_[0] &= static_cast<std::uint8_t>(~suppress_positive_bit);
}

bool Exchange::answers_this(View positive) const {
    if (positive[0] != static_cast<std::uint8_t>(service_ + positive_offset)) return false;
    return positive.size() > echo_size_ && std::equal(echo_.begin(), echo_.begin() + echo_size_, positive.begin() + 1);
}

Progress Exchange::on_response(View response, Tick now) {
    if (response.empty()) return Waiting{};
    if (response[0] != negative_response_sid) {
        if (answers_this(response)) return Answered{response};
        heard_another_ = heard_another_ || response[0] == static_cast<std::uint8_t>(service_ + positive_offset);
        return Waiting{};
    }
    if (response.size() != 3 || response[1] != service_) return Waiting{};
    const auto nrc = static_cast<Nrc>(response[2]);
    if (nrc != Nrc::request_correctly_received_response_pending) return Refused{nrc};
    if (++pending_count_ > timings_.pending_count_max)
        return Error(faults::pending_too_long, std::format("{}: {} times 0x78", name_of(service_), pending_count_));
    deadline_ = now + timings_.p2_star;
    return Waiting{};
}

Progress Exchange::on_deadline(Tick now) const {
    if (now < deadline()) return Waiting{};
    if (pending_count_ > 0 && now >= end_)
        return Error(faults::pending_too_long,
                     std::format("{}: still pending after {} s", name_of(service_),
                                 std::chrono::duration_cast<std::chrono::seconds>(timings_.total).count()));
    if (heard_another_)
        return Error(faults::strange_answer, std::format("{}: it answers something else", name_of(service_)));
    return Error(faults::no_answer, std::format("{}{}", name_of(service_), pending_count_ > 0 ? ", after a 0x78" : ""));
}

Error to_error(std::uint8_t service, Nrc nrc) {
    return Error(faults::refused, std::format("{} refused: {} (0x{:02X}), {}", name_of(service), to_string(nrc),
                                              static_cast<unsigned>(nrc), clear_text(nrc)));
}

Result<Bytes> positive_or_error(Answer answer, View request) {
    if (answer.refused()) return fail(to_error(request.empty() ? 0 : request[0], answer.refusal));
    return std::move(answer.positive);
}

}  // namespace pitstop::uds
