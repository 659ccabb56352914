#include "apps/bus/settings.h"

#include "apps/bus/faults.h"

#include <limits>

namespace pitstop::bus {
namespace {

using io::config::Section;

Result<FaultSettings> read_faults(const Section& root) {
    FaultSettings faults;
    TRY(const auto section, root.section_if_there("faults"));
    if (!section) return faults;
    constexpr std::int64_t million = 1'000'000;
    TRY(const auto seed, section->number("seed", {0, std::numeric_limits<std::int64_t>::max()}, 1));
    TRY(const auto errors, section->number("error_per_million", {0, million}, 0));
    TRY(const auto doubles, section->number("double_per_million", {0, million}, 0));
    TRY(const auto losses, section->number("loss_per_million", {0, million}, 0));
    return FaultSettings{static_cast<std::uint64_t>(seed), static_cast<std::uint32_t>(errors),
                         static_cast<std::uint32_t>(doubles), static_cast<std::uint32_t>(losses)};
}

Result<std::optional<ToolSettings>> read_tools(const Section& root) {
    TRY(const auto section, root.section_if_there("socketcand"));
    if (!section) return std::nullopt;
    ToolSettings tools;
    TRY(tools.listen, section->text("listen"));
    TRY(tools.bus, section->text("bus", tools.bus));
    return tools;
}

}  // namespace

Result<Settings> settings_from(const io::config::Section& root) {
    Settings settings;
    TRY(settings.listen, root.text("listen"));
    TRY(const auto nominal,
        root.number("bitrate", {nominal_bits_per_s_min, nominal_bits_per_s_max}, settings.rates.nominal_bits_per_s));
    TRY(const auto data,
        root.number("data_bitrate", {nominal_bits_per_s_min, data_bits_per_s_max}, settings.rates.data_bits_per_s));
    TRY(settings.time_scale, root.real("time_scale", 0.0, time_scale_max, settings.time_scale));
    TRY(settings.pcap, root.path_if_there("pcap"));
    TRY(const auto load_every_s, root.number("load_every_s", {0, load_every_s_max}, 0));
    TRY(settings.tools, read_tools(root));
    TRY(settings.faults, read_faults(root));
    settings.load_every = std::chrono::seconds(load_every_s);
    settings.rates = {static_cast<std::uint32_t>(nominal), static_cast<std::uint32_t>(data)};
    ENSURE(root.finish());
    return settings;
}

Result<void> check(const Settings& settings) {
    if (settings.listen.empty())
        return fail(faults::bad_settings, "where to listen: give --listen or --config (see --help)");
    if (settings.rates.data_bits_per_s < settings.rates.nominal_bits_per_s)
        return fail(faults::bad_settings, "the data bit rate is below the nominal one");
    if (settings.faults.error_per_million + settings.faults.double_per_million > 1'000'000)
        return fail(faults::bad_settings, "faults: errors and doubles together are more than a million in a million");
    if (settings.tools && !settings.tools->listen.starts_with("tcp:"))
        return fail(faults::bad_settings, "socketcand: tools come over TCP, write tcp:HOST:PORT");
    return {};
}

}  // namespace pitstop::bus
