// Names that become paths, topics and queries are parsed once, here; a value of these types is safe to use as such.
#pragma once

#include "core/base/result.h"
#include "core/base/text.h"

#include <cstdint>
#include <format>
#include <string>
#include <string_view>

namespace pitstop {

// ISO 3779: 17 characters without I, O, Q. Test vehicles may use any 5 to 16 characters of [A-Z0-9].
class Vin {
public:
    static Result<Vin> parse(std::string_view text);  // base.bad-vin
    [[nodiscard]] std::string_view view() const { return text_.view(); }
    [[nodiscard]] std::string str() const { return text_.str(); }
    auto operator<=>(const Vin&) const = default;

private:
    explicit Vin(std::string_view text) : text_(text) {}
    Text<17> text_;
};

// ECU_001 … ECU_100. The logical (DoIP) address is the number's decimal digits read as hex: ECU_011 = 0x0011.
class EcuId {
public:
    static Result<EcuId> parse(std::string_view text);         // base.bad-ecu-id
    static Result<EcuId> from_number(std::uint32_t number);    // 1 … 100
    static Result<EcuId> from_address(std::uint16_t address);  // base.bad-ecu-id
    [[nodiscard]] std::uint16_t number() const { return number_; }
    [[nodiscard]] std::uint16_t address() const;
    [[nodiscard]] std::string str() const;
    auto operator<=>(const EcuId&) const = default;

private:
    explicit EcuId(std::uint16_t number) : number_(number) {}
    std::uint16_t number_;
};

// major.minor.patch[.build], compared as numbers.
struct Version {
    std::uint16_t major = 0, minor = 0, patch = 0, build = 0;

    static Result<Version> parse(std::string_view text);  // base.bad-version
    [[nodiscard]] std::string str() const;                // the build is written only when it is not 0
    auto operator<=>(const Version&) const = default;
};

// One path segment of letters, digits, '.', '_', '-', 1 to 64 characters, not starting with '.'.
template <class Tag>
class Name {
public:
    static constexpr std::size_t size_max = 64;
    static Result<Name> parse(std::string_view text);  // base.bad-name
    [[nodiscard]] std::string_view view() const { return text_.view(); }
    [[nodiscard]] std::string str() const { return text_.str(); }
    auto operator<=>(const Name&) const = default;

private:
    explicit Name(std::string_view text) : text_(text) {}
    Text<size_max> text_;
};

[[nodiscard]] Result<void> check_name(std::string_view text, std::string_view what);  // base.bad-name

template <class Tag>
Result<Name<Tag>> Name<Tag>::parse(std::string_view text) {
    if (auto checked = check_name(text, Tag::what); !checked) return std::unexpected(checked.error());
    return Name(text);
}

struct CampaignTag {
    static constexpr std::string_view what = "campaign id";
};
struct HardwareTag {
    static constexpr std::string_view what = "hardware id";
};
using CampaignId = Name<CampaignTag>;
using HardwareId = Name<HardwareTag>;

// The name of an image in both repositories: segments as in Name, joined by single '/', at most 200 characters.
class TargetName {
public:
    static constexpr std::size_t size_max = 200;
    static Result<TargetName> parse(std::string_view text);  // base.bad-name
    [[nodiscard]] std::string_view view() const { return text_.view(); }
    [[nodiscard]] std::string str() const { return text_.str(); }
    auto operator<=>(const TargetName&) const = default;

private:
    explicit TargetName(std::string_view text) : text_(text) {}
    Text<size_max> text_;
};

}  // namespace pitstop
