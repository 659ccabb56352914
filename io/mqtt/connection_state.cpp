#include "io/mqtt/connection_state.h"

#include "io/log/log.h"
#include "io/mqtt/faults.h"

#include <format>

namespace pitstop::io::mqtt {

ConnectionState::ConnectionState(Loop& loop, Expected expected, std::shared_ptr<const Handshake> handshake,
                                 std::size_t inbox_max, metrics::Registry& registry)
    : expected_(std::move(expected)),
      handshake_(std::move(handshake)),
      inbox_max_(inbox_max),
      connects_(registry.counter("pitstop_mqtt_connects_total", "Connections to the broker.")),
      received_(registry.counter("pitstop_mqtt_received_total", "Messages received.")),
      published_(registry.counter("pitstop_mqtt_published_total", "Messages that the broker took.")),
      dropped_(registry.counter("pitstop_mqtt_dropped_total", "Messages dropped because the inbox was full.")),
      arrived_(loop) {}

void ConnectionState::broken() {
    if (link_ == Link::up) failed("closed the connection");
    if (attempt_is_open_) refused("closed the connection before accepting it; does it trust our certificate?");
}

void ConnectionState::attempts() {
    broken();
    attempt_is_open_ = true;
}

void ConnectionState::failed(std::string_view why) {
    // The alert explains what the library only sees as a broken connection.
    if (handshake_->alert.empty())
        return down(Error(faults::connection_lost, std::format("{}: {}", expected_.broker, why)));
    down(Error(faults::connection_refused, std::format("{}: TLS alert: {}", expected_.broker, handshake_->alert)));
}

void ConnectionState::refused(std::string_view why) {
    down(Error(faults::connection_refused, std::format("{}: {}", expected_.broker, why)));
}

void ConnectionState::accepted(Session session) {
    attempt_is_open_ = false;
    const auto negotiated = handshake_->negotiated.value_or(tls::Negotiated{});
    if (auto checked = tls::check_negotiated(expected_.profile, expected_.hybrid, negotiated); !checked) {
        down(checked.error());
        return close();
    }
    link_ = Link::up;
    last_failure_.clear();
    connects_.add();
    log::info("connected to the broker {} ({}, {}, {})", expected_.broker, negotiated.group, negotiated.signature,
              negotiated.cipher);
    inbox_.emplace_back(Connected{session, negotiated});
    arrived_.notify();
}

// One event and one line of log for a row of failures that are all the same.
void ConnectionState::down(Error reason) {
    attempt_is_open_ = false;
    if (reason.str() != last_failure_) log::problem(reason, "broker");
    last_failure_ = reason.str();
    if (link_ == Link::down) return;
    link_ = Link::down;
    inbox_.emplace_back(Disconnected{std::move(reason)});
    arrived_.notify();
}

void ConnectionState::push(Message message) {
    received_.add();
    if (inbox_.size() >= inbox_max_) return dropped_.add();
    inbox_.emplace_back(std::move(message));
    arrived_.notify();
}

void ConnectionState::close() {
    closed_ = true;
    arrived_.notify();
}

Task<Incoming> ConnectionState::next() {
    while (inbox_.empty() && !closed_) co_await arrived_.wait();
    if (inbox_.empty()) co_return fail(faults::closed, expected_.broker);
    Incoming first = std::move(inbox_.front());
    inbox_.pop_front();
    co_return first;
}

}  // namespace pitstop::io::mqtt
