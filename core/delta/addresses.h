// Where the bytes of an image stand when it runs, and in which of them addresses of other bytes are written. ECU
// profile.
//
// Addresses are counted from the image's base (the lowest address of an ELF file, where flash begins for a raw image),
// so 32 bits hold them. An AddressSpace of one segment at 0 stands for an image of which nothing is known.
#pragma once

#include "core/base/bytes.h"

#include <array>
#include <optional>

namespace pitstop::delta {

struct Segment {
    std::uint32_t offset = 0, size_bytes = 0;  // in the image
    std::uint32_t address = 0;
    bool operator==(const Segment&) const = default;
};

struct AddressSpace {
    static constexpr std::uint32_t segments_max = 8;  // linkers make four or five

    std::uint64_t base = 0;
    std::uint32_t size = 0;  // every address of the image is below it, also of what is not in the file
    std::uint32_t code_begin = 0, code_end = 0;  // where calls and branches lead to
    std::uint32_t segment_count = 0;
    std::array<Segment, segments_max> segments{};

    // Of a byte of the image; bytes in no segment have their offset as address, which only makes predictions bad.
    [[nodiscard]] std::uint32_t address_of(std::uint32_t offset) const;
    // And back; 0xFFFFFFFF for what is not in the file.
    [[nodiscard]] std::uint32_t offset_of(std::uint32_t address) const;
    bool operator==(const AddressSpace&) const = default;
};

// How addresses are written in a stretch of the old image.
enum class Writing : std::uint8_t {
    none = 0,
    x86_64 = 1,         // calls, jumps and data relative to the next instruction
    words_64 = 2,       // aligned words of eight bytes that hold an address
    self_relative = 3,  // aligned words of four bytes: code, counted from the word itself (.eh_frame)
    base_relative = 4,  // aligned words of four bytes, counted from the stretch's beginning (.eh_frame_hdr)
    thumb = 5,          // BL and B.W, and aligned words of four bytes that hold an address
    aarch64 = 6,        // BL, B, ADRP and ADR
    words_32 = 7,       // aligned words of four bytes that hold an address
};
inline constexpr std::uint8_t writing_max = 7;

struct Stretch {
    std::uint32_t offset = 0;  // in the old image; to the next stretch's
    Writing writing = Writing::none;
    std::uint32_t old_base = 0, new_base = 0;  // base_relative: what is counted from; self_relative: the stretch's own
    bool operator==(const Stretch&) const = default;
};

inline constexpr std::uint32_t stretches_max = 32;

// What a delta says about both images before anything else.
struct Layout {
    AddressSpace before, after;
    std::uint32_t stretch_count = 0;
    std::array<Stretch, stretches_max> stretches{};

    [[nodiscard]] std::span<const Stretch> all_stretches() const {
        return std::span<const Stretch>(stretches).first(stretch_count);
    }
    bool operator==(const Layout&) const = default;
};

}  // namespace pitstop::delta
