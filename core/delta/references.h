// Finds what in an image's bytes is the address of another place: the operands of calls, branches and data accesses,
// and pointers. ECU profile. Maker and patcher walk over the same old bytes with it and so see the same.
//
// It is a guess from a few bytes, never a disassembly: what it finds wrongly costs a few bits, what it misses as well.
// A reference is found by bytes at and behind `from` alone, at most `look_ahead_bytes` of them, so it does not matter
// in which pieces the bytes come.
#pragma once

#include "core/delta/addresses.h"

namespace pitstop::delta {

inline constexpr std::uint32_t look_ahead_bytes = 12;

// Of the four bytes of a reference, how they hold the address.
enum class Field : std::uint8_t {
    call = 0,       // x86-64: E8, E9; relative to the next instruction
    branch = 1,     // x86-64: 0F 80 … 0F 8F
    data = 2,       // x86-64: ModRM with RIP
    absolute = 3,   // the address itself, its lower half
    from_self = 4,  // relative to itself
    from_base = 5,  // relative to the stretch's base
    thumb_bl = 6,   // BL, B.W: 25 bits in two half words
    arm_b26 = 7,    // AArch64 BL, B
    arm_page = 8,   // AArch64 ADRP
    backwards = 9,  // how far before itself (.eh_frame: from an entry to what it has in common with others)
};
inline constexpr std::uint32_t field_kinds = 10;

struct Reference {
    std::uint32_t at = 0;  // index of its four bytes
    Field field = Field::data;
    std::uint32_t extra = 0;   // relative ones: counted from so far behind the field
    std::uint32_t target = 0;  // address in the old image
    std::uint32_t old_base = 0, new_base = 0;
};

// What the four bytes at `address` mean, and back. `origin` is what the value counts from.
[[nodiscard]] std::uint32_t origin_of(const Reference& reference, std::uint32_t field_address, bool is_new,
                                      const Layout& layout);
// Whether `word` is an instruction of this kind (always, where all 32 bits are address).
[[nodiscard]] bool is_shaped(Field field, std::uint32_t word);
[[nodiscard]] std::uint32_t target_in(Field field, std::uint32_t word, std::uint32_t origin);
[[nodiscard]] std::uint32_t with_target(Field field, std::uint32_t word, std::uint32_t origin, std::uint32_t target);

// Bytes of the old image, the first of which stands at `offset`.
struct Piece {
    View bytes;
    std::uint32_t offset = 0;
};

class ReferenceFinder {
public:
    explicit ReferenceFinder(const Layout& layout) : layout_(&layout) {}

    // The first reference that begins at or behind `from` and before `to`, and whose bytes are all in the piece.
    // Instructions begin up to two bytes before their four bytes of address: `at` may be `to` or a little more.
    [[nodiscard]] bool find(const Piece& piece, std::uint32_t from, std::uint32_t to, Reference& found) const;

private:
    [[nodiscard]] bool find_in(const Stretch& stretch, const Piece& piece, std::uint32_t at, std::uint32_t end,
                               Reference& found) const;

    const Layout* layout_;
};

}  // namespace pitstop::delta
