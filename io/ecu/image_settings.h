// What an ECU that runs an image of its own is configured with, whatever else it is: who it is, its flash, what the
// factory put in, with which keys it signs, in which forms it takes images.
//
// In a file these are sections of pitstop-ecu's own configuration, and of `image:` in a zone's. Faults: config.*
#pragma once

#include "core/base/form.h"
#include "core/base/ids.h"
#include "core/flash/device.h"
#include "core/flash/layout.h"
#include "core/flash/target.h"
#include "io/config/section.h"
#include "io/vehicle/vehicle_file.h"

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

struct FactorySettings {
    std::filesystem::path image;
    Version version;
    std::uint32_t release_counter = 1;
};

struct FlashSettings {
    std::filesystem::path file;
    flash::Geometry geometry;
    flash::Banks banks = flash::Banks::two;
    std::vector<std::uint32_t> worn_out = {};  // sectors that no longer work
    flash::FlashTimes times = {};              // of the memory that is imitated; zeros: as fast as this machine
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

struct ImageSettings {
    Identity identity;
    FlashSettings flash;
    std::optional<FactorySettings> factory = {};
    std::optional<KeySettings> keys = {};  // nothing: no version reports
    OpeningSettings opening = {};
    std::chrono::milliseconds boot_time{200};
};

// `id` and `vin` stand in the file's root, whatever the section.
[[nodiscard]] Result<ImageSettings> read_image(const io::config::Section& section, EcuId id, const Vin& vin);

// Of an ECU of a described car that runs on this machine.
[[nodiscard]] ImageSettings image_of(const vehicle::EcuPlan& plan, const Vin& vin, const io::CarPlace& place);

// How long a memory of an ECU takes, `speed` times faster than real: 0 takes no time at all.
[[nodiscard]] flash::FlashTimes times_at(double speed);

}  // namespace pitstop::ecu
