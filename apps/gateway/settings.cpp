#include "apps/gateway/settings.h"

#include "io/config/section.h"
#include "io/ethernet/doip_settings.h"
#include "io/vehicle/vehicle_file.h"

namespace pitstop::gateway {
namespace {

using io::config::Section;

constexpr std::int64_t storage_temperature_c_min = -60;  // outside of what any control unit survives
constexpr std::int64_t storage_temperature_c_max = 150;

// One with a hardware id takes updates itself.
struct ZoneSettings {
    vehicle::Zone zone;
    std::optional<HardwareId> hardware = {};
};

Result<ZoneSettings> zone_from(const Section& section) {
    TRY(std::string name, section.text("name"));
    TRY(const EcuId gateway, section.id<EcuId>("gateway"));
    TRY(std::string host, section.text("host"));
    TRY(const std::int64_t port, section.number("port", {1, 65535}, 13400));
    ZoneSettings settings{{std::move(name), gateway, std::move(host), static_cast<std::uint16_t>(port)}};
    if (section.has("hardware_id")) {
        TRY(settings.hardware, section.id<HardwareId>("hardware_id"));
    }
    return settings;
}

Result<vehicle::Bus> bus_from(const Section& section) {
    TRY(std::string name, section.text("name"));
    TRY(std::string zone, section.text("zone"));
    return vehicle::Bus{std::move(name), std::move(zone)};
}

Result<vehicle::EcuDescription> ecu_from(const Section& section) {
    TRY(const EcuId id, section.id<EcuId>("id"));
    TRY(const HardwareId hardware, section.id<HardwareId>("hardware_id"));
    TRY(const auto link, section.choice<vehicle::Link>(
                             "link", {{"doip", vehicle::Link::doip}, {"can-fd", vehicle::Link::can_fd}}, "doip"));
    vehicle::EcuDescription ecu{id, hardware, link, {}, 0, {}};
    if (link == vehicle::Link::doip) {
        TRY(ecu.host, section.text("host"));
        TRY(const std::int64_t port, section.number("port", {1, 65535}, 13400));
        ecu.port = static_cast<std::uint16_t>(port);
    } else {
        TRY(ecu.bus, section.text("bus"));
    }
    return ecu;
}

template <class T, class Read>
Result<std::vector<T>> list_of(const Section& root, std::string_view key, Read read) {
    TRY(const std::vector<Section> sections, root.list(key));
    std::vector<T> items;
    for (const Section& section : sections) {
        TRY(T item, read(section));
        items.push_back(std::move(item));
    }
    return items;
}

// `vehicle`: a file that describes the whole car; the VIN is this vehicle's own all the same.
Result<vehicle::Description> described_elsewhere(const Section& section, const Vin& vin) {
    TRY(const auto file, section.path("file"));
    TRY(const auto network, section.number("network", {0, 254}, 0));
    TRY(const auto zones, section.number("zones", {1, 100}, 100));
    TRY(const vehicle::Blueprint car, io::read_vehicle(file));
    vehicle::Description vehicle =
        car.reduced_to(static_cast<std::size_t>(zones)).description(static_cast<std::uint8_t>(network));
    vehicle.vin = vin;
    return vehicle;
}

Result<vehicle::Description> vehicle_from(const Section& root) {
    TRY(const Vin vin, root.id<Vin>("vin"));
    TRY(const auto elsewhere, root.section_if_there("vehicle"));
    if (elsewhere) return described_elsewhere(*elsewhere, vin);
    vehicle::Description vehicle{vin, {}, {}, {}};
    TRY(const auto zones, list_of<ZoneSettings>(root, "zones", zone_from));
    TRY(vehicle.buses, list_of<vehicle::Bus>(root, "buses", bus_from));
    TRY(vehicle.ecus, list_of<vehicle::EcuDescription>(root, "ecus", ecu_from));
    for (const auto& [zone, hardware] : zones) {
        vehicle.zones.push_back(zone);
        if (hardware) vehicle.ecus.push_back({zone.gateway, *hardware, vehicle::Link::doip, zone.host, zone.port, {}});
    }
    if (const auto checked = vehicle.check(); !checked) return root.out_of_range("ecus", checked.error().str());
    return vehicle;
}

Result<ServerSettings> server_from(const Section& root) {
    ServerSettings server;
    TRY(const Section section, root.section("server"));
    TRY(server.base_url, section.text("https"));
    TRY(server.mqtt_host, section.text("mqtt_host"));
    TRY(const std::int64_t port, section.number("mqtt_port", {1, 65535}, 8883));
    server.mqtt_port = static_cast<std::uint16_t>(port);
    TRY(const Section tls, root.section("tls"));
    TRY(server.tls, io::ethernet::read_tls(tls, io::tls::PeerCertificate::required));
    return server;
}

Result<std::optional<InCarTls>> in_car_tls_from(const Section& root) {
    TRY(const auto section, root.section_if_there("in_car_tls"));
    if (!section) return std::nullopt;
    InCarTls in_car;
    TRY(in_car.tls, io::ethernet::read_tls(*section, io::tls::PeerCertificate::required));
    TRY(const auto names, section->texts("only"));
    for (const std::string& name : names) {
        const auto ecu = EcuId::parse(name);
        if (!ecu) return section->out_of_range("only", ecu.error().str());
        in_car.only.push_back(*ecu);
    }
    return in_car;
}

Result<ConditionsSettings> conditions_from(const Section& root, const std::filesystem::path& storage) {
    ConditionsSettings conditions;
    conditions.storage = storage;
    TRY(conditions.file, root.path_if_there("conditions"));
    TRY(const auto section, root.section_if_there("readiness"));
    if (!section) return conditions;
    vehicle::ReadinessPolicy& policy = conditions.policy;
    TRY(const auto battery, section->number("battery_percent_min", {0, 100}, policy.battery_percent_min));
    TRY(const auto coldest, section->number("temperature_c_min", {storage_temperature_c_min, storage_temperature_c_max},
                                            policy.temperature_c_min));
    TRY(const auto hottest, section->number("temperature_c_max", {storage_temperature_c_min, storage_temperature_c_max},
                                            policy.temperature_c_max));
    TRY(const auto dtcs, section->number("open_dtcs_max", {0, 65535}, policy.open_dtcs_max));
    TRY(const auto retry_after_s, section->number("retry_after_s", {1, 86'400}, policy.retry_after_s));
    policy = {static_cast<std::uint8_t>(battery), static_cast<std::int16_t>(coldest),
              static_cast<std::int16_t>(hottest), static_cast<std::uint16_t>(dtcs),
              static_cast<std::uint32_t>(retry_after_s)};
    return conditions;
}

Result<std::optional<KeySettings>> keys_from(const Section& root) {
    TRY(const auto section, root.section_if_there("keys"));
    if (!section) return std::nullopt;
    KeySettings keys;
    TRY(keys.classical, section->path("classical"));
    TRY(keys.post_quantum, section->path("post_quantum"));
    return keys;
}

}  // namespace

Result<Settings> Settings::from_file(const std::filesystem::path& file) {
    TRY(const Section root, Section::from_file(file));
    TRY(vehicle::Description vehicle, vehicle_from(root));
    Settings settings{.vehicle = std::move(vehicle)};
    TRY(const auto diagnostics, root.section_if_there("diagnostics"));
    if (diagnostics) {
        TRY(settings.credential, diagnostics->path("credential"));
    }
    TRY(const auto tester, root.number("tester_address", {0x0E00, 0x0EFF}, settings.tester_address));
    settings.tester_address = static_cast<std::uint16_t>(tester);
    TRY(settings.consent,
        root.choice<update::Consent>(
            "consent", {{"automatic", update::Consent::automatic}, {"ask", update::Consent::ask}}, "automatic"));
    TRY(const auto retries, root.number("ecu_retries", {0, 100}, settings.ecu_retries_max));
    settings.ecu_retries_max = static_cast<std::uint8_t>(retries);
    TRY(settings.state_folder, root.path("state"));
    TRY(settings.server, server_from(root));
    TRY(settings.in_car_tls, in_car_tls_from(root));
    TRY(const Section trust, root.section("trust"));
    TRY(settings.trust.director_root, trust.path("director_root"));
    TRY(settings.trust.image_root, trust.path("image_root"));
    settings.trust.folder = settings.state_folder;
    TRY(settings.keys, keys_from(root));
    TRY(settings.conditions, conditions_from(root, settings.state_folder));
    ENSURE(root.finish());
    return settings;
}

}  // namespace pitstop::gateway
