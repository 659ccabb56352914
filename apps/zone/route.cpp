#include "apps/zone/route.h"

#include "core/uds/services.h"
#include "io/log/log.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pitstop::zone {
namespace {

namespace can = io::can;
namespace log = io::log;

using Verdict = uds::SessionOwner::Verdict;

constexpr std::array<std::uint8_t, 2> end_of_session_silently{0x10, 0x81};

}  // namespace

Route::Route(io::Loop& loop, RouteSettings settings)
    : loop_(loop),
      settings_(std::move(settings)),
      arrived_(loop),
      owner_due_(loop.context()) {}

Result<void> Route::open(can::BusClient& bus) {
    const auto isotp = settings_.format == CanFormat::fd ? can::fd_settings(settings_.request, settings_.response)
                                                         : can::classic_settings(settings_.request, settings_.response);
    TRY(link_, can::IsotpLink::open(bus, isotp));
    bus_ = &bus;
    // Who owned a session before this zone started is not known any more.
    waiting_.push_back({Bytes(end_of_session_silently.begin(), end_of_session_silently.end()), {}});
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

bool Route::is_kept_from(const Sink& sink, View uds) const {
    const Verdict verdict = owner_.judge(sink.get(), uds);
    return verdict == Verdict::busy || verdict == Verdict::wait;
}

void Route::refuse(View uds, const Sink& sink) const {
    if (const auto instead = uds::answer_instead(Verdict::busy, uds))
        sink->reply(settings_.ecu.address(), instead->view());
}

void Route::on_request(View uds, const Sink& sink, OnSent on_sent) {
    // The ECU's next words are for somebody else: it would refuse this one too, but nobody could tell the answers
    // apart.
    if (is_taken_by_other(sink) || (claimed_by_ && claimed_by_ != sink)) return refuse(uds, sink);
    const Verdict verdict = owner_.judge(sink.get(), uds);
    if (verdict == Verdict::wait && held_.size() < waiting_max) {
        held_.push_back({Bytes(uds.begin(), uds.end()), sink, std::move(on_sent)});
        return;
    }
    if (verdict != Verdict::pass) {
        if (const auto instead = uds::answer_instead(verdict, uds))
            sink->reply(settings_.ecu.address(), instead->view());
        return;
    }
    owner_.on_request(sink.get(), uds, loop_.now());
    physical_.sink = sink;
    physical_.service = uds[0];
    if (!uds::suppresses_positive_answer(uds)) physical_.ends = loop_.now() + turn_limit;
    waiting_.push_back({Bytes(uds.begin(), uds.end()), std::move(on_sent)});
    arrived_.notify();
    follow_owner();
}

void Route::on_closed(const io::ethernet::ReplySink& sink) {
    std::erase_if(held_, [&](const Held& each) { return each.sink.get() == &sink; });
    if (!owner_.on_closed(&sink, loop_.now())) return;
    log::info("{}: the connection that opened its session is closed: default session", settings_.ecu.str());
    follow_owner();
}

// Ends a session whose owner has gone; those who came meanwhile have their turn then, or hear that the ECU is busy.
void Route::follow_owner() {
    const bool ends_now = owner_.ends_session(loop_.now());
    if (ends_now || !owner_.is_ending()) {
        for (Held& each : std::exchange(held_, {}))
            ends_now ? refuse(each.uds, each.sink) : on_request(each.uds, each.sink, std::move(each.on_sent));
    }
    if (ends_now) {
        const auto& request = uds::SessionOwner::end_of_session;
        waiting_.push_back({Bytes(request.begin(), request.end()), {}});
        arrived_.notify();
    }
    const auto due = owner_.deadline();
    if (!due) return static_cast<void>(owner_due_.cancel());
    owner_due_.expires_after(std::max(*due - loop_.now(), std::chrono::microseconds(0)));
    owner_due_.async_wait([this, alive = std::weak_ptr<char>(alive_)](const boost::system::error_code& code) {
        if (!code && !alive.expired()) follow_owner();
    });
}

void Route::expect_answer(View functional, const Sink& sink) {
    functional_ = {sink, loop_.now() + turn_limit, functional[0]};
    if (owner_.judge(sink.get(), functional) != Verdict::pass) return;
    owner_.on_request(sink.get(), functional, loop_.now());
    follow_owner();
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
    const std::uint8_t service = uds::service_of_answer(uds);
    const bool fits_physical = physical_.is_on(loop_.now()) && physical_.service == service;
    return functional_.is_on(loop_.now()) && functional_.service == service && !fits_physical;
}

void Route::on_answer(View uds) {
    const bool ended = owner_.is_ending() && uds::service_of_answer(uds) == uds::SessionOwner::end_of_session[0];
    owner_.on_answer(uds, loop_.now());
    follow_owner();
    if (ended) return;  // nobody asked for it
    Turn& turn = answers_functional(uds) ? functional_ : physical_;
    if (!turn.sink) return;
    const Sink sink = turn.sink;  // it may ask again at once
    turn.ends = uds::is_pending_answer(uds) ? loop_.now() + turn_limit : loop_.now();
    sink->reply(settings_.ecu.address(), uds);
}

}  // namespace pitstop::zone
