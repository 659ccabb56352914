// A short text that lives inside its owner: no heap, so the ECU profile may hold it.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pitstop {

template <std::size_t Capacity>
class Text {
public:
    constexpr Text() = default;

    // What does not fit is cut off: for names, parse the length first; for explanations, a cut is better than none.
    constexpr explicit Text(std::string_view text)
        : size_(static_cast<std::uint16_t>(std::min(text.size(), Capacity))) {
        std::copy_n(text.begin(), size_, chars_.begin());
    }

    [[nodiscard]] constexpr std::string_view view() const { return {chars_.data(), size_}; }
    [[nodiscard]] std::string str() const { return std::string(view()); }
    [[nodiscard]] constexpr bool empty() const { return size_ == 0; }

    friend constexpr bool operator==(const Text& a, const Text& b) { return a.view() == b.view(); }
    friend constexpr std::strong_ordering operator<=>(const Text& a, const Text& b) { return a.view() <=> b.view(); }

private:
    static_assert(Capacity <= 0xFFFF);
    std::array<char, Capacity> chars_{};
    std::uint16_t size_ = 0;
};

}  // namespace pitstop
