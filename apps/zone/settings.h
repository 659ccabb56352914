// What one zonal gateway is, and which ECUs it reaches on which bus: config/zone.yaml shows every key. Faults:
// config.*, can.bad-address
#pragma once

#include "core/base/ids.h"
#include "core/isotp/can_frame.h"
#include "io/ecu/access_settings.h"
#include "io/ecu/full_store.h"
#include "io/ecu/image_settings.h"
#include "io/ethernet/doip_server.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::zone {

enum class CanFormat : std::uint8_t { fd, classic };

struct BusSettings {
    std::string name;
    std::string address;  // unix:PATH or tcp:HOST:PORT, where pitstop-bus listens
};

struct RouteSettings {
    EcuId ecu;
    std::string bus;  // the name of one of the buses
    isotp::CanId request, response;
    CanFormat format = CanFormat::fd;
    std::optional<HardwareId> hardware = {};  // needed with `trust`
};

using TrustSettings = ecu::FullTrustSettings;

// Where the zone keeps what its ECUs shall get, in order to flash them by itself.
struct StoreSettings {
    std::filesystem::path folder;  // of its own
    std::uint64_t size_bytes_max;
};

struct Identity {
    EcuId id;
    Vin vin;
    std::string name;
    Version software_version;  // without an image
};

struct Settings {
    Identity identity;
    std::string host;
    std::uint16_t port = 13400;
    io::ethernet::DoipServerSettings doip = {};  // how it listens; who it is comes from `identity`
    std::vector<BusSettings> buses;
    std::vector<RouteSettings> routes;
    std::optional<TrustSettings> trust = {};               // nothing: the zone routes, and leaves judging to the ECUs
    std::optional<std::filesystem::path> credential = {};  // with which it gets into ECUs; nothing: only into open ones
    std::optional<StoreSettings> store = {};               // nothing: it leaves flashing to the gateway
    std::optional<ecu::ImageSettings> image = {};          // nothing: it runs no image that could be replaced
    std::optional<ecu::AccessSettings> access = {};        // nothing: everybody may program it and have it work

    static Result<Settings> from_file(const std::filesystem::path& file);
};

}  // namespace pitstop::zone
