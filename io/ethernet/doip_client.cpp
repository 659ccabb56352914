#include "io/ethernet/doip_client.h"

#include "core/doip/faults.h"
#include "io/ethernet/doip_wire.h"
#include "io/ethernet/faults.h"
#include "io/ethernet/gathering.h"
#include "io/runtime/signal.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>
#include <list>
#include <map>
#include <optional>
#include <utility>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;

Task<Bytes> Link::request(std::uint16_t target, View uds, uds::TesterTimings timings) {
    CO_TRY(auto answer, co_await ask(target, uds, timings));
    co_return uds::positive_or_error(std::move(answer), uds);
}

namespace {

constexpr std::chrono::milliseconds gathering_step{20};  // how soon the end of a gathering is seen

// One request on its way: waits for its answer in ask(), is told what came by the reading task.
class Asking {
public:
    Asking(Loop& loop, View request, uds::TesterTimings timings)
        : loop_(loop),
          request_(request),
          timings_(timings),
          exchange_(request, timings, loop.now()),
          timer_(loop.context()) {}

    // The time to connect is not the ECU's, nor what was lost with an earlier connection this one's.
    void on_sending() {
        outcome_.reset();
        delivered_ = false;
        acknowledged_until_ = loop_.now() + doip::acknowledgement_time;
    }
    void on_sent() { acknowledged_until_ = loop_.now() + doip::acknowledgement_time; }

    // P2 begins when the entity has taken the message on: ISO 14229-5, the transport's confirmation.
    void on_delivered() {
        if (std::exchange(delivered_, true)) return;
        exchange_ = uds::Exchange(request_, timings_, loop_.now());
        if (uds::suppresses_positive_answer(request_)) return end(uds::Answer{});
        timer_.cancel();
    }
    void on_response(View uds) {
        delivered_ = true;
        take(exchange_.on_response(uds, loop_.now()));
    }
    void end(Result<uds::Answer> with) {
        if (outcome_) return;
        outcome_ = std::move(with);
        timer_.cancel();
    }

    [[nodiscard]] const Error* failure() const { return outcome_ && !*outcome_ ? &outcome_->error() : nullptr; }

    asio::awaitable<Result<uds::Answer>> outcome(std::uint16_t target) {
        while (!outcome_) {
            timer_.expires_after(std::max(deadline() - loop_.now(), std::chrono::microseconds(0)));
            co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
            if (outcome_ || loop_.now() < deadline()) continue;
            if (delivered_)
                take(exchange_.on_deadline(loop_.now()));
            else
                end(fail(doip::faults::not_acknowledged, std::format("ECU 0x{:04X}", target)));
        }
        co_return *std::move(outcome_);
    }

private:
    [[nodiscard]] Tick deadline() const { return delivered_ ? exchange_.deadline() : acknowledged_until_; }

    void take(uds::Progress progress) {
        if (const auto* answered = std::get_if<uds::Answered>(&progress))
            end(uds::Answer{Bytes(answered->positive.begin(), answered->positive.end())});
        else if (const auto* refused = std::get_if<uds::Refused>(&progress))
            end(uds::Answer{{}, refused->nrc});
        else if (const auto* error = std::get_if<Error>(&progress))
            end(fail(*error));
        else
            timer_.cancel();  // there may be more time now
    }

    Loop& loop_;
    View request_;
    uds::TesterTimings timings_;
    uds::Exchange exchange_;
    asio::steady_timer timer_;
    Tick acknowledged_until_{};
    bool delivered_ = false;
    std::optional<Result<uds::Answer>> outcome_;
};

}  // namespace

struct DoipClient::Inside final : std::enable_shared_from_this<Inside> {
    Inside(Loop& on_loop, DoipPeer to)
        : loop(on_loop),
          peer(std::move(to)),
          tester(peer.tester, doip::version_2019, peer.activation),
          turn_ended(on_loop),
          connect_ended(on_loop) {}

    Task<void> connect();
    Task<void> connect_now();
    Task<void> read(std::shared_ptr<DoipWire> from);
    void hear(const std::shared_ptr<DoipWire>& from, const doip::Item& item);
    Task<uds::Answer> ask(std::uint16_t target, View request, uds::TesterTimings timings);
    Task<std::vector<GroupAnswer>> ask_group(std::uint16_t group, View request, std::chrono::milliseconds window,
                                             uds::TesterTimings timings);
    Task<void> send(std::uint16_t target, View request, Asking& asking);
    void lose(const std::shared_ptr<DoipWire>& which, const Error& why);
    [[nodiscard]] bool connected() const { return wire && wire->is_open(); }
    [[nodiscard]] std::string name() const { return std::format("{}:{}", peer.host, peer.port); }

