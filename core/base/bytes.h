// Bytes and the integers inside them. Offsets are explicit everywhere: no packed structs, no sizeof of a wire format.
#pragma once

#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;
using Room = std::span<std::uint8_t>;  // storage that the caller lends

using Sha256Digest = std::array<std::uint8_t, 32>;
using Sha512Digest = std::array<std::uint8_t, 64>;

[[nodiscard]] inline View view_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view text_of(View bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Little and big endian, unchecked: the caller has proved that `at` has room for T.
template <class T>
[[nodiscard]] constexpr T load_le(const std::uint8_t* at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value | (static_cast<T>(at[i]) << (8 * i)));
    return value;
}
template <class T>
constexpr void store_le(std::uint8_t* at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}
template <class T>
[[nodiscard]] constexpr T load_be(const std::uint8_t* at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | at[i]);
    return value;
}
template <class T>
constexpr void store_be(std::uint8_t* at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
}

[[nodiscard]] std::string to_hex(View bytes);                    // lower case
[[nodiscard]] Result<Bytes> from_hex(std::string_view text);     // base.not-hex
[[nodiscard]] std::string to_base64(View bytes);                 // RFC 4648 §4, padded
[[nodiscard]] Result<Bytes> from_base64(std::string_view text);  // base.not-base64: strict, no white space

// A SHA-256 written in hex, as metadata and messages carry it. base.not-hex when it is not 64 hex digits.
[[nodiscard]] Result<Sha256Digest> sha256_from_hex(std::string_view text);

}  // namespace pitstop
