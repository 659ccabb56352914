#include "core/vehicle/inventory.h"

#include "core/base/faults.h"
#include "core/vehicle/faults.h"
#include "core/vehicle/limits.h"

#include <algorithm>
#include <format>
#include <set>

namespace pitstop::vehicle {
namespace {

json::Object to_json(const EcuReport& report) {
    return {{"ecu_id", report.ecu.str()},
            {"hardware_id", report.hardware.str()},
            {"version", report.version.str()},
            {"serial", report.serial},
            {"part_number", report.part_number},
            {"bank_state", report.bank_state},
            {"image_sha256", to_hex(report.active_image)},
            {"link", to_string(report.link)},
            {"opens", report.opens.str()}};
}

// Once through its own text: a window without a word that needs one says nothing.
Result<Openings> openings_from_json(const json::Object& from) {
    TRY(const std::string words, optional_text(from, "opens", identifier_size_max));
    TRY(const Openings said, Openings::parse(words));
    return Openings::parse(said.str());
}

Result<EcuReport> report_from_json(const json::Object& from) {
    TRY(const EcuId ecu, json::id<EcuId>(from, "ecu_id"));
    TRY(const HardwareId hardware, json::id<HardwareId>(from, "hardware_id"));
    TRY(const Version version, json::id<Version>(from, "version"));
    TRY(std::string serial, optional_text(from, "serial", identifier_size_max));
    TRY(std::string part_number, optional_text(from, "part_number", identifier_size_max));
    TRY(std::string bank_state, optional_text(from, "bank_state", identifier_size_max));
    TRY(const Sha256Digest image, json::sha256(from, "image_sha256"));
    TRY(const std::string link_name, json::string(from, "link"));
    TRY(const Link link, link_from(link_name));
    TRY(const Openings opens, openings_from_json(from));
    return EcuReport{ecu,   hardware, version, std::move(serial), std::move(part_number), std::move(bank_state),
                     image, link,     opens};
}

Result<MissingEcu> missing_from_json(const json::Object& from) {
    TRY(const EcuId ecu, json::id<EcuId>(from, "ecu_id"));
    TRY(std::string code, text(from, "code", identifier_size_max));
    TRY(std::string detail, optional_text(from, "detail", sentence_size_max));
    return MissingEcu{ecu, std::move(code), std::move(detail)};
}

Result<void> name_once(std::set<EcuId>& named, EcuId ecu) {
    if (!named.insert(ecu).second)
        return fail(faults::ambiguous, std::format("{} stands twice in an inventory", ecu.str()));
    return {};
}

}  // namespace

std::string_view to_string(Link link) { return link == Link::doip ? "doip" : "can-fd"; }

Result<Link> link_from(std::string_view text) {
    if (text == "doip") return Link::doip;
    if (text == "can-fd") return Link::can_fd;
    return fail(pitstop::faults::wrong_type, "'link' must be doip or can-fd");
}

const EcuReport* Inventory::find(EcuId ecu) const {
    const auto found = std::ranges::find(ecus, ecu, &EcuReport::ecu);
    return found == ecus.end() ? nullptr : &*found;
}

bool Inventory::shows(std::span<const Software> wanted) const {
    return !wanted.empty() && std::ranges::all_of(wanted, [this](const Software& software) {
        const EcuReport* report = find(software.ecu);
        return report && report->version == software.version && report->active_image == software.image;
    });
}

json::Object to_json(const Inventory& inventory) {
    json::Array ecus;
    for (const EcuReport& report : inventory.ecus) ecus.push_back(to_json(report));
    json::Array missing;
    for (const MissingEcu& ecu : inventory.missing)
        missing.push_back(json::Object{{"ecu_id", ecu.ecu.str()}, {"code", ecu.code}, {"detail", ecu.detail}});
    return {{"vin", inventory.vin.view()},
            {"time", inventory.time.str()},
            {"ecus", std::move(ecus)},
            {"missing", std::move(missing)}};
}

Result<Inventory> inventory_from_json(const json::Object& from) {
    TRY(const Vin vin, json::id<Vin>(from, "vin"));
    TRY(const UtcTime time, json::time(from, "time"));
    Inventory inventory{vin, time, {}, {}};
    std::set<EcuId> named;
    TRY(const json::Array* ecus, list(from, "ecus", ecus_max));
    for (const json::Value& item : *ecus) {
        TRY(const json::Object* object, json::as_object(item, "an entry of 'ecus'"));
        TRY(EcuReport report, report_from_json(*object));
        ENSURE(name_once(named, report.ecu));
        inventory.ecus.push_back(std::move(report));
    }
    if (!json::has(from, "missing")) return inventory;
    TRY(const json::Array* missing, list(from, "missing", ecus_max));
    for (const json::Value& item : *missing) {
        TRY(const json::Object* object, json::as_object(item, "an entry of 'missing'"));
        TRY(MissingEcu ecu, missing_from_json(*object));
        ENSURE(name_once(named, ecu.ecu));
        inventory.missing.push_back(std::move(ecu));
    }
    return inventory;
}

}  // namespace pitstop::vehicle
