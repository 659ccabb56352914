#include "core/base/form.h"

#include "core/base/faults.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace pitstop {
namespace {

struct Row {
    std::string_view text;
    Form form;
};

constexpr std::array<Row, 8> forms{{
    {"plain", {}},
    {"gzip", {Compression::gzip}},
    {"zstd", {Compression::zstd}},
    {"delta", {Compression::none, Encoding::delta}},
    {"plain+hpke", {Compression::none, Encoding::full, Sealing::hpke}},
    {"gzip+hpke", {Compression::gzip, Encoding::full, Sealing::hpke}},
    {"zstd+hpke", {Compression::zstd, Encoding::full, Sealing::hpke}},
    {"delta+hpke", {Compression::none, Encoding::delta, Sealing::hpke}},
}};

constexpr std::uint8_t delta_nibble = 3;
constexpr std::string_view window_word = "window=";
constexpr std::uint32_t window_bytes_min = 1024;             // RFC 8878 §3.1.1.1.2
constexpr std::uint32_t window_bytes_max = 8 * 1024 * 1024;  // what every zstd decoder takes, ibidem

std::optional<std::uint32_t> window_from(std::string_view digits) {
    std::uint32_t bytes = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
    const bool is_number = problem == std::errc{} && end == digits.data() + digits.size();
    if (!is_number || bytes < window_bytes_min || bytes > window_bytes_max) return std::nullopt;
    return bytes;
}

}  // namespace

Result<Form> Form::parse(std::string_view text) {
    for (const Row& row : forms)
        if (row.text == text) return row.form;
    return fail(faults::bad_form, text);
}

std::string_view Form::str() const {
    for (const Row& row : forms)
        if (row.form == *this) return row.text;
    return "impossible";
}

std::uint8_t data_format_of(const Form& form) {
    const auto high = form.encoding == Encoding::delta ? delta_nibble : static_cast<std::uint8_t>(form.compression);
    return static_cast<std::uint8_t>((high << 4) | static_cast<std::uint8_t>(form.sealing));
}

std::optional<Form> form_of_data_format(std::uint8_t identifier) {
    for (const Row& row : forms)
        if (data_format_of(row.form) == identifier) return row.form;
    return std::nullopt;
}

Result<Openings> Openings::parse(std::string_view text) {
    Openings openings;
    while (!text.empty()) {
        const std::string_view word(text.begin(), std::ranges::find(text, ' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (word == "gzip") {
            openings.gzip = true;
        } else if (word == "zstd") {
            openings.zstd = true;
        } else if (word == "delta") {
            openings.delta = true;
        } else if (word == "hpke") {
            openings.hpke = true;
        } else if (word.starts_with(window_word)) {
            const auto bytes = window_from({word.begin() + window_word.size(), word.end()});
            if (!bytes) return fail(faults::bad_form, word);
            openings.window_bytes = *bytes;
        } else if (word != "plain") {
            return fail(faults::bad_form, word);
        }
    }
    return openings;
}

Text<Openings::words_size_max> Openings::words() const {
    std::array<char, words_size_max> text;
    char* end = text.data();
    const auto add = [&](bool able, std::string_view word) {
        if (!able) return;
        if (end != text.data()) *end++ = ' ';
        end = std::copy(word.begin(), word.end(), end);
    };
    add(gzip, "gzip");
    add(zstd, "zstd");
    add(delta, "delta");
    add(hpke, "hpke");
    if (zstd || delta) {
        add(true, window_word);
        end = std::to_chars(end, text.data() + text.size(), window_bytes).ptr;
    }
    add(end == text.data(), "plain");
    return Text<words_size_max>({text.data(), static_cast<std::size_t>(end - text.data())});
}

bool Openings::can_open(const Form& form) const {
    const bool packed = form.encoding == Encoding::delta        ? delta
                        : form.compression == Compression::gzip ? gzip
                        : form.compression == Compression::zstd ? zstd
                                                                : true;
    return packed && (form.sealing == Sealing::none || hpke);
}

}  // namespace pitstop
