// Programs for this room's tests: functions that call each other and point at each other, laid out as a linker would.
#pragma once

#include "core/delta/references.h"
#include "core/delta/test_images.h"

namespace pitstop::delta::test {

enum class Kind : std::uint8_t { x86_64, thumb, aarch64 };

struct Function {
    Bytes body;                        // what it does between its calls
    std::vector<std::size_t> callees;  // indices of functions
};

inline std::vector<Function> functions(std::size_t count, std::uint64_t seed) {
    Dice dice(seed);
    std::vector<Function> program(count);
    for (std::size_t i = 0; i < count; ++i) {
        program[i].body = noise(24 + 4 * dice.below(20), seed * 1000 + i);
        for (std::uint8_t& byte : program[i].body)
            byte = static_cast<std::uint8_t>(byte % 0x30 + 0x90);  // no calls by chance
        for (std::uint32_t calls = 1 + dice.below(5); calls > 0; --calls)
            program[i].callees.push_back(dice.below(static_cast<std::uint32_t>(count)));
    }
    return program;
}

inline std::uint32_t call_instruction(Kind kind, std::uint32_t from, std::uint32_t to) {
    switch (kind) {
        case Kind::thumb: return with_target(Field::thumb_bl, 0xF800F000U | 0xD0000000U, from + 4, to);
        case Kind::aarch64: return with_target(Field::arm_b26, 0x94000000U, from, to);
        case Kind::x86_64: break;
    }
    return to - (from + 4);
}

// A function's call, jump or pointer as bytes; `order` says which function stands where. At `begin` in the image.
inline Bytes laid_out(Kind kind, const std::vector<Function>& program, const std::vector<std::size_t>& order,
                      std::uint32_t begin, std::uint32_t base) {
    const std::uint32_t call_bytes = kind == Kind::x86_64 ? 5 : 4;
    std::vector<std::uint32_t> at(program.size());
    std::uint32_t next = begin;
    for (const std::size_t index : order) {
        at[index] = next;
        next += static_cast<std::uint32_t>(program[index].body.size() + program[index].callees.size() * call_bytes);
        next = (next + 15) / 16 * 16;
    }
    Bytes image(next, 0x90);
    for (const std::size_t index : order) {
        std::uint32_t to = at[index];
        std::ranges::copy(program[index].body, image.begin() + to);
        to += static_cast<std::uint32_t>(program[index].body.size());
        for (const std::size_t callee : program[index].callees) {
            if (kind == Kind::x86_64) image[to++] = 0xE8;
            store_le(&image[to], call_instruction(kind, base + to, base + at[callee]));
            to += 4;
        }
    }
    return image;
}

// An ELF file of 64 bits with one loadable segment, or a Cortex-M's image with its vector table.
inline Bytes program_image(Kind kind, const std::vector<Function>& program, const std::vector<std::size_t>& order) {
    constexpr std::uint32_t begin = 256, flash = 0x08000000;
    Bytes image = laid_out(kind, program, order, begin, kind == Kind::thumb ? flash : 0);
    std::fill_n(image.begin(), begin, std::uint8_t{0});
    if (kind == Kind::thumb) {
        store_le(image.data(), std::uint32_t{0x20004000});
        for (std::uint32_t i = 1; i < 16; ++i) store_le(&image[4 * i], flash + begin + 1);
        return image;
    }
    constexpr std::array<std::uint8_t, 7> magic{0x7F, 'E', 'L', 'F', 2, 1, 1};
    std::ranges::copy(magic, image.begin());
    store_le(&image[18], static_cast<std::uint16_t>(kind == Kind::x86_64 ? 62 : 183));
    store_le(&image[32], std::uint64_t{64});  // program headers
    store_le(&image[56], std::uint16_t{1});
    store_le(&image[64], std::uint32_t{1});  // PT_LOAD
    store_le(&image[68], std::uint32_t{5});  // read, execute
    store_le(&image[96], std::uint64_t{image.size()});
    store_le(&image[104], std::uint64_t{image.size()});
    return image;
}

inline std::vector<std::size_t> in_order(std::size_t count) {
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = i;
    return order;
}

// Some functions stand elsewhere.
inline std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed, int moves) {
    std::vector<std::size_t> order = in_order(count);
    Dice dice(seed);
    for (; moves > 0; --moves) {
        const std::size_t from = dice.below(static_cast<std::uint32_t>(count)),
                          to = dice.below(static_cast<std::uint32_t>(count));
        const std::size_t moved = order[from];
        order.erase(order.begin() + static_cast<std::ptrdiff_t>(from));
        order.insert(order.begin() + static_cast<std::ptrdiff_t>(to), moved);
    }
    return order;
}

}  // namespace pitstop::delta::test
