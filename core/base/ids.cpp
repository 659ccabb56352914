#include "core/base/ids.h"

#include "core/base/faults.h"

#include <algorithm>
#include <charconv>

namespace pitstop {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_name_character(char c) {
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
}

}  // namespace

Result<Vin> Vin::parse(std::string_view text) {
    if (text.size() < 5 || text.size() > 17) return fail(faults::bad_vin, std::format("{} characters", text.size()));
    for (char c : text) {
        const bool excluded = text.size() == 17 && (c == 'I' || c == 'O' || c == 'Q');
        if ((!is_digit(c) && !is_upper(c)) || excluded)
            return fail(faults::bad_vin,
                        std::format("character 0x{:02x} is not allowed", static_cast<unsigned char>(c)));
    }
    return Vin(text);
}

Result<EcuId> EcuId::parse(std::string_view text) {
    const bool formed =
        text.size() == 7 && text.starts_with("ECU_") && is_digit(text[4]) && is_digit(text[5]) && is_digit(text[6]);
    if (!formed) return fail(faults::bad_ecu_id, std::format("'{:.20}'", text));
    return from_number(static_cast<std::uint32_t>((text[4] - '0') * 100 + (text[5] - '0') * 10 + (text[6] - '0')));
}

Result<EcuId> EcuId::from_number(std::uint32_t number) {
    if (number < 1 || number > 100) return fail(faults::bad_ecu_id, std::format("number {}", number));
    return EcuId(static_cast<std::uint16_t>(number));
}

Result<EcuId> EcuId::from_address(std::uint16_t address) {
    const unsigned hundreds = address >> 8, tens = address >> 4 & 15, ones = address & 15;
    if (hundreds > 1 || tens > 9 || ones > 9) return fail(faults::bad_ecu_id, std::format("address 0x{:04x}", address));
    return from_number(hundreds * 100 + tens * 10 + ones);
}

std::uint16_t EcuId::address() const {
    return static_cast<std::uint16_t>(number_ / 100 << 8 | number_ / 10 % 10 << 4 | number_ % 10);
}

std::string EcuId::str() const { return std::format("ECU_{:03}", number_); }

Result<Version> Version::parse(std::string_view text) {
    const auto refuse = [&] { return fail(faults::bad_version, std::format("'{:.40}'", text)); };
    std::uint16_t parts[4] = {};
    std::size_t count = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        if (count == 4 || at == end || !is_digit(*at)) return refuse();
        if (*at == '0' && at + 1 != end && is_digit(at[1])) return refuse();  // 01 has two spellings
        const auto [next, problem] = std::from_chars(at, end, parts[count]);
        if (problem != std::errc{}) return refuse();
        ++count;
        if (next == end) break;
        if (*next != '.') return refuse();
        at = next + 1;
    }
    if (count < 3) return refuse();
    return Version{parts[0], parts[1], parts[2], parts[3]};
}

std::string Version::str() const {
    return build == 0 ? std::format("{}.{}.{}", major, minor, patch)
                      : std::format("{}.{}.{}.{}", major, minor, patch, build);
}

Result<void> check_name(std::string_view text, std::string_view what) {
    if (text.empty() || text.size() > 64)
        return fail(faults::bad_name, std::format("{}: {} characters, allowed are 1 to 64", what, text.size()));
    if (text.front() == '.') return fail(faults::bad_name, std::format("{}: starts with '.'", what));
    if (!std::ranges::all_of(text, is_name_character))
        return fail(faults::bad_name, std::format("{}: '{:.64}'", what, text));
    return {};
}

Result<TargetName> TargetName::parse(std::string_view text) {
    if (text.size() > size_max) return fail(faults::bad_name, std::format("target name: {} characters", text.size()));
    std::string_view rest = text;
    while (true) {
        const auto slash = rest.find('/');
        ENSURE(check_name(rest.substr(0, slash), "segment of a target name"));
        if (slash == std::string_view::npos) return TargetName(text);
        rest.remove_prefix(slash + 1);
    }
}

}  // namespace pitstop
