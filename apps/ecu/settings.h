// What one virtual ECU is and how it is reached: config/ecu-can.yaml and config/ecu-ethernet.yaml show every key.
// Faults: config.*
#pragma once

#include "core/flash/metadata_intake.h"
#include "io/ecu/access_settings.h"
#include "io/ecu/image_settings.h"
#include "io/ethernet/doip_server.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pitstop::ecu {

enum class CanFormat : std::uint8_t { fd, classic };

struct CanSettings {
    std::string bus;  // unix:PATH or tcp:HOST:PORT
    std::uint32_t request_id = 0;
    std::uint32_t response_id = 0;
    std::uint32_t functional_id = 0x7DF;
    CanFormat format = CanFormat::fd;
};

struct EthernetSettings {
    std::string host;
    std::uint16_t port = 13400;
    io::ethernet::DoipServerSettings doip = {};  // all else about how it listens
};

// The Uptane roots that the factory put in, and how the ECU verifies what follows from them.
struct TrustSettings {
    std::filesystem::path director_root;
    flash::Verification verification = flash::Verification::partial;
    std::filesystem::path image_root = {};  // full verification only, as is
    std::filesystem::path state = {};       // the file in which it is kept; partial: in the flash
};

enum class Readiness : std::uint8_t { ready, not_ready };

struct Settings : ImageSettings {
    std::optional<CanSettings> can = {};  // exactly one of these two
    std::optional<EthernetSettings> ethernet = {};
    std::optional<TrustSettings> trust = {};    // nothing: no image but the factory's is accepted
    std::optional<AccessSettings> access = {};  // nothing: everybody may program it
    std::uint32_t block_size_bytes_max = 0;     // of a TransferData request, service and counter included
    Readiness readiness = Readiness::ready;     // what routine 0203 answers

    static Result<Settings> from_file(const std::filesystem::path& file);
};

// What fits the link where nothing else was said; nothing: Ethernet.
[[nodiscard]] std::uint32_t usual_block_size_bytes(const std::optional<CanSettings>& can);

}  // namespace pitstop::ecu
