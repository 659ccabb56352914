#include "core/delta/references.h"

#include <algorithm>

namespace pitstop::delta {
namespace {

// x86-64, what stands in front of a ModRM byte (Intel's manual, volume 2, appendix A): how many bytes of immediate
// follow the address, or that it is no such opcode.
constexpr std::uint8_t no_operand = 0xFF;
constexpr std::array<std::uint8_t, 256> one_byte_opcodes = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_operand);
    for (unsigned row = 0x00; row < 0x40; row += 8)
        for (unsigned i = 0; i < 4; ++i) table[row + i] = 0;                   // add, or, adc, sbb, and, sub, xor, cmp
    for (unsigned opcode = 0x84; opcode <= 0x8B; ++opcode) table[opcode] = 0;  // test, xchg, mov
    for (unsigned opcode = 0xD8; opcode <= 0xDF; ++opcode) table[opcode] = 0;  // x87
    for (const unsigned opcode : {0x63, 0x8D, 0xD1, 0xD3, 0xF6, 0xF7, 0xFE, 0xFF}) table[opcode] = 0;
    for (const unsigned opcode : {0x6B, 0x80, 0x83, 0xC0, 0xC1, 0xC6}) table[opcode] = 1;
    for (const unsigned opcode : {0x69, 0x81, 0xC7}) table[opcode] = 4;
    return table;
}();

constexpr std::uint32_t immediate_after_test(std::uint8_t opcode, std::uint8_t modrm) {
    const bool is_test = (modrm & 0x38) == 0;  // F6 /0 and F7 /0 have an immediate, their other forms none
    if (!is_test) return 0;
    return opcode == 0xF6 ? 1 : opcode == 0xF7 ? 4 : 0;
}

constexpr bool is_rip_relative(std::uint8_t modrm) { return (modrm & 0xC7) == 0x05; }

constexpr bool has_small_immediate(std::uint8_t second) {  // of the opcodes that begin with 0F
    return second == 0x70 || second == 0xA4 || second == 0xAC || second == 0xBA || second == 0xC2 || second == 0xC4 ||
           second == 0xC5 || second == 0xC6;
}

// Bytes before the address and behind it, of an operand that is relative to RIP; nothing when it is none.
struct Operand {
    std::uint32_t before = 0, behind = 0;
};

bool find_operand(const std::uint8_t* at, std::size_t left, Operand& operand) {
    if (left < 6) return false;
    const std::uint8_t first = at[0];
    if (one_byte_opcodes[first] != no_operand && is_rip_relative(at[1])) {
        operand = {2, one_byte_opcodes[first] + immediate_after_test(first, at[1])};
        return true;
    }
    if (left < 7) return false;
    if (first == 0x0F && is_rip_relative(at[2])) {
        operand = {3, has_small_immediate(at[1]) ? 1U : 0U};
        return (at[1] & 0xF0) != 0x80;
    }
    if (left < 8) return false;
    const bool is_vex_or_0f38 = first == 0xC5 || (first == 0x0F && (at[1] == 0x38 || at[1] == 0x3A));
    if (is_vex_or_0f38 && is_rip_relative(at[3])) {
        operand = {4, at[1] == 0x3A ? 1U : 0U};
        return true;
    }
    if (left < 9 || first != 0xC4 || !is_rip_relative(at[4])) return false;
    operand = {5, 0};
    return true;
}

// What a byte can begin of the forms below; the walk steps over all others without a closer look.
enum class Begins : std::uint8_t { nothing, one_byte_opcode, other };
constexpr std::array<Begins, 256> begins_x86 = [] {
    std::array<Begins, 256> table{};
    for (unsigned i = 0; i < 256; ++i)
        table[i] = one_byte_opcodes[i] != no_operand ? Begins::one_byte_opcode : Begins::nothing;
    for (const unsigned first : {0x0F, 0xE8, 0xE9, 0xC4, 0xC5}) table[first] = Begins::other;
    return table;
}();

bool is_code(const AddressSpace& space, std::uint32_t target) {
    return target - space.code_begin < space.code_end - space.code_begin;
}

