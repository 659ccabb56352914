#include "apps/zone/route.h"

#include "core/uds/services.h"
#include "io/log/log.h"

#include <array>
#include <utility>

namespace pitstop::zone {
namespace {

namespace can = io::can;
namespace log = io::log;

bool is_pending(View uds) {
    return uds.size() == 3 && uds[0] == uds::negative_response_sid &&
           uds[2] == static_cast<std::uint8_t>(uds::Nrc::request_correctly_received_response_pending);
}

// The service that an answer answers; 0: it is none.
std::uint8_t service_of(View uds) {
    if (uds.size() >= 2 && uds[0] == uds::negative_response_sid) return uds[1];
    return uds.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(uds[0] - uds::positive_offset);
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
    if (uds_size_bytes > can::message_size_bytes_max) return doip::Delivery::message_too_large;
    if (!is_open()) return doip::Delivery::target_unreachable;
    return waiting_.size() < waiting_max ? doip::Delivery::accepted : doip::Delivery::out_of_memory;
}

bool Route::is_taken_by_other(const Sink& sink) const { return physical_.is_on(loop_.now()) && physical_.sink != sink; }

void Route::on_request(View uds, const Sink& sink, OnSent on_sent) {
    if (is_taken_by_other(sink) || (claimed_by_ && claimed_by_ != sink)) {
        // The ECU's next words are for somebody else: it would refuse this one too, but nobody could tell the answers
        // apart.
        const std::array<std::uint8_t, 3> busy{uds::negative_response_sid, uds[0],
                                               static_cast<std::uint8_t>(uds::Nrc::busy_repeat_request)};
        return sink->reply(settings_.ecu.address(), busy);
    }
    physical_.sink = sink;
    physical_.service = uds[0];
    if (!uds::suppresses_positive_answer(uds)) physical_.ends = loop_.now() + turn_limit;
    waiting_.push_back({Bytes(uds.begin(), uds.end()), std::move(on_sent)});
    arrived_.notify();
}

void Route::expect_answer(View functional, const Sink& sink) {
    functional_ = {sink, loop_.now() + turn_limit, functional[0]};
}

io::Task<void> Route::send() {
    while (true) {
        while (waiting_.empty()) co_await arrived_.wait();
        const Waiting request = std::move(waiting_.front());
        waiting_.pop_front();
        const Result<void> sent = co_await link_->send(request.uds);
        if (!sent) log::problem(sent.error(), settings_.ecu.str());
        if (request.on_sent) request.on_sent(sent);
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

// Where both were asked the same, the first answer goes to the one who asked this ECU alone.
bool Route::answers_functional(View uds) const {
    const std::uint8_t service = service_of(uds);
    const bool fits_physical = physical_.is_on(loop_.now()) && physical_.service == service;
    return functional_.is_on(loop_.now()) && functional_.service == service && !fits_physical;
}

void Route::on_answer(View uds) {
    Turn& turn = answers_functional(uds) ? functional_ : physical_;
    if (!turn.sink) return;
    const Sink sink = turn.sink;  // it may ask again at once
    turn.ends = is_pending(uds) ? loop_.now() + turn_limit : loop_.now();
    sink->reply(settings_.ecu.address(), uds);
}

}  // namespace pitstop::zone
