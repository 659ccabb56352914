#include "io/ethernet/uds_driver.h"

#include "io/ethernet/address_name.h"
#include "io/log/log.h"

#include <algorithm>
#include <array>

namespace pitstop::io::ethernet {

UdsDriver::UdsDriver(Loop& loop, uds::Server& server, std::uint16_t address)
    : loop_(loop),
      server_(server),
      address_(address),
      timer_(loop.context()) {}

void UdsDriver::on_request(View request, uds::Addressing addressing, const std::shared_ptr<ReplySink>& sink) {
    if (is_kept_away(request, sink)) return on_request_lost();
    switch (server_.on_request(request, addressing, loop_.now())) {
        case uds::Intake::taken:
            asked_by_ = sink;
            owner_.on_request(sink.get(), request, loop_.now());
            return advance();
        case uds::Intake::refused_busy:
            // Only this one answer is for the newcomer; the one who is being worked for stays.
            if (const auto busy = server_.poll(loop_.now())) sink->reply(address_, *busy);
            return;
        case uds::Intake::dropped: return;
    }
}

void UdsDriver::on_request_begins() {
    server_.on_request_begins(loop_.now());
    arm();
}

void UdsDriver::on_request_lost() {
    if (!server_.is_request_coming()) return;
    server_.on_request_lost(loop_.now());
    owner_.on_request_lost(loop_.now());
    arm();
}

// A session that is still being ended has a server that works: busy too.
bool UdsDriver::is_kept_away(View request, const std::shared_ptr<ReplySink>& sink) const {
    const auto verdict = owner_.judge(sink.get(), request);
    if (verdict == uds::SessionOwner::Verdict::pass) return false;
    if (const auto instead = uds::answer_instead(verdict, request)) sink->reply(address_, instead->view());
    return true;
}

void UdsDriver::on_closed(const ReplySink& sink) {
    if (!owner_.on_closed(&sink, loop_.now())) return;
    log::info("{}: the connection that opened the session is closed: default session", name_of(address_));
    end_session();
    arm();
}

void UdsDriver::end_session() {
    if (server_.busy() || server_.is_request_coming() || !owner_.ends_session(loop_.now())) return;
    if (server_.on_request(uds::SessionOwner::end_of_session, uds::Addressing::physical, loop_.now()) ==
        uds::Intake::taken)
        advance();
}

void UdsDriver::advance() {
    const bool was_busy = server_.busy();
    while (const auto answer = server_.poll(loop_.now())) {
        owner_.on_answer(*answer, loop_.now());
        if (asked_by_) asked_by_->reply(address_, *answer);
    }
    const bool became_idle = asked_by_ && !server_.busy();
    if (became_idle) asked_by_.reset();
    end_session();
    arm();
    if ((became_idle || was_busy) && !server_.busy() && when_idle_) when_idle_();
}

void UdsDriver::arm() {
    auto deadline = server_.deadline();
    if (const auto due = owner_.deadline(); due && !server_.busy() && !server_.is_request_coming())
        deadline = deadline ? std::min(*deadline, *due) : *due;
    if (!deadline) {
        timer_.cancel();
        return;
    }
    timer_.expires_after(std::max(*deadline - loop_.now(), std::chrono::microseconds(0)));
    timer_.async_wait([this, alive = std::weak_ptr<char>(alive_)](const boost::system::error_code& code) {
        if (!code && !alive.expired()) advance();
    });
}

}  // namespace pitstop::io::ethernet
