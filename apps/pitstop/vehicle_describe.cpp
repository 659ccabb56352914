// pitstop vehicle describe: what a car's file says it is made of, and how long an update keeps each of its buses busy.
#include "apps/pitstop/bus_time.h"
#include "apps/pitstop/vehicle_commands.h"
#include "core/base/json.h"
#include "core/compress/writers.h"
#include "core/flash/metadata_intake.h"
#include "io/files/atomic_file.h"
#include "io/vehicle/vehicle_file.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t image_bytes_max = std::size_t{1} << 30;

struct Options {
    fs::path file, images, metadata;
    bool json = false;
};

struct BusLine {
    const vehicle::BusPlan* bus;
    std::size_t ecus = 0;
    std::uint64_t payload_bytes = 0;
    BusTime time;
};

Result<void> add_transfer(BusLine& line, EcuId ecu, View bytes) {
    TRY(const BusTime time, time_of_transfer(bytes, ecu, *line.bus));
    line.payload_bytes += bytes.size();
    line.time.frames += time.frames;
    line.time.busy += time.busy;
    return {};
}

Result<BusLine> line_of(const vehicle::BusPlan& bus, const vehicle::ZonePlan& zone, const Options& options,
                        View metadata) {
    BusLine line{&bus, 0, 0, {}};
    for (const vehicle::EcuPlan& ecu : zone.ecus) {
        if (ecu.bus != bus.name) continue;
        ++line.ecus;
        const fs::path image = options.images / (ecu.ecu.str() + ".img");
        if (options.images.empty() || !fs::exists(image)) continue;
        TRY(const Bytes bytes, io::files::read_file(image, image_bytes_max));
        ENSURE(add_transfer(line, ecu.ecu, metadata));
        ENSURE(add_transfer(line, ecu.ecu, bytes));
    }
    return line;
}

json::Object to_json(const BusLine& line) {
    return {{"name", line.bus->name},
            {"kind", line.bus->kind == vehicle::BusKind::can ? "can" : "can-fd"},
            {"bits_per_s", line.bus->bits_per_s},
            {"data_bits_per_s", line.bus->data_bits_per_s},
            {"ecus", line.ecus},
            {"payload_bytes", line.payload_bytes},
            {"frames", line.time.frames},
            {"busy_s", std::chrono::duration<double>(line.time.busy).count()}};
}

json::Object to_json(const vehicle::EcuPlan& ecu) {
    return {{"ecu_id", ecu.ecu.str()},           {"name", ecu.name},
            {"hardware_id", ecu.hardware.str()}, {"bus", ecu.bus},
            {"bank_kib", ecu.make.bank_kib},     {"opens", ecu.make.opens.str()}};
}

json::Object to_json(const vehicle::ZonePlan& zone, std::span<const BusLine> lines) {
    json::Array buses, ecus;
    for (const BusLine& line : lines) buses.push_back(to_json(line));
    for (const vehicle::EcuPlan& ecu : zone.ecus) ecus.push_back(to_json(ecu));
    json::Object object{
        {"name", zone.name}, {"gateway", zone.gateway.str()}, {"buses", std::move(buses)}, {"ecus", std::move(ecus)}};
    if (zone.own) object["gateway_ecu"] = to_json(*zone.own);  // it takes updates itself
    return object;
}

void print(const vehicle::ZonePlan& zone, std::span<const BusLine> lines, std::ostream& out) {
    out << std::format("{:<14} {}  {} ECUs\n", zone.name, zone.gateway.str(), zone.ecus.size());
    for (const BusLine& line : lines) {
        const bool fd = line.bus->kind == vehicle::BusKind::can_fd;
        out << std::format("  {:<20} {:<8} {:>9} bit/s  {:>2} ECUs", line.bus->name, fd ? "CAN FD" : "CAN",
                           line.bus->data_bits_per_s, line.ecus);
        if (line.time.frames > 0)
            out << std::format("  {:>9} bytes  {:>7} frames  {:>7.2f} s", line.payload_bytes, line.time.frames,
                               std::chrono::duration<double>(line.time.busy).count());
        out << '\n';
    }
}

Result<void> describe(const Options& options, Run& run) {
    TRY(const vehicle::Blueprint car, io::read_vehicle(options.file));
    Bytes metadata;
    if (!options.metadata.empty()) {
        TRY(const Bytes bundle, io::files::read_file(options.metadata, image_bytes_max));
        TRY(metadata, compress::gzip(bundle, {.window_bytes = flash::MetadataIntake::window_bytes}));  // as it travels
    }
    json::Array zones;
    for (const vehicle::ZonePlan& zone : car.zones) {
        std::vector<BusLine> lines;
        for (const vehicle::BusPlan& bus : zone.buses) {
            TRY(const BusLine line, line_of(bus, zone, options, metadata));
            lines.push_back(line);
        }
        if (options.json)
            zones.push_back(to_json(zone, lines));
        else
            print(zone, lines, run.out);
    }
    if (options.json)
        run.out << boost::json::serialize(json::Object{{"vin", car.vin.view()}, {"zones", std::move(zones)}}) << '\n';
    else
        run.out << std::format("{} ECUs, zonal gateways among them\n", car.ecu_count());
    return {};
}

}  // namespace

void add_vehicle_describe(CLI::App& vehicle, Run& run) {
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    CLI::App* const command =
        vehicle.add_subcommand("describe", "What a car is made of, and how long an update keeps its buses busy");
    command->add_option("FILE", options->file, "The car's description")->required()->check(CLI::ExistingFile);
    command->add_option("--images", options->images, "Folder with ECU_011.img and so on: what would be installed")
        ->check(CLI::ExistingDirectory);
    command
        ->add_option("--metadata", options->metadata, "What every ECU on a bus is given before its image: the bundle")
        ->check(CLI::ExistingFile);
    command->add_flag("--json", options->json, "For programs");
    command->footer(
        "Examples:\n  pitstop vehicle describe config/vehicle-100.yaml\n"
        "  pitstop vehicle describe config/vehicle-100.yaml --images run/images --json");
    command->callback([options, &run] { run.finish(describe(*options, run)); });
}

}  // namespace pitstop::cli
