#include "apps/pitstop/ecu_options.h"

#include "apps/pitstop/faults.h"
#include "core/package/faults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <map>

namespace pitstop::cli {
namespace {

constexpr std::array<std::string_view, 7> known{"binary", "version",  "hardware", "release-counter",
                                                "type",   "requires", "conflicts"};

struct Option {
    std::string ecu;   // "011"
    std::string what;  // "binary"
};

// One ECU's options as they were written.
struct Written {
    std::string ecu;
    std::map<std::string, std::string, std::less<>> values;
};

Result<Option> split_name(std::string_view word) {
    constexpr std::string_view prefix = "--ecu-";
    const bool formed = word.starts_with(prefix) && word.size() > prefix.size() + 4 && word[prefix.size() + 3] == '-';
    const std::string_view rest = formed ? word.substr(prefix.size()) : std::string_view();
    if (!formed || std::ranges::find(known, rest.substr(4)) == known.end())
        return fail(faults::bad_ecu_option, std::format("'{:.80}' is not understood", word));
    return Option{std::string(rest.substr(0, 3)), std::string(rest.substr(4))};
}

Result<std::vector<Written>> collect(std::span<const std::string> words) {
    std::vector<Written> all;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        const auto equals = word.find('=');
        const std::string_view name = word.substr(0, equals);
        TRY(const Option option, split_name(name));
        std::string value;
        if (equals != std::string_view::npos) {
            value = word.substr(equals + 1);
        } else {
            if (i + 1 == words.size()) return fail(faults::bad_ecu_option, std::format("{} needs a value", name));
            value = words[++i];
        }
        auto at = std::ranges::find(all, option.ecu, &Written::ecu);
        if (at == all.end()) at = all.insert(all.end(), Written{option.ecu, {}});
        if (!at->values.emplace(option.what, std::move(value)).second)
            return fail(faults::bad_ecu_option, std::format("{} stands twice", name));
    }
    return all;
}

Result<std::string> needed(const Written& from, std::string_view what) {
    const auto found = from.values.find(what);
    if (found == from.values.end() || found->second.empty())
        return fail(faults::bad_ecu_option, std::format("--ecu-{}-{} is missing", from.ecu, what));
    return found->second;
}

Result<std::uint32_t> release_counter_of(const Written& from, const Version& version) {
    if (!from.values.contains("release-counter")) {
        for (const std::uint16_t number : {version.major, version.minor, version.patch, version.build})
            if (number > 255) return fail(package::faults::version_too_large, version.str());
        return std::uint32_t{version.major} << 24 | std::uint32_t{version.minor} << 16 |
               std::uint32_t{version.patch} << 8 | version.build;
    }
    const std::string& text = from.values.at("release-counter");
    std::uint32_t counter = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, counter);
    if (problem != std::errc{} || stop != end)
        return fail(faults::bad_ecu_option,
                    std::format("--ecu-{}-release-counter: '{:.40}' is not a number", from.ecu, text));
    return counter;
}

Result<package::SoftwareType> type_of(const Written& from) {
    using enum package::SoftwareType;
    const auto found = from.values.find("type");
    if (found == from.values.end() || found->second == "application") return application;
    if (found->second == "boot") return boot;
    if (found->second == "calibration") return calibration;
    if (found->second == "configuration") return configuration;
    return fail(faults::bad_ecu_option, std::format("--ecu-{}-type: '{:.40}'", from.ecu, found->second));
}

Result<std::vector<VersionRange>> ranges_of(const Written& from, std::string_view what) {
    const auto found = from.values.find(what);
    if (found == from.values.end()) return std::vector<VersionRange>{};
    auto ranges = version_ranges_from(found->second);
    if (!ranges)
        return fail(faults::bad_ecu_option, std::format("--ecu-{}-{}: '{:.80}'; write it as in ECU_012>=1.1.0<2.0.0",
                                                        from.ecu, what, found->second));
    return ranges;
}

Result<EcuOrder> to_order(const Written& from) {
    TRY(const EcuId ecu, EcuId::parse("ECU_" + from.ecu));
    TRY(const std::string binary, needed(from, "binary"));
    TRY(const std::string version_text, needed(from, "version"));
    TRY(const Version version, Version::parse(version_text));
    TRY(const std::string hardware_text, needed(from, "hardware"));
    TRY(const HardwareId hardware, HardwareId::parse(hardware_text));
    TRY(const std::uint32_t counter, release_counter_of(from, version));
    TRY(const package::SoftwareType type, type_of(from));
    Constraints constraints;
    TRY(constraints.dependencies, ranges_of(from, "requires"));
    TRY(constraints.conflicts, ranges_of(from, "conflicts"));
    return EcuOrder{ecu, binary, version, hardware, counter, type, std::move(constraints)};
}

}  // namespace

Result<std::vector<EcuOrder>> read_ecu_options(std::span<const std::string> words) {
    TRY(const std::vector<Written> written, collect(words));
    if (written.empty()) return fail(faults::bad_ecu_option, "name at least one image, such as --ecu-011-binary FILE");
    std::vector<EcuOrder> orders;
    for (const Written& one : written) {
        TRY(EcuOrder order, to_order(one));
        orders.push_back(std::move(order));
    }
    return orders;
}

}  // namespace pitstop::cli
