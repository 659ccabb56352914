#include "apps/ecu/shared_bus.h"

#include "io/log/log.h"

#include <utility>

namespace pitstop::ecu {
namespace {

constexpr std::chrono::milliseconds bus_pause{500};

io::Task<std::unique_ptr<io::can::BusClient>> connect(io::Loop& loop, const std::string& address) {
    bool said = false;
    for (;;) {
        auto bus = co_await io::can::BusClient::connect(loop, address);
        if (bus || bus.error().remedy() != Remedy::retry) co_return bus;
        if (!std::exchange(said, true)) io::log::problem(bus.error(), "waiting for the bus");
        co_await io::pause(bus_pause);
    }
}

}  // namespace

io::Task<io::can::BusClient*> SharedBuses::join(std::string address) {
    Bus& bus = buses_.try_emplace(address, loop_).first->second;
    while (!bus.client && bus.is_joining) co_await bus.joined.wait();
    if (!bus.client) {
        bus.is_joining = true;
        auto client = co_await connect(loop_, address);
        bus.is_joining = false;
        if (client) bus.client = *std::move(client);
        bus.joined.notify();
        if (!client) co_return std::unexpected(client.error());
    }
    co_return bus.client.get();
}

}  // namespace pitstop::ecu
