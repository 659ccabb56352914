#include "io/ethernet/doip_client.h"

#include "io/ethernet/doip_wire.h"
#include "io/ethernet/faults.h"
#include "io/runtime/signal.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>
#include <map>
#include <optional>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;

Task<Bytes> Link::request(std::uint16_t target, View uds, uds::TesterTimings timings) {
    CO_TRY(auto answer, co_await ask(target, uds, timings));
    co_return uds::positive_or_error(std::move(answer), uds);
}

namespace {

// One request on its way: waits for its answer in ask(), is told what came by the reading task.
struct Asking {
    Asking(Loop& loop, View request, uds::TesterTimings timings)
        : exchange(request, timings, loop.now()),
          timer(loop.context()) {}

    void end(Result<uds::Answer> with) {
        outcome = std::move(with);
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

    uds::Exchange exchange;
    asio::steady_timer timer;
    std::optional<Result<uds::Answer>> outcome;
};

}  // namespace

struct DoipClient::Inside final : std::enable_shared_from_this<Inside> {
    Inside(Loop& on_loop, DoipPeer to)
        : loop(on_loop),
          peer(std::move(to)),
          tester(peer.tester),
          turn_ended(on_loop),
          connect_ended(on_loop) {}

    Task<void> connect();
    Task<void> connect_now();
    Task<void> read(std::shared_ptr<DoipWire> from);
    void hear(const std::shared_ptr<DoipWire>& from, const doip::Item& item);
    Task<uds::Answer> ask(std::uint16_t target, View request, uds::TesterTimings timings);
    Task<uds::Answer> exchange(Asking& asking, std::uint16_t target, View request);
    void lose(const std::shared_ptr<DoipWire>& which, const Error& why);
    [[nodiscard]] bool connected() const { return wire && wire->is_open(); }
    [[nodiscard]] std::string name() const { return std::format("{}:{}", peer.host, peer.port); }