bool find_x86_at(const AddressSpace& space, const Piece& piece, std::uint32_t at, Reference& found) {
    const std::uint8_t* const bytes = piece.bytes.data() + at;
    const std::size_t left = piece.bytes.size() - at;
    const bool is_call = (bytes[0] & 0xFE) == 0xE8;
    Operand operand{1, 0};
    Field field = Field::call;
    if (is_call) {
        if (left < 5) return false;
    } else if (bytes[0] == 0x0F && left >= 6 && (bytes[1] & 0xF0) == 0x80) {
        operand.before = 2;
        field = Field::branch;
    } else {
        if (!find_operand(bytes, left, operand)) return false;
        field = Field::data;
    }
    const std::uint32_t address = space.address_of(piece.offset + at + operand.before);
    const std::uint32_t extra = 4 + operand.behind;
    const std::uint32_t target = address + extra + load_le<std::uint32_t>(bytes + operand.before);
    if (field == Field::data ? target >= space.size : !is_code(space, target)) return false;
    found = {.at = at + operand.before, .field = field, .extra = extra, .target = target};
    return true;
}

bool find_x86(const AddressSpace& space, const Piece& piece, std::uint32_t at, std::uint32_t end, Reference& found) {
    const std::uint8_t* const bytes = piece.bytes.data();
    const std::size_t size = piece.bytes.size();
    for (; at < end; ++at) {
        const Begins begins = begins_x86[bytes[at]];
        if (begins == Begins::nothing) continue;
        if (begins == Begins::one_byte_opcode && (at + 1 == size || !is_rip_relative(bytes[at + 1]))) continue;
        if (find_x86_at(space, piece, at, found)) return true;
    }
    return false;
}

bool find_word_64(const AddressSpace& space, const Piece& piece, std::uint32_t at, Reference& found) {
    if (((piece.offset + at) & 7) != 0 || piece.bytes.size() - at < 8) return false;
    const std::uint64_t target = load_le<std::uint64_t>(piece.bytes.data() + at) - space.base;
    if (target >= space.size || target == 0) return false;
    found = {.at = at, .field = Field::absolute, .target = static_cast<std::uint32_t>(target)};
    return true;
}

// How far behind the beginning of .eh_frame the entries stand that others have in common: there are a few, of 24 to 32
// bytes.
constexpr std::uint32_t common_entry_bytes = 256;

bool find_word_32(const Piece& piece, std::uint32_t at, const Stretch& stretch, const AddressSpace& space,
                  Reference& found) {
    if (((piece.offset + at) & 3) != 0 || piece.bytes.size() - at < 4) return false;
    const auto value = load_le<std::uint32_t>(piece.bytes.data() + at);
    found = {.at = at, .old_base = stretch.old_base, .new_base = stretch.new_base};
    if (stretch.writing == Writing::self_relative) {
        const std::uint32_t address = space.address_of(piece.offset + at);
        found.field = Field::from_self;
        found.target = address + value;
        if (is_code(space, found.target)) return true;
        found.field = Field::backwards;
        found.target = address - value;
        return found.target - stretch.old_base < common_entry_bytes;
    }
    if (stretch.writing == Writing::base_relative) {
        found.field = Field::from_base;
        found.target = stretch.old_base + value;
        return found.target < space.size;
    }
    found.field = Field::absolute;
    found.target = value - static_cast<std::uint32_t>(space.base);
    return found.target < space.size && found.target >= 256;
}

// Thumb-2 BL and B.W (Arm's manual DDI 0403, A7.7.12 and A7.7.18), and literal pools between the functions.
bool find_thumb(const AddressSpace& space, const Piece& piece, std::uint32_t at, const Stretch& stretch,
                Reference& found) {
    if (((piece.offset + at) & 1) != 0 || piece.bytes.size() - at < 4) return false;
    const auto word = load_le<std::uint32_t>(piece.bytes.data() + at);
    if (is_shaped(Field::thumb_bl, word)) {
        const std::uint32_t address = space.address_of(piece.offset + at);
        found = {.at = at, .field = Field::thumb_bl, .target = target_in(Field::thumb_bl, word, address + 4)};
        found.extra = 4;
        return is_code(space, found.target);
    }
    return find_word_32(piece, at, stretch, space, found);
}

bool find_aarch64(const AddressSpace& space, const Piece& piece, std::uint32_t at, Reference& found) {
    if (((piece.offset + at) & 3) != 0 || piece.bytes.size() - at < 4) return false;
    const auto word = load_le<std::uint32_t>(piece.bytes.data() + at);
    const std::uint32_t address = space.address_of(piece.offset + at);
    for (const Field field : {Field::arm_b26, Field::arm_page}) {
        if (!is_shaped(field, word)) continue;
        found = {.at = at, .field = field};
        found.target = target_in(field, word, field == Field::arm_page ? address & ~0xFFFU : address);
        return field == Field::arm_page ? found.target < space.size : is_code(space, found.target);
    }
    return false;
}

}  // namespace

