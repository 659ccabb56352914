// The certificates of one installation, as a folder:
//
//     ca/ca.crt ca.key               the authority; ca.key is needed only to issue more
//     server/server.crt .key         HTTPS
//     server/mqtt-client.crt .key    the server as a client of the broker, common name pitstop-server
//     broker/broker.crt .key         MQTT
//     observer/observer.crt .key     may read every message and write none, common name pitstop-observer
//     vehicles/<VIN>/vehicle.crt .key
//     diagnostics/                   who may get into ECUs: diagnostic_pki.h
//
// The TLS profile decides the kind of key. The authority is written last: while ca.crt is missing, nothing was
// promised. Faults: cli.already-there, tls.unknown-profile, and those of io/keys and io/files.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "io/keys/certificate_authority.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::cli {

enum class Overwrite { no, yes };

inline constexpr std::string_view mqtt_client_name = "pitstop-server";
inline constexpr std::string_view observer_name = "pitstop-observer";

struct PkiOrder {
    std::filesystem::path folder;
    int profile;
    std::vector<std::string> hosts;  // names and addresses of server and broker
    std::vector<std::string> vins;
    Overwrite overwrite = Overwrite::no;
    std::optional<std::string> passphrase;  // seals ca.key, and those of diagnostics/ca
    std::vector<std::string> zones = {};    // that program their own ECUs
};

// Everything above; Overwrite::yes removes what an earlier order made.
[[nodiscard]] Result<void> make_pki(const PkiOrder& order, UtcTime now);

// One more vehicle, by the authority that is there.
struct VehicleOrder {
    std::filesystem::path folder;
    std::string vin;
    Overwrite overwrite = Overwrite::no;
    std::optional<std::string> passphrase;
};
[[nodiscard]] Result<void> add_vehicle(const VehicleOrder& order, UtcTime now);

}  // namespace pitstop::cli
