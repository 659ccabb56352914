#include "apps/gateway/car.h"

#include "apps/gateway/vci.h"

#include <algorithm>

namespace pitstop::gateway {
namespace {

// Blocks as long as the ways carry: the ECU may ask for less.
constexpr std::uint32_t ethernet_block_size_bytes = 64 * 1024 + 2;
constexpr std::uint32_t can_block_size_bytes = 16 * 1024 + 2;  // a lost frame costs one block

}  // namespace

vehicle::Inventory Survey::inventory(const Vin& vin, UtcTime now) const {
    vehicle::Inventory inventory{vin, now, {}, {}};
    for (const KnownEcu& ecu : known) inventory.ecus.push_back(ecu.report);
    for (const SilentEcu& ecu : silent)
        inventory.missing.push_back({ecu.ecu, std::string(ecu.why.code()), std::string(ecu.why.detail())});
    return inventory;
}

Car::Car(io::Loop& loop, vehicle::Description vehicle, std::uint16_t tester_address)
    : loop_(loop),
      vehicle_(std::move(vehicle)),
      tester_address_(tester_address),
      freed_(loop) {}

void Car::secure(io::tls::TlsSettings tls, std::vector<EcuId> only) {
    tls_ = std::move(tls);
    secured_ = std::move(only);
}

Result<std::optional<EcuId>> Car::zone_before(EcuId ecu) const {
    TRY(const vehicle::Route route, vehicle_.route_to(ecu));
    return route.via;
}

Result<Car::Way> Car::way_to(EcuId ecu) {
    const vehicle::Zone* const zone = vehicle_.zone_of(ecu);
    const auto found = zone == nullptr ? vehicle_.route_to(ecu)
                                       : Result<vehicle::Route>({zone->host, zone->port, ecu.address(), std::nullopt});
    TRY(const vehicle::Route route, found);
    auto& entity = entities_[{route.host, route.port}];
    if (!entity) {
        io::ethernet::DoipPeer peer{.host = route.host, .port = route.port, .tester = tester_address_};
        if (secured_.empty() || std::ranges::contains(secured_, route.via.value_or(ecu))) peer.tls = tls_;
        entity = std::make_unique<io::ethernet::DoipClient>(loop_, std::move(peer));
    }
    return Way{*entity, route.target_address, route.via ? can_block_size_bytes : ethernet_block_size_bytes,
               route.via.has_value()};
}

Car::Turn::~Turn() {
    if (!car_) return;
    car_->taken_.erase(ecu_);
    car_->freed_.notify();
}

boost::asio::awaitable<Car::Turn> Car::turn(EcuId ecu) {
    while (!taken_.insert(ecu).second) co_await freed_.wait();
    co_return Turn(*this, ecu);
}

io::Task<Survey> Car::survey() {
    Survey survey;
    for (const vehicle::Entry& entry : co_await collect(*this, io::survey::What::configuration)) {
        Result<KnownEcu> known = known_from(entry, vehicle_.find(entry.ecu)->link);
        if (known)
            survey.known.push_back(*std::move(known));
        else
            survey.silent.push_back({entry.ecu, known.error()});
    }
    co_return survey;
}

}  // namespace pitstop::gateway
