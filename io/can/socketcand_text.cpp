#include "io/can/socketcand_text.h"

#include "io/can/faults.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <ranges>
#include <vector>

namespace pitstop::io::can::socketcand {
namespace {

using isotp::CanFrame;

constexpr std::uint32_t flag_brs = 1, flag_fdf = 4;  // of struct canfd_frame
constexpr std::size_t extended_digits = 8;
constexpr std::string_view spaces = " \t\r\n";

using Words = std::vector<std::string_view>;

Words words_of(std::string_view text) {
    Words words;
    while (true) {
        const auto start = text.find_first_not_of(spaces);
        if (start == std::string_view::npos) return words;
        text.remove_prefix(start);
        const auto size = std::min(text.find_first_of(spaces), text.size());
        words.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
}

std::optional<std::uint32_t> number(std::string_view word, int base, std::uint32_t most) {
    std::uint32_t value = 0;
    const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), value, base);
    if (wrong != std::errc() || end != word.data() + word.size() || value > most) return std::nullopt;
    return value;
}

// `bytes`: the word with their number and behind it each of them.
std::optional<CanFrame> frame_of(std::string_view id, std::span<const std::string_view> bytes, CanFrame frame) {
    const auto value = number(id, 16, 0x1FFF'FFFF);
    const std::size_t most = frame.fd ? isotp::fd_size_bytes_max : isotp::classic_size_bytes_max;
    const auto size = number(bytes.front(), 10, static_cast<std::uint32_t>(most));
    if (!value || !size || bytes.size() != 1 + *size) return std::nullopt;
    frame.id = {*value, id.size() >= extended_digits};
    frame.size = static_cast<std::uint8_t>(isotp::frame_size_for(*size));
    for (std::size_t i = 0; i < *size; ++i) {
        const auto byte = number(bytes[i + 1], 16, 0xFF);
        if (!byte) return std::nullopt;
        frame.data[i] = static_cast<std::uint8_t>(*byte);
    }
    if (!isotp::check(frame)) return std::nullopt;
    return frame;
}

Command sent(std::optional<CanFrame> frame) {
    if (!frame) return Unknown{};
    return Send{*frame};
}

Command command_of(const Words& words) {
    const std::string_view verb = words.empty() ? "" : words.front();
    if (words.size() == 1 && verb == "rawmode") return RawMode{};
    if (words.size() == 1 && verb == "bcmmode") return BcmMode{};
    if (words.size() == 1 && verb == "echo") return Echo{};
    if (words.size() == 2 && verb == "open") return Open{std::string(words[1])};
    const std::span<const std::string_view> rest(words);
    if (words.size() >= 3 && verb == "send") return sent(frame_of(words[1], rest.subspan(2), {}));
    if (words.size() >= 4 && verb == "fdsend") {
        const auto flags = number(words[2], 16, 0xFF);
        if (!flags) return Unknown{};
        CanFrame form;
        form.fd = true;
        form.brs = (*flags & flag_brs) != 0;
        return sent(frame_of(words[1], rest.subspan(3), form));
    }
    return Unknown{};
}

}  // namespace

Result<std::optional<CommandRead>> read_command(View bytes) {
    const std::string_view text = text_of(bytes.first(std::min(bytes.size(), command_size_bytes_max)));
    const auto end = text.find('>');
    if (end == std::string_view::npos) {
        if (text.size() == command_size_bytes_max) return fail(faults::bad_stream, "a command without an end");
        return std::nullopt;
    }
    const auto start = text.substr(0, end).rfind('<');
    if (start == std::string_view::npos) return CommandRead{Unknown{}, end + 1};
    return CommandRead{command_of(words_of(text.substr(start + 1, end - start - 1))), end + 1};
}

std::string line_of(const CanFrame& frame, std::chrono::microseconds since_1970) {
    constexpr std::int64_t us_per_s = 1'000'000;
    std::string text = frame.fd ? "< fdframe " : "< frame ";
    const auto out = std::back_inserter(text);
    std::format_to(out, "{:0{}X} ", frame.id.value, frame.id.extended ? extended_digits : 3);
    if (frame.fd) std::format_to(out, "{:02X} ", flag_fdf | (frame.brs ? flag_brs : 0));
    std::format_to(out, "{}.{:06} ", since_1970.count() / us_per_s, since_1970.count() % us_per_s);
    for (const std::uint8_t byte : frame.payload()) std::format_to(out, "{:02X}", byte);
    return text + " >";
}

}  // namespace pitstop::io::can::socketcand
