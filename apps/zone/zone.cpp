#include "apps/zone/zone.h"

#include "io/log/log.h"

#include <array>
#include <utility>

namespace pitstop::zone {
namespace {

namespace can = io::can;
namespace log = io::log;

constexpr std::uint16_t functional_address = 0xE400;  // every ECU of the vehicle, DESIGN §5
constexpr std::chrono::milliseconds bus_pause{250};

}  // namespace

Zone::Zone(io::Loop& loop, const Settings& settings, ZoneTrust* trust)
    : loop_(loop),
      address_(settings.identity.id.address()),
      trust_(trust),
      self_(loop, settings.identity, trust) {
    for (const auto& route : settings.routes) routes_.try_emplace(route.ecu.address(), loop, route);
}

io::Task<void> Zone::join(BusSettings bus) {
    bool said = false;
    while (true) {
        auto client = co_await can::BusClient::connect(loop_, bus.address);
        if (!client && client.error().remedy() != Remedy::retry) co_return std::unexpected(client.error());
        if (client) {
            buses_.push_back(*std::move(client));
            break;
        }
        if (!std::exchange(said, true)) log::problem(client.error(), "waiting for bus " + bus.name);
        co_await io::pause(bus_pause);
    }
    for (auto& [address, route] : routes_)
        if (route.settings().bus == bus.name) CO_ENSURE(route.open(*buses_.back()));
    log::info("bus {} at {} joined", bus.name, bus.address);
    co_return Result<void>{};
}

doip::Delivery Zone::look_up(std::uint16_t target, std::size_t uds_size_bytes) {
    if (target == address_ || target == functional_address) return doip::Delivery::accepted;
    const auto route = routes_.find(target);
    return route == routes_.end() ? doip::Delivery::unknown_target : route->second.look_up(uds_size_bytes);
}

// A functional request is answered by the zone alone: on CAN it would need an identifier that all ECUs listen to (issue
// 5).
void Zone::on_request(const doip::Diagnostic& request, const std::shared_ptr<io::ethernet::ReplySink>& sink) {
    if (request.target == address_) return self_.on_request(request.uds, uds::Addressing::physical, sink);
    if (request.target == functional_address) return self_.on_request(request.uds, uds::Addressing::functional, sink);
    const auto route = routes_.find(request.target);
    if (route == routes_.end()) return;
    const EcuId ecu = route->second.settings().ecu;
    if (trust_ != nullptr && overwrites_an_image(request.uds) && !trust_->may_program(ecu)) {
        log::warning("{}: erase or download refused: no judged metadata names an image for it", ecu.str());
        const std::array<std::uint8_t, 3> refused{uds::negative_response_sid, request.uds[0],
                                                  static_cast<std::uint8_t>(uds::Nrc::conditions_not_correct)};
        return sink->reply(request.target, refused);
    }
    route->second.on_request(request.uds, sink);
}

}  // namespace pitstop::zone
