// What a vehicle says it carries: the vehicle configuration information (VCI), read from every ECU by UDS 0x22.
//
// An update is done only when an inventory shows it (DESIGN §4), so `shows` is the one place that decides it.
// JSON: {"vin", "time", "ecus": [{"ecu_id", "hardware_id", "version", "serial", "part_number", "bank_state",
// "image_sha256", "link", "opens"}],
//        "missing": [{"ecu_id", "code", "detail"}]}; "missing" may be absent, and "opens", which then is "plain".
#pragma once

#include "core/base/bytes.h"
#include "core/base/form.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/time.h"

#include <span>
#include <string>
#include <vector>

namespace pitstop::vehicle {

// How the gateway reaches an ECU.
enum class Link : std::uint8_t { doip, can_fd };
[[nodiscard]] std::string_view to_string(Link link);          // "doip", "can-fd"
[[nodiscard]] Result<Link> link_from(std::string_view text);  // base.wrong-type

struct EcuReport {
    EcuId ecu;
    HardwareId hardware;          // F191
    Version version;              // F189
    std::string serial;           // F18C
    std::string part_number;      // F187
    std::string bank_state;       // F1A1 in words, for people; nothing is decided by it
    Sha256Digest active_image{};  // F1A2: read back from flash by the ECU itself
    Link link = Link::doip;
    Openings opens = {};  // F1A4: in which forms it takes an image

    bool operator==(const EcuReport&) const = default;
};

// An ECU that should have answered and did not.
struct MissingEcu {
    EcuId ecu;
    std::string code;  // of the fault
    std::string detail;

    bool operator==(const MissingEcu&) const = default;
};

// What somebody wants to find on an ECU.
struct Software {
    EcuId ecu;
    Version version;
    Sha256Digest image{};

    bool operator==(const Software&) const = default;
};

struct Inventory {
    Vin vin;
    UtcTime time;
    std::vector<EcuReport> ecus;  // each ECU once
    std::vector<MissingEcu> missing;

    [[nodiscard]] const EcuReport* find(EcuId ecu) const;
    // True only when every wanted software stands in a report with the same version and the same digest; never for an
    // empty wish.
    [[nodiscard]] bool shows(std::span<const Software> wanted) const;

    bool operator==(const Inventory&) const = default;
};

[[nodiscard]] json::Object to_json(const Inventory& inventory);
// base.*, vehicle.too-much, vehicle.ambiguous
[[nodiscard]] Result<Inventory> inventory_from_json(const json::Object& from);

}  // namespace pitstop::vehicle