    struct Turn;

    Loop& loop;
    DoipPeer peer;
    doip::Tester tester;
    std::shared_ptr<DoipWire> wire;
    std::shared_ptr<DoipTls> tls;                // made when first needed
    std::map<std::uint16_t, Asking*> asking_of;  // by target: one request at a time each
    std::list<Gathering*> gatherings;
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
    if (peer.tls && !tls) {
        CO_TRY(tls, DoipTls::make(tls::Side::client, *peer.tls));
    }
    auto opened = std::make_shared<DoipWire>(loop);
    auto activated =
        co_await with_deadline(peer.connect_limit, name(), opened->open(peer.host, peer.port, tester, tls));
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
        return found == asking_of.end() ? nullptr : found->second;
    };
    if (const auto* said = std::get_if<doip::Said>(&heard)) {
        if (auto* asking = waiting_for(said->ecu)) return asking->on_response(said->uds);
        for (Gathering* gathering : gatherings) gathering->on_response(said->ecu, said->uds, loop.now());
    } else if (const auto* delivered = std::get_if<doip::Delivered>(&heard)) {
        if (auto* asking = waiting_for(delivered->target)) asking->on_delivered();
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
    for (const auto& [target, asking] : asking_of) asking->end(fail(why));
}

// Whose turn it is with one target.
struct DoipClient::Inside::Turn {
    Turn(Inside& of, std::uint16_t ecu, Asking& mine) : inside(of), target(ecu) { inside.asking_of[target] = &mine; }
    ~Turn() {
        inside.asking_of.erase(target);
        inside.turn_ended.notify();
    }
    Inside& inside;
    std::uint16_t target;
};

Task<uds::Answer> DoipClient::Inside::ask(std::uint16_t target, View request, uds::TesterTimings timings) {
    const auto self = shared_from_this();
    while (asking_of.contains(target)) co_await turn_ended.wait();
    Asking asking(loop, request, timings);
    const Turn turn(*this, target, asking);
    CO_ENSURE(co_await send(target, request, asking));
    co_return co_await asking.outcome(target);
}

Task<void> DoipClient::Inside::send(std::uint16_t target, View request, Asking& asking) {
    CO_ENSURE(co_await connect());
    asking.on_sending();
    const auto over = wire;
    auto sent = co_await over->send(tester.prefix_for(target, request.size()), request, peer.send_limit);
    if (!sent) lose(over, sent.error());
    asking.on_sent();
    co_return sent;
}

Task<std::vector<GroupAnswer>> DoipClient::Inside::ask_group(std::uint16_t group, View request,
                                                             std::chrono::milliseconds window,
                                                             uds::TesterTimings timings) {
    const auto self = shared_from_this();
    while (asking_of.contains(group)) co_await turn_ended.wait();
    Asking asking(loop, request, timings);
    const Turn turn(*this, group, asking);
    Gathering gathering(request, timings);
    struct Listed {
        Listed(std::list<Gathering*>& in, Gathering& it) : list(in), mine(&it) { list.push_back(mine); }
        ~Listed() { list.remove(mine); }
        std::list<Gathering*>& list;
        Gathering* mine;
    };
    const Listed listed(gatherings, gathering);
    CO_ENSURE(co_await send(group, request, asking));
    gathering.open_until(loop.now() + window);
    const auto over = wire;
    while (loop.now() < gathering.deadline() && over && over->is_open() && !asking.failure()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(gathering.deadline() - loop.now());
        co_await pause(std::min(left, gathering_step));
    }
    std::vector<GroupAnswer> answers = gathering.take();
    if (answers.empty() && asking.failure()) co_return fail(*asking.failure());
    co_return answers;
}

DoipClient::DoipClient(Loop& loop, DoipPeer peer) : inside_(std::make_shared<Inside>(loop, std::move(peer))) {}

DoipClient::~DoipClient() { close(); }

Task<void> DoipClient::connect() { return inside_->connect(); }

Task<uds::Answer> DoipClient::ask(std::uint16_t target, View request, uds::TesterTimings timings) {
    return inside_->ask(target, request, timings);
}

Task<std::vector<GroupAnswer>> DoipClient::ask_group(std::uint16_t group, View request,
                                                     std::chrono::milliseconds window, uds::TesterTimings timings) {
    return inside_->ask_group(group, request, window, timings);
}

bool DoipClient::connected() const { return inside_->connected(); }

void DoipClient::close() {
    if (inside_->wire) inside_->lose(inside_->wire, Error(faults::connection_lost, inside_->name() + ": closed here"));
}

}  // namespace pitstop::io::ethernet
