#include "apps/pitstop/ecu_options.h"

#include "apps/pitstop/faults.h"
#include "core/base/ids.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <optional>

namespace pitstop::cli {
namespace {

struct Option {
    Whom whom;
    std::string_view prefix;  // "--ecu-011-"
    std::string_view word;    // "binary"
};

// The digits behind `--ecu-` or `--zone-`, up to the next dash.
std::optional<std::uint32_t> number_before_dash(std::string_view& rest) {
    const auto dash = rest.find('-');
    if (dash == rest.npos) return std::nullopt;
    std::uint32_t number = 0;
    const auto [stop, problem] = std::from_chars(rest.data(), rest.data() + dash, number);
    if (problem != std::errc{} || stop != rest.data() + dash) return std::nullopt;
    rest.remove_prefix(dash + 1);
    return number;
}

std::optional<Option> split_name(std::string_view name) {
    std::string_view rest = name;
    const auto begins = [&rest](std::string_view with) {
        if (!rest.starts_with(with)) return false;
        rest.remove_prefix(with.size());
        return true;
    };
    Whom whom;
    if (begins("--vmg-")) {
        whom = {Whom::gateway};
    } else if (begins("--zgw-")) {
        whom = {Whom::every_zone};
    } else if (begins("--ecu-") || begins("--zone-")) {
        const bool is_ecu = name.starts_with("--ecu-");
        const std::size_t before = rest.size();
        const auto number = number_before_dash(rest);
        if (!number) return std::nullopt;
        // Three digits, as in the ECU's name.
        if (is_ecu && (before - rest.size() != 4 || !EcuId::from_number(*number))) return std::nullopt;
        whom = {is_ecu ? Whom::ecu : Whom::zone, *number};
    } else {
        return std::nullopt;
    }
    if (!std::ranges::contains(order_words, rest)) return std::nullopt;
    return Option{whom, name.substr(0, name.size() - rest.size()), rest};
}

Written begun(const Option& option) {
    return {option.whom, {}, [prefix = std::string(option.prefix)](std::string_view word, std::string_view why) {
                return fail(faults::bad_ecu_option, std::format("{}{}: {}", prefix, word, why));
            }};
}

}  // namespace

Result<std::vector<Written>> written_in_options(std::span<const std::string> words) {
    std::vector<Written> all;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        const auto equals = word.find('=');
        const std::string_view name = word.substr(0, equals);
        const auto option = split_name(name);
        if (!option) return fail(faults::bad_ecu_option, std::format("'{:.80}' is not understood", word));
        std::string value;
        if (equals != word.npos) {
            value = word.substr(equals + 1);
        } else {
            if (i + 1 == words.size()) return fail(faults::bad_ecu_option, std::format("{} needs a value", name));
            value = words[++i];
        }
        // A shell's variable that nobody set: left out, an image would travel unsealed, or for other hardware.
        if (value.empty()) return fail(faults::bad_ecu_option, std::format("{} has an empty value", name));
        auto at = std::ranges::find(all, option->whom, &Written::whom);
        if (at == all.end()) at = all.insert(all.end(), begun(*option));
        if (!at->values.emplace(option->word, std::move(value)).second)
            return fail(faults::bad_ecu_option, std::format("{} stands twice", name));
    }
    return all;
}

}  // namespace pitstop::cli