    Loop& loop;
    DoipPeer peer;
    doip::Tester tester;
    std::shared_ptr<DoipWire> wire;
    std::map<std::uint16_t, Asking*> asking_of;  // by target: one request at a time each
    Signal turn_ended, connect_ended;
    bool connecting = false;
    Result<void> last_connect;
};

// Several askers share one attempt, and its failure: an entity that is away costs each of them one time-out, not one
// after another.
Task<void> DoipClient::Inside::connect() {
    if (connected()) co_return Result<void>{};
    if (connecting) {
        while (connecting) co_await connect_ended.wait();
        co_return last_connect;
    }
    struct Attempt {
        explicit Attempt(Inside& of) : inside(of) {
            inside.connecting = true;
            inside.last_connect = fail(faults::connect_failed, inside.name());
        }
        ~Attempt() {
            inside.connecting = false;
            inside.connect_ended.notify();
        }
        Inside& inside;
    };
    const Attempt attempt(*this);
    last_connect = co_await connect_now();
    co_return last_connect;
}

Task<void> DoipClient::Inside::connect_now() {
    auto opened = std::make_shared<DoipWire>(loop);
    auto activated = co_await with_deadline(peer.connect_limit, name(), opened->open(peer.host, peer.port, tester));
    if (!activated && activated.error().is(io::faults::deadline))
        co_return fail(faults::connect_failed,
                       std::format("{}: no routing activation within {} ms", name(), peer.connect_limit.count()));
    CO_ENSURE(std::move(activated));
    wire = opened;
    loop.spawn("DoIP " + name(), read(std::move(opened)));
    co_return Result<void>{};
}

Task<void> DoipClient::Inside::read(std::shared_ptr<DoipWire> from) {
    const auto self = shared_from_this();
    struct Ended {  // also when the loop stops
        Inside& inside;
        std::shared_ptr<DoipWire> which;
        ~Ended() { inside.lose(which, Error(faults::connection_lost, inside.name())); }
    };
    const Ended ended{*this, from};
    while (from->is_open()) {
        while (const auto item = from->next()) hear(from, *item);
        auto filled = co_await from->fill();
        if (!filled) break;
    }
    co_return Result<void>{};
}

void DoipClient::Inside::hear(const std::shared_ptr<DoipWire>& from, const doip::Item& item) {
    const auto heard = tester.on_item(item);
    const auto waiting_for = [&](std::uint16_t ecu) -> Asking* {
        const auto found = asking_of.find(ecu);
        return found == asking_of.end() || found->second->outcome ? nullptr : found->second;
    };
    if (const auto* said = std::get_if<doip::Said>(&heard)) {
        if (auto* asking = waiting_for(said->ecu)) asking->take(asking->exchange.on_response(said->uds, loop.now()));
    } else if (const auto* undelivered = std::get_if<doip::Undelivered>(&heard)) {
        if (auto* asking = waiting_for(undelivered->target)) asking->end(fail(undelivered->error));
    } else if (const auto* reply = std::get_if<doip::Reply>(&heard)) {
        loop.spawn("DoIP alive check", from->send_packet(reply->packet, peer.send_limit));
    } else if (const auto* broken = std::get_if<doip::Broken>(&heard)) {
        lose(from, broken->error);
    }
}

void DoipClient::Inside::lose(const std::shared_ptr<DoipWire>& which, const Error& why) {
    which->close();
    if (wire != which) return;
    wire.reset();
    for (const auto& [target, asking] : asking_of)
        if (!asking->outcome) asking->end(fail(why));
}

Task<uds::Answer> DoipClient::Inside::ask(std::uint16_t target, View request, uds::TesterTimings timings) {
    const auto self = shared_from_this();
    while (asking_of.contains(target)) co_await turn_ended.wait();
    Asking asking(loop, request, timings);
    struct Turn {
        Turn(Inside& of, std::uint16_t ecu, Asking& mine) : inside(of), target(ecu) {
            inside.asking_of[target] = &mine;
        }
        ~Turn() {
            inside.asking_of.erase(target);
            inside.turn_ended.notify();
        }
        Inside& inside;
        std::uint16_t target;
    };
    const Turn turn(*this, target, asking);
    CO_ENSURE(co_await connect());
    asking.outcome.reset();
    asking.exchange = uds::Exchange(request, timings, loop.now());  // the time to connect is not the ECU's
    co_return co_await exchange(asking, target, request);
}

Task<uds::Answer> DoipClient::Inside::exchange(Asking& asking, std::uint16_t target, View request) {
    const auto over = wire;
    auto sent = co_await over->send(tester.prefix_for(target, request.size()), request, peer.send_limit);
    if (!sent) {
        lose(over, sent.error());
        co_return std::unexpected(sent.error());
    }
    if (uds::suppresses_positive_answer(request)) co_return uds::Answer{};
    while (!asking.outcome) {
        const auto left = asking.exchange.deadline() - loop.now();
        asking.timer.expires_after(std::max(left, std::chrono::microseconds(0)));
        co_await asking.timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (!asking.outcome) asking.take(asking.exchange.on_deadline(loop.now()));
    }
    co_return *std::move(asking.outcome);
}

DoipClient::DoipClient(Loop& loop, DoipPeer peer) : inside_(std::make_shared<Inside>(loop, std::move(peer))) {}

DoipClient::~DoipClient() { close(); }

Task<void> DoipClient::connect() { return inside_->connect(); }

Task<uds::Answer> DoipClient::ask(std::uint16_t target, View request, uds::TesterTimings timings) {
    return inside_->ask(target, request, timings);
}

bool DoipClient::connected() const { return inside_->connected(); }

void DoipClient::close() {
    if (inside_->wire) inside_->lose(inside_->wire, Error(faults::connection_lost, inside_->name() + ": closed here"));
}

}  // namespace pitstop::io::ethernet
