#include "io/ethernet/uds_driver.h"

#include <algorithm>

namespace pitstop::io::ethernet {

UdsDriver::UdsDriver(Loop& loop, uds::Server& server, std::uint16_t address)
    : loop_(loop),
      server_(server),
      address_(address),
      timer_(loop.context()) {}

void UdsDriver::on_request(View request, uds::Addressing addressing, const std::shared_ptr<ReplySink>& sink) {
    switch (server_.on_request(request, addressing, loop_.now())) {
        case uds::Intake::taken: asked_by_ = sink; return advance();
        case uds::Intake::refused_busy:
            // Only this one answer is for the newcomer; the one who is being worked for stays.
            if (const auto busy = server_.poll(loop_.now())) sink->reply(address_, *busy);
            return;
        case uds::Intake::dropped: return;
    }
}

void UdsDriver::advance() {
    const bool was_busy = server_.busy();
    while (const auto answer = server_.poll(loop_.now()))
        if (asked_by_) asked_by_->reply(address_, *answer);
    const bool became_idle = asked_by_ && !server_.busy();
    if (became_idle) asked_by_.reset();
    arm();
    if ((became_idle || was_busy) && !server_.busy() && when_idle_) when_idle_();
}

void UdsDriver::arm() {
    const auto deadline = server_.deadline();
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
