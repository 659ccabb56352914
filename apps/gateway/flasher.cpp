#include "apps/gateway/flasher.h"

#include "core/crypto/digest.h"

#include <algorithm>

namespace pitstop::gateway {

io::Task<void> carry_out(io::Loop& loop, Car& car, io::flashing::Order order) {
    CO_TRY(const Car::Way way, car.way_to(order.ecu));
    const Car::Turn held = co_await car.turn(order.ecu);
    co_return co_await io::flashing::carry_out(
        loop, {way.link, way.target_address, way.block_size_bytes_max, car.visitor(), way.is_bus}, std::move(order));
}

// Of a bus behind a zone that only routes.
class Flasher::BusTurn {
public:
    BusTurn(Flasher& flasher, std::string bus) : flasher_(flasher), bus_(std::move(bus)) {}
    ~BusTurn() {
        flasher_.taken_buses_.erase(bus_);
        flasher_.bus_freed_.notify();
    }
    BusTurn(const BusTurn&) = delete;
    BusTurn& operator=(const BusTurn&) = delete;

private:
    Flasher& flasher_;
    std::string bus_;
};

class Flasher::Bringing {
public:
    Bringing(Flasher& flasher, EcuId zone) : flasher_(flasher), zone_(zone) { ++flasher_.bringing_[zone_]; }
    ~Bringing() {
        if (--flasher_.bringing_[zone_] == 0) flasher_.bringing_.erase(zone_);
        flasher_.brought_.notify();
    }
    Bringing(const Bringing&) = delete;
    Bringing& operator=(const Bringing&) = delete;

private:
    Flasher& flasher_;
    EcuId zone_;
};

io::Task<ZoneClient*> Flasher::zone_that_flashes(EcuId ecu) {
    CO_TRY(const auto zone, car_.zone_before(ecu));
    if (!zone) co_return nullptr;
    std::unique_ptr<ZoneClient>& client = zones_[*zone];
    if (!client) client = std::make_unique<ZoneClient>(loop_, car_, *zone);
    CO_TRY(const ZoneClient::Ability ability, co_await client->ability());
    co_return ability == ZoneClient::Ability::flashes ? client.get() : nullptr;
}

io::Task<void> Flasher::carry_out(io::flashing::Order order, flash::StoredBytes payload) {
    CO_TRY(ZoneClient* const zone, co_await zone_that_flashes(order.ecu));
    if (zone != nullptr) co_return co_await let_zone(*zone, std::move(order), payload);
    const vehicle::EcuDescription* const described = car_.vehicle().find(order.ecu);
    if (described == nullptr || described->bus.empty()) co_return co_await from_here(std::move(order));
    while (!taken_buses_.insert(described->bus).second) co_await bus_freed_.wait();
    const BusTurn turn(*this, described->bus);
    co_return co_await from_here(std::move(order));
}

io::Task<void> Flasher::from_here(io::flashing::Order order) {
    if (order.plan == flash::Plan::stage) {
        CO_TRY(order.metadata, co_await secondaries_.prepare(order.ecu));
    }
    // A zone's own image comes after the orders for those behind it: its buses are what takes long.
    while (bringing_.contains(order.ecu)) co_await brought_.wait();
    co_return co_await gateway::carry_out(loop_, car_, std::move(order));
}

io::Task<void> Flasher::let_zone(ZoneClient& zone, io::flashing::Order order, flash::StoredBytes payload) {
    flash::ZoneOrder work{order.plan, order.ecu, order.image, order.payload.form, payload, {}};
    const std::uint64_t id = work.id();
    std::optional<Bringing> bringing(std::in_place, *this, zone.id());
    CO_TRY(const bool is_known, co_await zone.knows(id, order.ecu));  // from before a restart of ours
    if (!is_known) {
        std::vector<Cargo> cargo;
        if (order.plan == flash::Plan::stage) {
            CO_TRY(const Bytes metadata, co_await secondaries_.prepare(order.ecu));
            cargo.push_back({payload, order.read_image});
            work.metadata = {crypto::sha256(metadata), static_cast<std::uint32_t>(metadata.size())};
            if (!metadata.empty())
                cargo.push_back({work.metadata, [metadata](std::uint32_t offset, Room into) -> Result<void> {
                                     std::ranges::copy(View(metadata).subspan(offset, into.size()), into.begin());
                                     return {};
                                 }});
        }
        CO_ENSURE(co_await zone.bring(std::move(cargo), work, order.given_up));
    }
    bringing.reset();
    const Car::Turn held = co_await car_.turn(order.ecu);
    const auto on_percent = [show = order.on_progress](std::uint8_t percent) {
        if (show) show({flash::ProgrammerStep::transfer, percent, 100});
    };
    co_return co_await zone.watch(id, order.ecu, {order.given_up, on_percent});
}

io::Task<void> Flasher::prefetch(EcuId ecu, Cargo payload, std::function<bool()> given_up) {
    CO_TRY(ZoneClient* const zone, co_await zone_that_flashes(ecu));
    if (zone == nullptr) co_return Result<void>{};
    std::vector<Cargo> cargo;
    cargo.push_back(std::move(payload));
    co_return co_await zone->bring(std::move(cargo), std::nullopt, std::move(given_up));
}

}  // namespace pitstop::gateway
