#include "apps/zone/route.h"

#include "core/uds/services.h"
#include "io/log/log.h"

#include <array>
#include <utility>

namespace pitstop::zone {
namespace {

namespace can = io::can;
namespace log = io::log;

constexpr std::size_t classic_message_bytes_max = 4095;  // what the 12 bits of a first frame can announce

bool is_pending(View uds) {
    return uds.size() == 3 && uds[0] == uds::negative_response_sid &&
           uds[2] == static_cast<std::uint8_t>(uds::Nrc::request_correctly_received_response_pending);
}

}  // namespace

Route::Route(io::Loop& loop, RouteSettings settings) : loop_(loop), settings_(std::move(settings)), arrived_(loop) {}

Result<void> Route::open(can::BusClient& bus) {
    const auto isotp = settings_.format == CanFormat::fd ? can::fd_settings(settings_.request, settings_.response)
                                                         : can::classic_settings(settings_.request, settings_.response);
    TRY(link_, can::IsotpLink::open(bus, isotp));
    bus_ = &bus;
    loop_.spawn("requests to " + settings_.ecu.str(), send());
    loop_.spawn("answers of " + settings_.ecu.str(), receive());
    return {};
}

doip::Delivery Route::look_up(std::size_t uds_size_bytes) const {
    const std::size_t size_max =
        settings_.format == CanFormat::fd ? can::message_size_bytes_max : classic_message_bytes_max;
    if (uds_size_bytes > size_max) return doip::Delivery::message_too_large;
    if (bus_ == nullptr || !bus_->connected()) return doip::Delivery::target_unreachable;
    return waiting_.size() < waiting_max ? doip::Delivery::accepted : doip::Delivery::out_of_memory;
}

void Route::on_request(View uds, const std::shared_ptr<io::ethernet::ReplySink>& sink) {
    const Tick now = loop_.now();
    if (asked_by_ && asked_by_ != sink && now < turn_ends_) {
        // The ECU's next words are for somebody else: it would refuse this one too, but nobody could tell the answers
        // apart.
        const std::array<std::uint8_t, 3> busy{uds::negative_response_sid, uds[0],
                                               static_cast<std::uint8_t>(uds::Nrc::busy_repeat_request)};
        return sink->reply(settings_.ecu.address(), busy);
    }
    asked_by_ = sink;
    if (!uds::suppresses_positive_answer(uds)) turn_ends_ = now + turn_limit;
    waiting_.emplace_back(uds.begin(), uds.end());
    arrived_.notify();
}

io::Task<void> Route::send() {
    while (true) {
        while (waiting_.empty()) co_await arrived_.wait();
        const Bytes request = std::move(waiting_.front());
        waiting_.pop_front();
        if (auto sent = co_await link_->send(request); !sent) log::problem(sent.error(), settings_.ecu.str());
    }
}

io::Task<void> Route::receive() {
    while (true) {
        const auto answer = co_await link_->receive();
        if (answer)
            on_answer(answer->message);
        else
            log::problem(answer.error(), settings_.ecu.str());
    }
}

void Route::on_answer(View uds) {
    if (!asked_by_) return;
    asked_by_->reply(settings_.ecu.address(), uds);
    turn_ends_ = is_pending(uds) ? loop_.now() + turn_limit : loop_.now();
}

}  // namespace pitstop::zone
