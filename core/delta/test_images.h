// Images for this room's tests: made of a seed, the same on every machine.
#pragma once

#include "core/base/bytes.h"
#include "core/base/collected.h"
#include "core/base/sink.h"
#include "core/crypto/digest.h"
#include "core/delta/apply.h"
#include "core/delta/image_in_memory.h"
#include "core/delta/make.h"

#include <algorithm>

namespace pitstop::delta::test {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}
    std::uint32_t below(std::uint32_t limit) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<std::uint32_t>((state_ >> 32) % limit);
    }

private:
    std::uint64_t state_;
};

inline Bytes noise(std::size_t size, std::uint64_t seed) {
    Dice dice(seed);
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(dice.below(256));
    return bytes;
}

// As a new version changes an image: bytes changed, pieces put in, taken out and moved.
inline Bytes edited(Bytes image, std::uint64_t seed, int edits) {
    Dice dice(seed);
    const auto place = [&] { return image.begin() + dice.below(static_cast<std::uint32_t>(image.size())); };
    for (int i = 0; i < edits && !image.empty(); ++i) {
        const auto at = place();
        const auto size = std::min<std::ptrdiff_t>(image.end() - at, 1 + dice.below(400));
        const Bytes piece(at, at + size);
        switch (dice.below(4)) {
            case 0: *at ^= 0x55; break;
            case 1: image.insert(place(), piece.begin(), piece.end()); break;
            case 2: image.erase(at, at + size); break;
            default: {
                const Bytes fresh = noise(static_cast<std::size_t>(size), seed + static_cast<std::uint64_t>(i));
                image.insert(at, fresh.begin(), fresh.end());
            }
        }
    }
    if (image.empty()) image.push_back(1);
    return image;
}

// The whole way in one call; the delta comes in pieces of this size.
inline Result<Bytes> apply(View old_image, View delta, std::size_t piece_bytes = SIZE_MAX) {
    const auto header = decode_header(delta);
    ImageInMemory old_port(old_image);
    Collected made;
    Bytes room(header ? workspace_bytes(*header) : 0);
    crypto::Sha256 hasher;
    Patcher patcher(old_port, room, made, hasher);
    for (View left = delta; !left.empty(); left = left.subspan(std::min(piece_bytes, left.size())))
        ENSURE(patcher.push(left.first(std::min(piece_bytes, left.size()))));
    ENSURE(patcher.finish());
    return made.bytes;
}

}  // namespace pitstop::delta::test
