// Bytes that nobody shall find in memory afterwards, and comparing them without telling how far they agreed. ECU
// profile.
#pragma once

#include "core/base/bytes.h"

#include <algorithm>
#include <array>

namespace pitstop::crypto {

// Overwrites in a way that the compiler may not leave out.
inline void wipe(Room bytes) {
    for (volatile std::uint8_t& byte : bytes) byte = 0;
}

// Takes as long for a near miss as for a wild one. Lengths are not secret.
[[nodiscard]] inline bool agree(View a, View b) {
    if (a.size() != b.size()) return false;
    volatile std::uint8_t differences = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        differences = static_cast<std::uint8_t>(differences | static_cast<std::uint8_t>(a[i] ^ b[i]));
    return differences == 0;
}

// Exactly `size` secret bytes, zeros at first, overwritten when they end.
template <std::size_t size_bytes>
class Secret {
public:
    Secret() = default;
    // Bring exactly as many bytes; of others the rest stays zero.
    explicit Secret(View from) { std::copy_n(from.begin(), std::min(from.size(), size_bytes), bytes_.begin()); }
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { wipe(bytes_); }

    [[nodiscard]] View view() const { return bytes_; }
    [[nodiscard]] Room room() { return bytes_; }
    [[nodiscard]] const std::array<std::uint8_t, size_bytes>& array() const { return bytes_; }
    [[nodiscard]] friend bool operator==(const Secret& a, const Secret& b) { return agree(a.bytes_, b.bytes_); }

private:
    std::array<std::uint8_t, size_bytes> bytes_{};
};

}  // namespace pitstop::crypto
