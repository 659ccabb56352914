#include "core/base/bytes.h"

#include "core/base/faults.h"

#include <algorithm>
#include <format>

namespace pitstop {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

std::string to_hex(View bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (std::uint8_t byte : bytes) {
        text += hex_digits[byte >> 4];
        text += hex_digits[byte & 15];
    }
    return text;
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return fail(faults::not_hex, std::format("{} digits: an odd number", text.size()));
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return fail(faults::not_hex, std::format("at character {}", i));
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

std::string to_base64(View bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t there = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16;
        if (there > 1) group |= static_cast<std::uint32_t>(bytes[i + 1]) << 8;
        if (there > 2) group |= bytes[i + 2];
        for (std::size_t digit = 0; digit < 4; ++digit)
            text += digit <= there ? base64_digits[group >> (18 - 6 * digit) & 63] : '=';
    }
    return text;
}

Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0)
        return fail(faults::not_base64, std::format("{} characters: not a multiple of 4", text.size()));
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        std::uint32_t group = 0;
        for (std::size_t digit = 0; digit < 4; ++digit) {
            const std::size_t at = i + digit;
            const bool padded = at >= text.size() - padding;
            const auto value = padded ? 0 : base64_digits.find(text[at]);
            if (value == std::string_view::npos) return fail(faults::not_base64, std::format("at character {}", at));
            group = group << 6 | static_cast<std::uint32_t>(value);
        }
        for (int shift = 16; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(group >> shift));
    }
    bytes.resize(bytes.size() - padding);
    if (to_base64(bytes) != text) return fail(faults::not_base64, "bits left over in the last character");
    return bytes;
}

Result<Sha256Digest> sha256_from_hex(std::string_view text) {
    if (text.size() != 64)
        return fail(faults::not_hex, std::format("a SHA-256 has 64 digits, this has {}", text.size()));
    TRY(const Bytes bytes, from_hex(text));
    Sha256Digest digest;
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

}  // namespace pitstop
