#include "io/can/bus_client.h"

#include "io/can/carrier.h"
#include "io/can/faults.h"
#include "io/can/mailbox.h"
#include "io/can/turns.h"
#include "io/log/log.h"
#include "io/runtime/signal.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <format>
#include <vector>

namespace pitstop::io::can {

namespace asio = boost::asio;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t unclaimed_max = 1024;  // frames that nobody reads; a controller's FIFO overruns much earlier

// 50 ms, doubled up to 1 s: a bus that restarts is back within a second, one that is gone costs nothing.
class BackOff {
public:
    std::chrono::milliseconds next() {
        return std::exchange(time_, std::min(time_ * 2, std::chrono::milliseconds(1000)));
    }

private:
    std::chrono::milliseconds time_{50};
};

// Between the machine's clock and the loop's, which has another start.
class Clocks {
public:
    explicit Clocks(const Loop& loop) : loop_(loop) {
        BusTime least_wait = BusTime::max();  // between the two readings: the quickest of them is the truest
        for (int reading = 0; reading < 5; ++reading) {
            const BusTime before = machine_time();
            const Tick tick = loop.now();
            const BusTime wait = machine_time() - before;
            if (wait >= least_wait) continue;
            least_wait = wait;
            start_ = before + wait / 2 - std::chrono::microseconds(tick.us);
        }
    }
    [[nodiscard]] BusTime time_of(Tick tick) const { return start_ + std::chrono::microseconds(tick.us); }
    [[nodiscard]] Tick tick_of(BusTime time) const {
        const Tick tick{std::chrono::ceil<std::chrono::microseconds>(time - start_).count()};
        return std::min(tick, loop_.now());
    }

private:
    const Loop& loop_;
    BusTime start_{0};
};

struct Listener {
    FrameAddress address;
    Station* station;
};

}  // namespace

struct BusClient::Inside {
    Inside(Loop& on, Address to)
        : loop(on),
          address(std::move(to)),
          clocks(on),
          mailbox(on),
          work(on),
          arrived(on),
          pause(on.context()) {
        turns.add(mailbox);
    }

    Loop& loop;
    const Address address;
    const Clocks clocks;
    std::shared_ptr<Carrier> carrier;  // shared with the reading and the writing task
    bool connected = false, closed = false;
    std::size_t credits = 0;  // frames that the bus takes now
    Mailbox mailbox;
    Turns turns;
    std::vector<Listener> listeners;
    std::deque<Station*> unconfirmed;  // whose frames, oldest first; nullptr when the station is gone
    std::deque<CanFrame> unclaimed;
    Signal work, arrived;
    asio::steady_timer pause;

    void take(std::unique_ptr<Carrier> opened);
    void lose();
    std::optional<TimedFrame> next_frame();
    void on_frame(const CanFrame& frame, Tick passed);
    Result<void> on_confirmation(const Confirmation& confirmation);
    Result<void> on_record(const Record& record);
};

void BusClient::Inside::take(std::unique_ptr<Carrier> opened) {
    carrier = std::move(opened);
    credits = carrier->depth();
    connected = true;
}

void BusClient::Inside::lose() {
    carrier->close();
    connected = false;
    credits = 0;
    unconfirmed.clear();
    if (closed) return;
    for (Station* station : turns.stations()) station->on_bus_lost();
}

std::optional<TimedFrame> BusClient::Inside::next_frame() {
    const auto next = turns.next(loop.now());
    if (!next) return std::nullopt;
    unconfirmed.push_back(next->station);
    --credits;
    return TimedFrame{next->offer.frame, clocks.time_of(next->offer.since)};
}

Result<void> BusClient::Inside::on_record(const Record& record) {
    if (const auto* confirmation = std::get_if<Confirmation>(&record)) return on_confirmation(*confirmation);
    const TimedFrame& timed = std::get<TimedFrame>(record);
    on_frame(timed.frame, clocks.tick_of(timed.time));
    return {};
}

Result<void> BusClient::Inside::on_confirmation(const Confirmation& confirmation) {
    if (confirmation.count > unconfirmed.size())
        return fail(faults::bad_stream, "the bus confirms frames that were not sent");
    for (int i = 0; i < confirmation.count; ++i) {
        Station* const station = unconfirmed.front();
        unconfirmed.pop_front();
        ++credits;
        if (station != nullptr) station->on_confirmed(clocks.tick_of(confirmation.time));
    }
    work.notify();
    return {};
}

