// What one virtual ECU is and how it is reached: config/ecu-can.yaml and config/ecu-ethernet.yaml show every key.
// Faults: config.*
#pragma once

#include "apps/ecu/access_settings.h"
#include "core/base/form.h"
#include "core/base/ids.h"
#include "core/flash/device.h"
#include "core/flash/metadata_intake.h"
#include "core/flash/target.h"
#include "io/ethernet/doip_server.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::ecu {

// What the ECU says about itself, whatever software runs.
struct Identity {
    EcuId id;
    Vin vin;
    HardwareId hardware_id;
    std::string part_number;
    std::string serial_number;
    std::string boot_software;
    std::string rxswin = {};  // of the type approval (UN R156); empty: none
};

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

struct FactorySettings {
    std::filesystem::path image;
    Version version;
    std::uint32_t release_counter = 1;
};

struct FlashSettings {
    std::filesystem::path file;
    flash::Geometry geometry;
    flash::Banks banks = flash::Banks::two;
    std::vector<std::uint32_t> worn_out;  // sectors that no longer work
    flash::FlashTimes times;              // of the memory that is imitated; zeros: as fast as this machine
};

// The Uptane roots that the factory put in, and how the ECU verifies what follows from them.
struct TrustSettings {
    std::filesystem::path director_root;
    flash::Verification verification = flash::Verification::partial;
    std::filesystem::path image_root = {};  // full verification only, as is
    std::filesystem::path state = {};       // the file in which it is kept; partial: in the flash
};

// With which the ECU signs its version reports.
struct KeySettings {
    std::filesystem::path classical;
    std::optional<std::filesystem::path> post_quantum;
};

// In which forms the ECU takes images besides plain ones.
struct OpeningSettings {
    Openings opens;
    std::optional<std::filesystem::path> seal_key;  // there where `opens` has hpke, and only there
};

enum class Readiness : std::uint8_t { ready, not_ready };

struct Settings {
    Identity identity;
    FlashSettings flash;
    std::optional<FactorySettings> factory;
    std::optional<CanSettings> can;  // exactly one of these two
    std::optional<EthernetSettings> ethernet;
    std::optional<TrustSettings> trust;         // nothing: no image but the factory's is accepted
    std::optional<KeySettings> keys;            // nothing: no version reports
    std::optional<AccessSettings> access = {};  // nothing: everybody may program it
    OpeningSettings opening;
    std::uint32_t block_size_bytes_max = 0;  // of a TransferData request, service and counter included
    std::chrono::milliseconds boot_time{200};
    Readiness readiness = Readiness::ready;  // what routine 0203 answers

    static Result<Settings> from_file(const std::filesystem::path& file);
};

// How long a memory of an ECU takes, `speed` times faster than real: 0 takes no time at all.
[[nodiscard]] flash::FlashTimes times_at(double speed);

// What fits the link where nothing else was said; nothing: Ethernet.
[[nodiscard]] std::uint32_t usual_block_size_bytes(const std::optional<CanSettings>& can);

}  // namespace pitstop::ecu
