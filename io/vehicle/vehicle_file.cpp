#include "io/vehicle/vehicle_file.h"

#include "core/vehicle/limits.h"
#include "io/config/section.h"

#include <format>
#include <map>
#include <optional>

namespace pitstop::io {
namespace {

using config::Section;
using vehicle::EcuMake;
using Makes = std::map<std::string, EcuMake>;

Result<EcuMake> make_from(const Section& section) {
    EcuMake make;
    TRY(const auto bank_kib, section.number("bank_kib", {1, 1 << 20}));
    TRY(const auto sector_kib, section.number("sector_kib", {1, 1 << 10}));
    TRY(const auto boot_time_ms, section.number("boot_time_ms", {0, 600'000}, make.boot_time.count()));
    TRY(make.flash_speed, section.real("flash_speed", 0, 1e6, 0));
    TRY(make.verifies,
        section.choice<vehicle::Verifies>(
            "verification", {{"partial", vehicle::Verifies::partial}, {"full", vehicle::Verifies::full}}, "partial"));
    TRY(const std::string words, section.text("opens", "plain"));
    const auto opens = Openings::parse(words);
    if (!opens || opens->hpke) return section.out_of_range("opens", "some of gzip zstd delta window=BYTES");
    make.opens = *opens;
    make.bank_kib = static_cast<std::uint32_t>(bank_kib);
    make.sector_kib = static_cast<std::uint32_t>(sector_kib);
    make.boot_time = std::chrono::milliseconds(boot_time_ms);
    return make;
}

Result<Makes> makes_from(const Section& root) {
    TRY(const Section section, root.section("makes"));
    Makes makes;
    for (const std::string& name : section.keys()) {
        TRY(const Section each, section.section(name));
        TRY(makes[name], make_from(each));
    }
    return makes;
}

Result<vehicle::BusPlan> bus_from(const Section& section) {
    using vehicle::BusKind;
    vehicle::BusPlan bus;
    TRY(bus.name, section.text("name"));
    TRY(bus.kind, section.choice<BusKind>("kind", {{"can", BusKind::can}, {"can-fd", BusKind::can_fd}}, "can-fd"));
    TRY(const auto nominal, section.number("bitrate", {10'000, 1'000'000}));
    bus.bits_per_s = bus.data_bits_per_s = static_cast<std::uint32_t>(nominal);
    if (bus.kind == BusKind::can) return bus;
    TRY(const auto data, section.number("data_bitrate", {10'000, 8'000'000}));
    bus.data_bits_per_s = static_cast<std::uint32_t>(data);
    return bus;
}

struct Run {
    EcuId first, last;
};

// One ECU by `id`, or several that are alike by `first` and `last`.
Result<Run> run_from(const Section& section) {
    if (section.has("id")) {
        TRY(const EcuId only, section.id<EcuId>("id"));
        return Run{only, only};
    }
    TRY(const EcuId first, section.id<EcuId>("first"));
    TRY(const EcuId last, section.id<EcuId>("last"));
    if (last < first) return section.out_of_range("last", "must not come before 'first'");
    return Run{first, last};
}

Result<EcuMake> make_of(const Section& section, const Makes& makes) {
    TRY(const std::string make, section.text("make"));
    const auto found = makes.find(make);
    if (found == makes.end()) return section.out_of_range("make", "stands in no entry of 'makes'");
    return found->second;
}

Result<void> read_ecus(const Section& zone, const Makes& makes, std::vector<vehicle::EcuPlan>& into) {
    TRY(const auto sections, zone.list("ecus"));
    for (const Section& section : sections) {
        TRY(const Run run, run_from(section));
        TRY(const std::string name, section.text("name"));
        TRY(const HardwareId hardware, section.id<HardwareId>("hardware_id"));
        TRY(const EcuMake make, make_of(section, makes));
        TRY(const std::string bus, section.text("bus", ""));
        for (std::uint32_t number = run.first.number(); number <= run.last.number(); ++number) {
            const bool alone = run.first == run.last;
            TRY(const EcuId id, EcuId::from_number(number));
            into.push_back({id, alone ? name : std::format("{} {}", name, number), hardware, make, bus});
        }
    }
    return {};
}

// The gateway as an ECU of its own, where the zone has a hardware id.
Result<std::optional<vehicle::EcuPlan>> own_from(const Section& zone, EcuId gateway, const Makes& makes) {
    if (!zone.has("hardware_id")) return std::nullopt;
    TRY(const HardwareId hardware, zone.id<HardwareId>("hardware_id"));
    TRY(const EcuMake make, make_of(zone, makes));
    TRY(const std::string name, zone.text("name"));
    return vehicle::EcuPlan{gateway, "zone " + name, hardware, make, {}};
}

Result<vehicle::ZonePlan> zone_from(const Section& section, const Makes& makes) {
    TRY(std::string name, section.text("name"));
    TRY(const EcuId gateway, section.id<EcuId>("gateway"));
    TRY(const Version software, section.id<Version>("software_version"));
    vehicle::ZonePlan zone{std::move(name), gateway, software, {}, {}};
    TRY(const auto buses, section.list("buses"));
    for (const Section& each : buses) {
        TRY(vehicle::BusPlan bus, bus_from(each));
        zone.buses.push_back(std::move(bus));
    }
    ENSURE(read_ecus(section, makes, zone.ecus));
    TRY(zone.own, own_from(section, gateway, makes));
    return zone;
}

}  // namespace

Result<vehicle::Blueprint> read_vehicle(const std::filesystem::path& file) {
    TRY(const Section root, Section::from_file(file));
    TRY(const Vin vin, root.id<Vin>("vin"));
    TRY(const Makes makes, makes_from(root));
    vehicle::Blueprint car{vin, {}};
    TRY(const auto zones, root.list("zones"));
    for (const Section& each : zones) {
        TRY(vehicle::ZonePlan zone, zone_from(each, makes));
        car.zones.push_back(std::move(zone));
    }
    if (const auto checked = car.check(); !checked) return root.out_of_range("zones", checked.error().str());
    ENSURE(root.finish());
    return car;
}

std::string CarPlace::bus_address(std::string_view bus) const {
    return std::format("unix:{}/{}.sock", folder.string(), bus);
}
std::filesystem::path CarPlace::flash(EcuId ecu) const { return folder / (ecu.str() + ".flash"); }
std::filesystem::path CarPlace::trust(EcuId ecu) const { return folder / (ecu.str() + ".trust"); }
std::filesystem::path CarPlace::factory_image() const { return folder / "factory.img"; }
std::filesystem::path CarPlace::director_root() const { return folder / "roots" / "director.json"; }
std::filesystem::path CarPlace::image_root() const { return folder / "roots" / "image.json"; }
std::filesystem::path CarPlace::classical_key(EcuId ecu) const {
    return folder / "keys" / (ecu.str() + "-classical.key");
}
std::filesystem::path CarPlace::post_quantum_key(EcuId ecu) const { return folder / "keys" / (ecu.str() + "-pq.key"); }
std::filesystem::path CarPlace::classical_authority() const { return folder / "roots" / "diagnostics-classical.crt"; }
std::filesystem::path CarPlace::post_quantum_authority() const { return folder / "roots" / "diagnostics-pq.crt"; }
std::filesystem::path CarPlace::credential(EcuId zone) const { return folder / "credentials" / zone.str(); }

}  // namespace pitstop::io
