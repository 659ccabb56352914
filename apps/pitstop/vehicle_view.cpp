#include "apps/pitstop/vehicle_view.h"

#include "apps/pitstop/terminal.h"

#include <format>
#include <ostream>

namespace pitstop::cli {
namespace {

const json::Object& part(const json::Object& from, std::string_view name) {
    static const json::Object nothing;
    const json::Object* const found = object_or_null(from, name);
    return found != nullptr ? *found : nothing;
}

void print_ecus(const json::Object& inventory, std::ostream& out) {
    for (const json::Object* const ecu : objects(inventory, "ecus"))
        out << std::format("  {}  {:<12} {:<20} {:<7} {:<16} {:<14}\n           {}\n           sha256 {}\n",
                           shown(*ecu, "ecu_id"), shown(*ecu, "version"), shown(*ecu, "hardware_id"),
                           shown(*ecu, "link"), shown(*ecu, "serial"), shown(*ecu, "part_number"),
                           shown(*ecu, "bank_state"), shown(*ecu, "image_sha256"));
    for (const json::Object* const ecu : objects(inventory, "missing"))
        out << std::format("  {}  does not answer: {}  {}\n", shown(*ecu, "ecu_id"), shown(*ecu, "code"),
                           shown(*ecu, "detail"));
}

}  // namespace

void print_vehicles(const json::Object& list, std::ostream& out) {
    out << std::format("{:<17}  {:<21} {:<20} {}\n", "VIN", "last seen", "MQTT key exchange", "ECUs");
    for (const json::Object* const vehicle : objects(list, "vehicles")) {
        std::string ecus;
        for (const json::Object* const ecu : objects(part(*vehicle, "inventory"), "ecus"))
            ecus += std::format("{}{} {}", ecus.empty() ? "" : ", ", shown(*ecu, "ecu_id"), shown(*ecu, "version"));
        out << std::format("{:<17}  {:<21} {:<20} {}\n", shown(*vehicle, "vin"), shown(*vehicle, "last_seen"),
                           shown(part(part(*vehicle, "channels"), "mqtt"), "group"), ecus.empty() ? "-" : ecus);
    }
}

void print_vehicle(const json::Object& vehicle, std::ostream& out) {
    out << std::format("{}  first seen {}  last seen {}\n", shown(vehicle, "vin"), shown(vehicle, "first_seen"),
                       shown(vehicle, "last_seen"));
    out << "channels (key exchange, signature, cipher)\n";
    for (const std::string_view name : {"mqtt", "https"}) {
        const json::Object& channel = part(part(vehicle, "channels"), name);
        out << std::format("  {:<6} {}  {}  {}\n", name, shown(channel, "group"), shown(channel, "signature"),
                           shown(channel, "cipher"));
    }
    out << std::format("ECUs (read {})\n", shown(vehicle, "inventory_at"));
    print_ecus(part(vehicle, "inventory"), out);
    out << "campaigns\n";
    for (const json::Object* const assignment : objects(vehicle, "assignments"))
        out << std::format("  {:<24} {:<11}  {}  {}  {}\n", shown(*assignment, "campaign_id"),
                           shown(*assignment, "phase"), shown(*assignment, "updated"), shown(*assignment, "code"),
                           shown(*assignment, "detail"));
}

void print_manifest(const json::Object& manifest, std::ostream& out) {
    out << std::format("{}  manifest {}  received {}  its time {}\n", shown(manifest, "vin"),
                       shown(manifest, "counter"), shown(manifest, "received"), shown(manifest, "time"));
    for (const json::Object* const ecu : objects(manifest, "ecus")) {
        const json::Object& installed = part(*ecu, "installed");
        out << std::format("  {}  {:<8}  {:<12} {:<20} inventory {:<8} {}  {}\n", shown(*ecu, "ecu_id"),
                           shown(*ecu, "verdict"), shown(installed, "version"), shown(*ecu, "hardware_id"),
                           shown(*ecu, "inventory"), shown(*ecu, "code"), shown(*ecu, "detail"));
    }
    out << "attacks refused by the vehicle\n";
    for (const json::Object* const attack : objects(manifest, "attacks"))
        out << std::format("  {}  {:<8} {} x{}\n", shown(*attack, "time"),
                           json::has(*attack, "ecu_id") ? shown(*attack, "ecu_id") : "gateway", shown(*attack, "code"),
                           shown(*attack, "attacks"));
    if (const json::Object* const refused = object_or_null(manifest, "refused"))
        out << std::format("last refused: {}  {}  {}\n", shown(*refused, "time"), shown(*refused, "code"),
                           shown(*refused, "detail"));
}

void print_vehicle_keys(const json::Object& keys, std::ostream& out) {
    const auto count = [](const json::Object& from, std::string_view name) {
        const json::Value* const list = from.if_contains(name);
        return list != nullptr && list->is_array() ? list->get_array().size() : 0;
    };
    out << std::format("{}  registered {}\n  gateway  {} keys\n", shown(keys, "vin"), shown(keys, "updated"),
                       count(keys, "primary"));
    const json::Object& ecus = part(keys, "ecus");
    for (const auto& ecu : ecus)
        out << std::format("  {}  {} keys\n", std::string_view(ecu.key()), count(ecus, ecu.key()));
}

}  // namespace pitstop::cli