void BusClient::Inside::on_frame(const CanFrame& frame, Tick passed) {
    bool claimed = false;
    for (const Listener& listener : listeners) {
        if (!listener.address.is_of(frame)) continue;
        listener.station->on_frame(frame, passed);
        claimed = true;
    }
    if (claimed) return;
    if (unclaimed.size() == unclaimed_max) unclaimed.pop_front();
    unclaimed.push_back(frame);
    arrived.notify();
}

// The loops below hold the inside by its shared pointer: the client may be destroyed while they are about to end.
struct BusClient::Tasks {
    using Shared = std::shared_ptr<Inside>;

    static Task<void> read(Shared self) {
        const auto carrier = self->carrier;
        std::vector<Record> records;
        while (true) {
            records.clear();
            CO_ENSURE(co_await carrier->read(records));
            if (self->closed) co_return Result<void>();
            for (const Record& record : records) CO_ENSURE(self->on_record(record));
        }
    }

    static Task<void> write(Shared self) {
        const auto carrier = self->carrier;
        std::vector<TimedFrame> batch;
        while (!self->closed) {
            batch.clear();
            while (self->credits > 0) {
                const auto frame = self->next_frame();
                if (!frame) break;
                batch.push_back(*frame);
            }
            if (batch.empty())
                co_await self->work.wait();
            else
                CO_ENSURE(co_await carrier->write(batch));
        }
        co_return Result<void>();
    }

    static asio::awaitable<void> reconnect(Shared self) {
        BackOff back_off;
        while (!self->closed && !self->connected) {
            self->pause.expires_after(back_off.next());
            co_await self->pause.async_wait(as_result);
            if (self->closed) co_return;
            auto carrier = co_await open_carrier(self->loop, self->address);
            if (!carrier || self->closed) continue;
            self->take(*std::move(carrier));
            log::info("CAN bus {} is back", self->address.text);
        }
    }

    static Task<void> serve(Shared self) {
        using namespace asio::experimental::awaitable_operators;
        while (!self->closed) {
            auto ended = co_await (read(self) || write(self));
            const Result<void> why = ended.index() == 0 ? std::get<0>(ended) : std::get<1>(ended);
            self->lose();
            const auto state = co_await asio::this_coro::cancellation_state;
            if (self->closed || state.cancelled() != asio::cancellation_type::none) break;
            log::warning("CAN bus {} is lost, trying again: {}", self->address.text, why ? "" : why.error().str());
            co_await reconnect(self);
        }
        co_return Result<void>();
    }
};

Task<std::unique_ptr<BusClient>> BusClient::connect(Loop& loop, std::string address) {
    CO_TRY(const Address parsed, Address::parse(address));
    CO_TRY(auto carrier, co_await open_carrier(loop, parsed));
    auto inside = std::make_shared<Inside>(loop, parsed);
    inside->take(std::move(carrier));
    loop.spawn(std::format("CAN bus {}", parsed.text), Tasks::serve(inside));
    co_return std::unique_ptr<BusClient>(new BusClient(std::move(inside)));
}

BusClient::BusClient(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}

BusClient::~BusClient() {
    inside_->closed = true;
    inside_->lose();
    inside_->listeners.clear();
    inside_->pause.cancel();
    inside_->work.notify();
}

Task<void> BusClient::send(CanFrame frame) {
    CO_ENSURE(isotp::check(frame));
    if (!inside_->connected) co_return fail(faults::not_connected);
    inside_->mailbox.post({frame, inside_->loop.now()});
    inside_->work.notify();
    co_return co_await inside_->mailbox.confirmed();
}

Task<CanFrame> BusClient::receive() {
    while (inside_->unclaimed.empty()) co_await inside_->arrived.wait();
    const CanFrame frame = inside_->unclaimed.front();
    inside_->unclaimed.pop_front();
    co_return frame;
}

Result<void> BusClient::attach(FrameAddress address, Station& station) {
    if (std::ranges::contains(inside_->listeners, address, &Listener::address))
        return fail(faults::id_taken, std::format("0x{:X}", address.id.value));
    inside_->turns.add(station);
    overhear(address, station);
    return {};
}

void BusClient::overhear(FrameAddress address, Station& station) { inside_->listeners.push_back({address, &station}); }

void BusClient::detach(Station& station) {
    std::erase_if(inside_->listeners, [&](const Listener& listener) { return listener.station == &station; });
    inside_->turns.remove(station);
    std::ranges::replace(inside_->unconfirmed, &station, nullptr);
}

void BusClient::frames_wait() { inside_->work.notify(); }

bool BusClient::connected() const { return inside_->connected; }

Loop& BusClient::loop() { return inside_->loop; }

}  // namespace pitstop::io::can