std::uint32_t origin_of(const Reference& reference, std::uint32_t field_address, bool is_new, const Layout& layout) {
    switch (reference.field) {
        case Field::absolute: return 0U - static_cast<std::uint32_t>(is_new ? layout.after.base : layout.before.base);
        case Field::from_base: return is_new ? reference.new_base : reference.old_base;
        case Field::arm_page: return field_address & ~0xFFFU;
        default: return field_address + reference.extra;
    }
}

bool is_shaped(Field field, std::uint32_t word) {
    switch (field) {
        case Field::thumb_bl: return (word & 0xF800) == 0xF000 && (word & 0x90000000) == 0x90000000;
        case Field::arm_b26: return (word & 0x7C000000) == 0x14000000;
        case Field::arm_page: return (word & 0x9F000000) == 0x90000000;
        default: return true;
    }
}

std::uint32_t target_in(Field field, std::uint32_t word, std::uint32_t origin) {
    switch (field) {
        case Field::thumb_bl: {
            const std::uint32_t sign = (word >> 10) & 1, j1 = (word >> 29) & 1, j2 = (word >> 27) & 1;
            const std::uint32_t upper = sign << 24 | (~(j1 ^ sign) & 1) << 23 | (~(j2 ^ sign) & 1) << 22;
            const std::uint32_t value = upper | (word & 0x3FF) << 12 | ((word >> 16) & 0x7FF) << 1;
            return origin + (sign != 0 ? value | 0xFE000000 : value);
        }
        case Field::arm_b26: {
            const std::uint32_t value = (word & 0x03FFFFFF) << 2;
            return origin + ((value & 0x08000000) != 0 ? value | 0xF0000000 : value);
        }
        case Field::backwards: return origin - word;
        case Field::arm_page: return origin + ((word >> 5 & 0x7FFFF) << 14 | (word >> 29 & 3) << 12);
        default: return origin + word;
    }
}

std::uint32_t with_target(Field field, std::uint32_t word, std::uint32_t origin, std::uint32_t target) {
    const std::uint32_t value = target - origin;
    switch (field) {
        case Field::thumb_bl: {
            const std::uint32_t sign = (value >> 24) & 1;
            const std::uint32_t j1 = (~(value >> 23) ^ sign) & 1, j2 = (~(value >> 22) ^ sign) & 1;
            return (word & 0xD000F800) | sign << 10 | ((value >> 12) & 0x3FF) | j1 << 29 | j2 << 27 |
                   ((value >> 1) & 0x7FF) << 16;
        }
        case Field::arm_b26: return (word & 0xFC000000) | (value >> 2 & 0x03FFFFFF);
        case Field::arm_page: return (word & 0x9F00001F) | (value >> 14 & 0x7FFFF) << 5 | (value >> 12 & 3) << 29;
        case Field::backwards: return origin - target;
        default: return value;
    }
}

// Within one stretch, of which `end` is not beyond the end.
bool ReferenceFinder::find_in(const Stretch& stretch, const Piece& piece, std::uint32_t at, std::uint32_t end,
                              Reference& found) const {
    const AddressSpace& space = layout_->before;
    const auto walk = [&](std::uint32_t step, auto find_at) {
        for (at += (0U - (piece.offset + at)) & (step - 1); at < end; at += step)
            if (find_at()) return true;
        return false;
    };
    switch (stretch.writing) {
        case Writing::none: return false;
        case Writing::x86_64: return find_x86(space, piece, at, end, found);
        case Writing::words_64: return walk(8, [&] { return find_word_64(space, piece, at, found); });
        case Writing::thumb: return walk(2, [&] { return find_thumb(space, piece, at, stretch, found); });
        case Writing::aarch64: return walk(4, [&] { return find_aarch64(space, piece, at, found); });
        default: return walk(4, [&] { return find_word_32(piece, at, stretch, space, found); });
    }
}

bool ReferenceFinder::find(const Piece& piece, std::uint32_t from, std::uint32_t to, Reference& found) const {
    const auto stretches = layout_->all_stretches();
    const auto next = std::ranges::upper_bound(stretches, piece.offset + from, {}, &Stretch::offset);
    auto index = static_cast<std::size_t>(next - stretches.begin());
    for (std::uint32_t at = from; at < to; ++index) {
        const std::uint32_t room = index < stretches.size() ? stretches[index].offset - piece.offset : to;
        const std::uint32_t end = std::min(to, room);
        if (index == 0) {
            at = end;
            continue;
        }
        const Stretch& stretch = stretches[index - 1];
        if (find_in(stretch, piece, at, end, found)) return true;
        at = end;
    }
    return false;
}

}  // namespace pitstop::delta
