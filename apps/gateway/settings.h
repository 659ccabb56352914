// What the gateway is told by its configuration file: config/gateway.yaml shows every key. Faults: config.*, vehicle.*
#pragma once

#include "core/update/decide.h"
#include "core/vehicle/description.h"
#include "core/vehicle/readiness.h"
#include "io/tls/context.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::gateway {

struct ServerSettings {
    std::string base_url;  // https://host:port
    std::string mqtt_host;
    std::uint16_t mqtt_port = 8883;
    io::tls::TlsSettings tls;
};

// The roots that the factory put into the vehicle; what follows from them is kept in the state folder.
struct TrustSettings {
    std::filesystem::path director_root;
    std::filesystem::path image_root;
    std::filesystem::path folder;
};

// With which the gateway signs what the vehicle says of itself.
struct KeySettings {
    std::filesystem::path classical;
    std::filesystem::path post_quantum;
};

struct ConditionsSettings {
    std::optional<std::filesystem::path> file;  // read anew at each question; nothing: always parked and charged
    vehicle::ReadinessPolicy policy;
    std::filesystem::path storage;  // whose free space counts
};

// How the gateway as a DoIP tester secures its way to these entities (zonal gateways, ECUs on Ethernet).
struct InCarTls {
    io::tls::TlsSettings tls;
    std::vector<EcuId> only;  // nobody: to all
};

struct Settings {
    vehicle::Description vehicle;
    std::uint16_t tester_address = 0x0E80;
    update::Consent consent = update::Consent::automatic;
    std::uint8_t ecu_retries_max = 12;  // of a silent ECU
    std::filesystem::path state_folder{};
    ServerSettings server{};
    TrustSettings trust{};
    std::optional<KeySettings> keys{};  // nothing: no vehicle version manifests
    ConditionsSettings conditions{};
    std::optional<std::filesystem::path> credential{};  // with which it gets into ECUs; nothing: only into open ones
    std::optional<InCarTls> in_car_tls{};               // nothing: plain

    static Result<Settings> from_file(const std::filesystem::path& file);
};

}  // namespace pitstop::gateway
