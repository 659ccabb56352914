#include "io/can/bus_client.h"

#include "io/can/bus_connection.h"
#include "io/can/faults.h"
#include "io/can/mailbox.h"
#include "io/log/log.h"
#include "io/runtime/signal.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <format>
#include <vector>

namespace pitstop::io::can {

namespace asio = boost::asio;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size_bytes = 16 * 1024;  // some 200 FD frames in one read
constexpr std::size_t unclaimed_max = 1024;  // frames that nobody reads; a controller's FIFO overruns much earlier

struct Listener {
    FrameAddress address;
    Station* station;
};

}  // namespace

struct BusClient::Inside {
    Inside(Loop& on, Address to)
        : loop(on),
          address(std::move(to)),
          socket(on.context()),
          mailbox(on),
          work(on),
          arrived(on),
          pause(on.context()) {
        stations.push_back(&mailbox);
    }

    Loop& loop;
    const Address address;
    StreamSocket socket;
    bool connected = false, closed = false;
    std::size_t credits = 0;  // frames that the bus takes now
    Mailbox mailbox;
    std::vector<Station*> stations;  // asked in turn
    std::size_t turn = 0;
    std::vector<Listener> listeners;
    std::deque<Station*> unconfirmed;  // whose frames, oldest first; nullptr when the station is gone
    std::deque<CanFrame> unclaimed;
    Signal work, arrived;
    asio::steady_timer pause;

    void take(Connection connection);
    void lose();
    std::optional<CanFrame> next_frame();
    Result<void> on_record(const Record& record);
    Result<std::size_t> on_bytes(View bytes);
};

void BusClient::Inside::take(Connection connection) {
    socket = std::move(connection.socket);
    credits = connection.depth;
    connected = true;
}

void BusClient::Inside::lose() {
    boost::system::error_code ignored;  // it is gone either way
    socket.close(ignored);
    connected = false;
    credits = 0;
    unconfirmed.clear();
    if (closed) return;
    for (Station* station : std::vector(stations)) station->on_bus_lost();
}

std::optional<CanFrame> BusClient::Inside::next_frame() {
    for (std::size_t asked = 0; asked < stations.size(); ++asked) {
        turn = (turn + 1) % stations.size();
        if (auto frame = stations[turn]->next_frame()) {
            unconfirmed.push_back(stations[turn]);
            --credits;
            return frame;
        }
    }
    return std::nullopt;
}

Result<void> BusClient::Inside::on_record(const Record& record) {
    if (const auto* confirmation = std::get_if<Confirmation>(&record)) {
        if (confirmation->count > unconfirmed.size())
            return fail(faults::bad_stream, "the bus confirms frames that were not sent");
        for (int i = 0; i < confirmation->count; ++i) {
            Station* const station = unconfirmed.front();
            unconfirmed.pop_front();
            ++credits;
            if (station != nullptr) station->on_confirmed();
        }
        work.notify();
        return {};
    }
    const CanFrame& frame = std::get<CanFrame>(record);
    bool claimed = false;
    for (const Listener& listener : listeners) {
        if (!listener.address.is_of(frame)) continue;
        listener.station->on_frame(frame);
        claimed = true;
    }
    if (claimed) return {};
    if (unclaimed.size() == unclaimed_max) unclaimed.pop_front();
    unclaimed.push_back(frame);
    arrived.notify();
    return {};
}

Result<std::size_t> BusClient::Inside::on_bytes(View bytes) {
    std::size_t taken = 0;
    while (true) {
        TRY(auto read, read_record(bytes.subspan(taken)));
        if (!read) return taken;
        taken += read->size_bytes;
        ENSURE(on_record(read->record));
    }
}

// The three loops below hold the inside by its shared pointer: the client may be destroyed while they are about to end.
struct BusClient::Tasks {
    using Shared = std::shared_ptr<Inside>;

    static Task<void> read(Shared self) {
        std::vector<std::uint8_t> buffer(read_size_bytes);
        std::size_t filled = 0;
        while (true) {
            auto [code, count] = co_await self->socket.async_read_some(
                asio::buffer(buffer.data() + filled, buffer.size() - filled), as_result);
            if (code) co_return fail(faults::not_connected, code.message());
            if (self->closed) co_return Result<void>();
            filled += count;
            CO_TRY(const std::size_t taken, self->on_bytes(View(buffer).first(filled)));
            std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(taken),
                      buffer.begin() + static_cast<std::ptrdiff_t>(filled), buffer.begin());
            filled -= taken;
        }
    }

    static Task<void> write(Shared self) {
        Bytes batch;
        while (!self->closed) {
            batch.clear();
            while (self->credits > 0) {
                const auto frame = self->next_frame();
                if (!frame) break;
                append(batch, *frame);
            }
            if (batch.empty()) {
                co_await self->work.wait();
                continue;
            }
            auto [code, count] = co_await asio::async_write(self->socket, asio::buffer(batch), as_result);
            if (code) co_return fail(faults::not_connected, code.message());
        }
        co_return Result<void>();
    }

    static asio::awaitable<void> reconnect(Shared self) {
        BackOff back_off;
        while (!self->closed && !self->connected) {
            self->pause.expires_after(back_off.next());
            co_await self->pause.async_wait(as_result);
            if (self->closed) co_return;
            auto connection = co_await connect_to(self->loop, self->address);
            if (!connection || self->closed) continue;
            self->take(std::move(**connection));
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
    CO_TRY(auto connection, co_await connect_to(loop, parsed));
    auto inside = std::make_shared<Inside>(loop, parsed);
    inside->take(std::move(*connection));
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
    inside_->mailbox.post(frame);
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
    inside_->stations.push_back(&station);
    overhear(address, station);
    return {};
}

void BusClient::overhear(FrameAddress address, Station& station) { inside_->listeners.push_back({address, &station}); }

void BusClient::detach(Station& station) {
    std::erase_if(inside_->listeners, [&](const Listener& listener) { return listener.station == &station; });
    std::erase(inside_->stations, &station);
    std::ranges::replace(inside_->unconfirmed, &station, nullptr);
}

void BusClient::frames_wait() { inside_->work.notify(); }

bool BusClient::connected() const { return inside_->connected; }

Loop& BusClient::loop() { return inside_->loop; }

}  // namespace pitstop::io::can
