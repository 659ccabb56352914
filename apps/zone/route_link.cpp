#include "apps/zone/route_link.h"

#include "apps/zone/faults.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace pitstop::zone {
namespace {

namespace asio = boost::asio;

// ISO-TP ends a transfer that stands still; this ends one whose end nobody was told of.
constexpr std::chrono::milliseconds send_limit{60'000};
constexpr std::chrono::milliseconds until_asked_again{20};  // whether another tester's turn is over
// A session that a tester left behind ends meanwhile; one that it uses makes the ECU busy.
constexpr std::chrono::milliseconds owner_limit = uds::SessionOwner::s3 + std::chrono::seconds(1);
constexpr std::size_t head_bytes_max = 8;  // of the request: what its answer repeats

}  // namespace

struct RouteLink::Asking {
    Asking(io::Loop& loop, View request, uds::TesterTimings with)
        : timings(with),
          head(request.begin(),
               request.begin() + static_cast<std::ptrdiff_t>(std::min(request.size(), head_bytes_max))),
          exchange(head, until_sent(), loop.now()),
          timer(loop.context()),
          asked_at(loop.now()) {}

    [[nodiscard]] uds::TesterTimings until_sent() const {
        uds::TesterTimings longer = timings;
        longer.p2 += send_limit;
        longer.total += send_limit;
        return longer;
    }
    void end(Result<uds::Answer> with) {
        outcome = std::move(with);
        timer.cancel();
    }
    void on_sent(const Result<void>& result, Tick now) {
        if (outcome) return;
        if (!result) return end(fail(result.error()));
        asked_at = now;
        if (uds::suppresses_positive_answer(head)) return end(uds::Answer{});
        if (!heard) exchange = uds::Exchange(head, timings, now);
        timer.cancel();
    }
    void take(uds::Progress progress) {
        if (const auto* answered = std::get_if<uds::Answered>(&progress))
            end(uds::Answer{Bytes(answered->positive.begin(), answered->positive.end())});
        else if (const auto* refused = std::get_if<uds::Refused>(&progress))
            end(uds::Answer{{}, refused->nrc});
        else if (const auto* error = std::get_if<Error>(&progress))
            end(fail(*error));
    }

    uds::TesterTimings timings;
    Bytes head;
    uds::Exchange exchange;
    asio::steady_timer timer;
    Tick asked_at;
    bool heard = false;
    std::optional<Result<uds::Answer>> outcome;
};

class RouteLink::Ear final : public io::ethernet::ReplySink {
public:
    explicit Ear(io::Loop& loop) : loop_(loop) {}

    void reply(std::uint16_t, View uds) override {
        if (!asking || asking->outcome) return;
        asking->heard = true;
        asking->take(asking->exchange.on_response(uds, loop_.now()));
    }

    std::shared_ptr<Asking> asking;

private:
    io::Loop& loop_;
};

RouteLink::RouteLink(io::Loop& loop, Route& route)
    : loop_(loop),
      route_(route),
      ear_(std::make_shared<Ear>(loop)),
      turn_ended_(loop) {}

RouteLink::~RouteLink() = default;

std::optional<Tick> RouteLink::asked_at() const {
    return ear_->asking ? std::optional(ear_->asking->asked_at) : std::nullopt;
}

io::Task<uds::Answer> RouteLink::ask(std::uint16_t, View request, uds::TesterTimings timings) {
    const Tick patient_until = loop_.now() + owner_limit;
    while (route_.is_kept_from(ear_, request) && loop_.now() < patient_until) co_await io::pause(until_asked_again);
    while (ear_->asking) co_await turn_ended_.wait();
    const auto asking = std::make_shared<Asking>(loop_, request, timings);
    struct Turn {
        Turn(RouteLink& of, const std::shared_ptr<Asking>& mine) : link(of) {
            link.ear_->asking = mine;
            link.route_.claim(link.ear_);
        }
        ~Turn() {
            link.ear_->asking.reset();
            link.route_.claim(nullptr);
            link.turn_ended_.notify();
        }
        RouteLink& link;
    };
    const Turn turn(*this, asking);
    while (route_.is_taken_by_other(ear_)) co_await io::pause(until_asked_again);
    if (!route_.is_open()) co_return fail(faults::unreachable, route_.settings().ecu.str());
    route_.on_request(request, ear_,
                      [asking, &loop = loop_](const Result<void>& sent) { asking->on_sent(sent, loop.now()); });
    while (!asking->outcome) {
        const auto left = asking->exchange.deadline() - loop_.now();
        asking->timer.expires_after(std::max(left, std::chrono::microseconds(0)));
        co_await asking->timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (!asking->outcome) asking->take(asking->exchange.on_deadline(loop_.now()));
    }
    co_return *std::move(asking->outcome);
}

}  // namespace pitstop::zone
