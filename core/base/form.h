// In which form an image travels: as it is, compressed, as the difference to what the ECU has, sealed for the ECU; and
// which of these forms an ECU can open. ECU profile.
//
// A delta is compressed inside: of compression and delta a form has at most one. Written "plain", "gzip", "zstd",
// "delta", each perhaps followed by "+hpke". Faults: base.bad-form.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pitstop {

enum class Compression : std::uint8_t { none = 0, gzip = 1, zstd = 2 };
enum class Encoding : std::uint8_t { full = 0, delta = 1 };
enum class Sealing : std::uint8_t { none = 0, hpke = 1 };

struct Form {
    Compression compression = Compression::none;
    Encoding encoding = Encoding::full;
    Sealing sealing = Sealing::none;

    [[nodiscard]] static Result<Form> parse(std::string_view text);
    [[nodiscard]] std::string_view str() const;  // a literal
    [[nodiscard]] bool is_plain() const { return *this == Form{}; }
    bool operator==(const Form&) const = default;
};

// dataFormatIdentifier of RequestDownload (ISO 14229-1:2020 §15.2; the values are the vehicle maker's): high nibble
// 0 none, 1 gzip, 2 zstd, 3 delta; low nibble 0 none, 1 sealed.
[[nodiscard]] std::uint8_t data_format_of(const Form& form);
[[nodiscard]] std::optional<Form> form_of_data_format(std::uint8_t identifier);

// What an ECU can open: "plain", or the words of its abilities, as in "gzip zstd delta hpke window=4096". The window is
// zstd's, in bytes, also inside deltas. Plain is always possible.
struct Openings {
    static constexpr std::uint32_t window_bytes_default = 4096;
    static constexpr std::size_t words_size_max = 48;  // all of them, with the largest window

    bool gzip = false, zstd = false, delta = false, hpke = false;
    std::uint32_t window_bytes = window_bytes_default;

    [[nodiscard]] static Result<Openings> parse(std::string_view text);
    [[nodiscard]] Text<words_size_max> words() const;
    [[nodiscard]] std::string str() const { return words().str(); }
    [[nodiscard]] bool can_open(const Form& form) const;
    bool operator==(const Openings&) const = default;
};

}  // namespace pitstop
