// What pitstop-bus can be told, by a file (config/bus.yaml) or on the command line.
#pragma once

#include "apps/bus/disturbance.h"
#include "core/isotp/bit_timing.h"
#include "io/config/section.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace pitstop::bus {

// Where third-party tools join (socketcand's raw mode), and under which name they open the bus.
struct ToolSettings {
    std::string listen;  // tcp:HOST:PORT
    std::string bus = "can0";
};

struct Settings {
    std::string listen;  // unix:PATH or tcp:HOST:PORT
    isotp::BitRates rates;
    double time_scale = 1.0;
    std::optional<std::filesystem::path> pcap;
    std::chrono::seconds load_every{0};  // 0: only at the end
    std::optional<ToolSettings> tools = {};
    FaultSettings faults = {};
};

// ISO 11898-2 allows up to 1 Mbit/s nominal and 8 Mbit/s in the data phase; below 10 kbit/s no transceiver works.
inline constexpr std::uint32_t nominal_bits_per_s_min = 10'000, nominal_bits_per_s_max = 1'000'000,
                               data_bits_per_s_max = 8'000'000;
inline constexpr double time_scale_max = 1000.0;
inline constexpr std::int64_t load_every_s_max = 86'400;

[[nodiscard]] Result<Settings> settings_from(const io::config::Section& root);
[[nodiscard]] Result<void> check(const Settings& settings);  // bus.bad-settings: what no single setting shows

}  // namespace pitstop::bus
