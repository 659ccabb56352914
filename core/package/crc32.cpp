#include "core/package/crc32.h"

#include <array>

namespace pitstop::package {
namespace {

// Eight tables, so that eight bytes are folded at once ("slicing by 8"): a package is checked faster than a disk reads
// it.
constexpr std::size_t slices = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, slices>;

constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0U);
        tables[0][i] = value;
    }
    for (std::size_t slice = 1; slice < slices; ++slice)
        for (std::size_t i = 0; i < 256; ++i)
            tables[slice][i] = (tables[slice - 1][i] >> 8) ^ tables[0][tables[slice - 1][i] & 0xFF];
    return tables;
}

constexpr Tables tables = make_tables();

// Written out, because compilers turn exactly this into one load.
std::uint32_t load_word(const std::uint8_t* at) {
    return static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8 |
           static_cast<std::uint32_t>(at[2]) << 16 | static_cast<std::uint32_t>(at[3]) << 24;
}

}  // namespace

void Crc32::update(View bytes) {
    std::uint32_t state = state_;
    const std::uint8_t* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= slices; left -= slices, at += slices) {
        const std::uint32_t low = state ^ load_word(at), high = load_word(at + 4);
        state = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^
                tables[4][low >> 24] ^ tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^
                tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
    }
    for (; left > 0; --left, ++at) state = (state >> 8) ^ tables[0][(state ^ *at) & 0xFF];
    state_ = state;
}

std::uint32_t crc32(View bytes) {
    Crc32 sum;
    sum.update(bytes);
    return sum.value();
}

}  // namespace pitstop::package
