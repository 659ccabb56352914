// The saying side of range_coder.h. For the desk: it keeps what it says in a vector.
#pragma once

#include "core/delta/range_coder.h"

namespace pitstop::delta {

class RangeEncoder {
public:
    static constexpr bool says = true;
    [[nodiscard]] static bool is_ready() { return true; }

    bool bit(BitModel& model, bool value, Pace pace = Pace::steady) {
        const std::uint32_t bound = range::split(range_, model);
        if (value) {
            range_ = bound;
        } else {
            low_ += bound;
            range_ -= bound;
        }
        range::learn(model, value, pace);
        refill();
        return value;
    }

    std::uint32_t plain(std::uint32_t value, std::uint32_t bits) {
        for (std::uint32_t left = bits; left > 0; --left) {
            range_ >>= 1;
            if (((value >> (left - 1)) & 1U) != 0) low_ += range_;
            refill();
        }
        return value;
    }

    // All that was said; nothing more can be.
    [[nodiscard]] Bytes finish() {
        for (int i = 0; i < 5; ++i) shift();
        return std::move(bytes_);
    }

private:
    void refill() {
        while (range_ < range::bottom) {
            range_ <<= 8;
            shift();
        }
    }

    // The highest byte leaves, unless a carry may still change it.
    void shift() {
        const bool carries = (low_ >> 32) != 0;
        if (low_ < 0xFF000000U || carries) {
            if (!is_first_) bytes_.push_back(static_cast<std::uint8_t>(held_ + (carries ? 1 : 0)));
            is_first_ = false;
            for (; waiting_ > 0; --waiting_) bytes_.push_back(static_cast<std::uint8_t>(carries ? 0x00 : 0xFF));
            held_ = static_cast<std::uint8_t>(low_ >> 24);
        } else {
            ++waiting_;
        }
        low_ = (low_ & 0x00FFFFFFU) << 8;
    }

    Bytes bytes_;
    std::uint64_t low_ = 0;
    std::uint64_t waiting_ = 0;
    std::uint32_t range_ = 0xFFFFFFFF;
    std::uint8_t held_ = 0;
    bool is_first_ = true;
};

}  // namespace pitstop::delta
