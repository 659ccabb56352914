// A whole car as it is built: zones with their gateways and buses, and every ECU down to its flash. Out of it each
// program takes its part; what the gateway has to know of it is a Description. config/vehicle-100.yaml is one,
// io/vehicle reads it.
//
// `check` refuses what contradicts itself: an ECU, bus or zone that stands twice, an ECU on a bus of another zone or of
// none, a data bit rate below the nominal one, a bank that no flash has. Faults: vehicle.bad-description,
// vehicle.ambiguous, vehicle.too-much.
#pragma once

#include "core/vehicle/description.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::vehicle {

enum class BusKind : std::uint8_t { can, can_fd };
enum class Verifies : std::uint8_t { partial, full };  // Uptane 2.1.0 #full_verification, #partial_verification

struct BusPlan {
    std::string name;  // once in the whole car
    BusKind kind = BusKind::can_fd;
    std::uint32_t bits_per_s = 500'000;
    std::uint32_t data_bits_per_s = 2'000'000;  // can_fd only

    bool operator==(const BusPlan&) const = default;
};

// What several ECUs have in common.
struct EcuMake {
    std::uint32_t bank_kib = 0;  // each of the two
    std::uint32_t sector_kib = 0;
    double flash_speed = 0;  // 1 as real flash, 10 ten times faster, 0 as fast as the machine
    std::chrono::milliseconds boot_time{200};
    Verifies verifies = Verifies::partial;
    Openings opens = {};

    bool operator==(const EcuMake&) const = default;
};

struct EcuPlan {
    EcuId ecu;
    std::string name;  // "door front left"
    HardwareId hardware;
    EcuMake make;
    std::string bus;  // of its zone; empty: on Ethernet, a DoIP entity of its own

    bool operator==(const EcuPlan&) const = default;
};

struct ZonePlan {
    std::string name;
    EcuId gateway;
    Version software;  // of the gateway
    std::vector<BusPlan> buses;
    std::vector<EcuPlan> ecus;
    // The gateway as an ECU that takes updates itself, on Ethernet; nothing: it is not.
    std::optional<EcuPlan> own = {};

    [[nodiscard]] const BusPlan* find_bus(std::string_view bus) const;
    bool operator==(const ZonePlan&) const = default;
};

struct Blueprint {
    Vin vin;
    std::vector<ZonePlan> zones;

    [[nodiscard]] Result<void> check() const;
    [[nodiscard]] Result<const ZonePlan*> zone(std::string_view name) const;  // vehicle.bad-description
    [[nodiscard]] std::size_t ecu_count() const;                              // zonal gateways included
    // The first zones alone, for a smaller car of the same make.
    [[nodiscard]] Blueprint reduced_to(std::size_t zones_max) const;
    // With each DoIP entity at 127.0.<network>.<its number>.
    [[nodiscard]] Description description(std::uint8_t network) const;

    bool operator==(const Blueprint&) const = default;
};

// An ECU's identifiers on whatever bus it is on: 11 bits, derived from its number, so that no two ECUs of a car share
// one. Answers, and with them flow control, win the arbitration over requests: a full bus holds back who fills it.
struct CanIds {
    std::uint32_t request = 0, response = 0;
    bool operator==(const CanIds&) const = default;
};
[[nodiscard]] constexpr CanIds can_ids_of(EcuId ecu) { return {0x680U + ecu.number(), 0x600U + ecu.number()}; }

[[nodiscard]] std::string host_of(EcuId entity, std::uint8_t network);  // "127.0.<network>.<number>"

}  // namespace pitstop::vehicle
