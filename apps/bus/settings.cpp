#include "apps/bus/settings.h"

#include "apps/bus/faults.h"

namespace pitstop::bus {

Result<Settings> settings_from(const io::config::Section& root) {
    Settings settings;
    TRY(settings.listen, root.text("listen"));
    TRY(const auto nominal,
        root.number("bitrate", {nominal_bits_per_s_min, nominal_bits_per_s_max}, settings.rates.nominal_bits_per_s));
    TRY(const auto data,
        root.number("data_bitrate", {nominal_bits_per_s_min, data_bits_per_s_max}, settings.rates.data_bits_per_s));
    TRY(settings.time_scale, root.real("time_scale", 0.0, time_scale_max, settings.time_scale));
    TRY(settings.pcap, root.path_if_there("pcap"));
    settings.rates = {static_cast<std::uint32_t>(nominal), static_cast<std::uint32_t>(data)};
    ENSURE(root.finish());
    return settings;
}

Result<void> check(const Settings& settings) {
    if (settings.listen.empty())
        return fail(faults::bad_settings, "where to listen: give --listen or --config (see --help)");
    if (settings.rates.data_bits_per_s < settings.rates.nominal_bits_per_s)
        return fail(faults::bad_settings, "the data bit rate is below the nominal one");
    return {};
}

}  // namespace pitstop::bus
