#include "apps/ecu/vehicle_part.h"

#include <algorithm>
#include <format>

namespace pitstop::ecu {
namespace {

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t record_sectors = 4;  // two for the boot records, two for what it trusts
constexpr std::uint32_t record_sector_kib = 16;

Identity identity_of(const vehicle::EcuPlan& plan, const Vin& vin) {
    return {plan.ecu,
            vin,
            plan.hardware,
            std::format("PN-{}", plan.hardware.view()),
            std::format("SN-{:04}-000001", plan.ecu.number()),
            "pitstop-boot 1.0.0"};
}

FlashSettings flash_of(const vehicle::EcuPlan& plan, const io::CarPlace& place) {
    const vehicle::EcuMake& make = plan.make;
    flash::Geometry geometry;
    geometry.program_unit_bytes = 32;
    geometry.runs[0] = {record_sectors, record_sector_kib * kib};
    geometry.runs[1] = {2 * make.bank_kib / make.sector_kib, make.sector_kib * kib};
    return {.file = place.flash(plan.ecu), .geometry = geometry, .times = times_at(make.flash_speed)};
}

TrustSettings trust_of(const vehicle::EcuPlan& plan, const io::CarPlace& place) {
    if (plan.make.verifies == vehicle::Verifies::partial) return {.director_root = place.director_root()};
    return {place.director_root(), flash::Verification::full, place.image_root(), place.trust(plan.ecu)};
}

// One of both missing is a mistake, which an ECU tells when it starts.
std::optional<AccessSettings> access_of(const io::CarPlace& place) {
    const std::vector authorities{place.classical_authority(), place.post_quantum_authority()};
    std::error_code unreadable;
    const bool asks = std::ranges::any_of(
        authorities, [&](const auto& authority) { return std::filesystem::exists(authority, unreadable); });
    if (!asks) return std::nullopt;
    return AccessSettings{.authorities = authorities, .security_key = {}};
}

Settings settings_of(const vehicle::EcuPlan& plan, const vehicle::ZonePlan& zone, const Vin& vin,
                     const io::CarPlace& place) {
    Settings settings{.identity = identity_of(plan, vin),
                      .flash = flash_of(plan, place),
                      .factory = FactorySettings{place.factory_image(), {1, 0, 0}},
                      .can = {},
                      .ethernet = {},
                      .trust = trust_of(plan, place),
                      .keys = KeySettings{place.classical_key(plan.ecu), place.post_quantum_key(plan.ecu)},
                      .opening = {plan.make.opens, {}}};
    settings.boot_time = plan.make.boot_time;
    settings.access = access_of(place);
    if (plan.bus.empty()) {
        settings.ethernet = EthernetSettings{vehicle::host_of(plan.ecu, place.network)};
    } else {
        const vehicle::CanIds ids = vehicle::can_ids_of(plan.ecu);
        const bool fd = zone.find_bus(plan.bus)->kind == vehicle::BusKind::can_fd;
        settings.can = CanSettings{.bus = place.bus_address(plan.bus),
                                   .request_id = ids.request,
                                   .response_id = ids.response,
                                   .format = fd ? CanFormat::fd : CanFormat::classic};
    }
    settings.block_size_bytes_max = usual_block_size_bytes(settings.can);
    return settings;
}

}  // namespace

Result<std::vector<Settings>> ecus_of(const vehicle::Blueprint& car, std::string_view zone, const io::CarPlace& place) {
    if (!zone.empty()) ENSURE(car.zone(zone).transform([](const auto*) {}));
    std::vector<Settings> ecus;
    for (const vehicle::ZonePlan& each : car.zones) {
        if (!zone.empty() && each.name != zone) continue;
        for (const vehicle::EcuPlan& plan : each.ecus) ecus.push_back(settings_of(plan, each, car.vin, place));
    }
    return ecus;
}

}  // namespace pitstop::ecu
