#include "core/image/elf.h"
#include "core/image/faults.h"

#include <gtest/gtest.h>

#include <functional>

namespace pitstop::image {
namespace {

// A program as a linker writes it, of the given class and byte order: three loaded pieces of which one has no bytes in
// the file, and one that is not loaded.
class Program {
public:
    Program(bool wide, bool big) : wide_(wide), big_(big), bytes_(wide ? 0x200 : 0x180) {
        const std::uint8_t ident[] = {
            0x7F, 'E', 'L', 'F', static_cast<std::uint8_t>(wide ? 2 : 1), static_cast<std::uint8_t>(big ? 2 : 1), 1};
        std::copy(std::begin(ident), std::end(ident), bytes_.begin());
        put(wide ? 32 : 28, word_size(), 64);
        put(wide ? 54 : 42, 2, wide ? 56 : 32);
        put(wide ? 56 : 44, 2, 4);
        header(0, 1, 0x120, 0x0800'0000, 4, 4);
        header(1, 1, 0x124, 0x0800'0010, 3, 8);
        header(2, 1, 0, 0x2000'0000, 0, 64);  // .bss
        header(3, 4, 0x120, 0x0800'0000, 4, 4);
        const std::size_t content = offset_of_content();
        for (std::uint8_t i = 0; i < 7; ++i) bytes_[content + i] = static_cast<std::uint8_t>(i + 1);
    }

    void header(std::size_t i, std::uint32_t type, std::uint64_t offset, std::uint64_t address, std::uint64_t file_size,
                std::uint64_t memory_size) {
        const std::size_t at = 64 + i * (wide_ ? 56 : 32);
        if (type == 1 && file_size != 0) offset += offset_of_content() - 0x120;
        put(at, 4, type);
        put(at + (wide_ ? 8 : 4), word_size(), offset);
        put(at + (wide_ ? 24 : 12), word_size(), address);
        put(at + (wide_ ? 32 : 16), word_size(), file_size);
        put(at + (wide_ ? 40 : 20), word_size(), memory_size);
    }
    void put(std::size_t at, std::size_t size, std::uint64_t value) {
        for (std::size_t i = 0; i < size; ++i)
            bytes_[at + (big_ ? size - 1 - i : i)] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    [[nodiscard]] std::size_t word_size() const { return wide_ ? 8 : 4; }
    [[nodiscard]] std::size_t offset_of_content() const { return wide_ ? 0x180 : 0x120; }
    [[nodiscard]] std::size_t count_at() const { return wide_ ? 56 : 44; }
    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

private:
    bool wide_, big_;
    Bytes bytes_;
};

void on_every_kind(const std::function<void(bool wide, bool big)>& test) {
    for (const bool wide : {false, true})
        for (const bool big : {false, true}) test(wide, big);
}

TEST(Elf, RefusesProgramHeadersThatPointOutOfTheFile) {
    on_every_kind([](bool wide, bool big) {
        const auto refused = [&](auto change) {
            Program program(wide, big);
            change(program);
            return check_elf(program.bytes()).error().is(faults::broken_elf) &&
                   elf_segments(program.bytes()).error().is(faults::broken_elf);
        };
        const std::uint64_t all_ones = wide ? ~std::uint64_t{0} : 0xFFFF'FFFF;
        EXPECT_TRUE(refused([&](Program& p) { p.put(wide ? 32 : 28, p.word_size(), p.bytes().size() - 1); }));
        EXPECT_TRUE(refused([&](Program& p) { p.put(wide ? 32 : 28, p.word_size(), all_ones); }));
        EXPECT_TRUE(refused([&](Program& p) { p.put(wide ? 54 : 42, 2, 8); }));
        EXPECT_TRUE(refused([](Program& p) { p.put(p.count_at(), 2, 0xFFFF); }));
        EXPECT_TRUE(refused([](Program& p) { p.put(p.count_at(), 2, 0xFFFE); }));
        EXPECT_TRUE(refused([](Program& p) { p.header(0, 1, 0x10000, 0, 4, 4); }));
        EXPECT_TRUE(refused([&](Program& p) { p.header(0, 1, 0x120, 0, all_ones, all_ones); }));
        EXPECT_TRUE(refused([](Program& p) { p.header(0, 1, 0x120, 0, 4, 3); }));
    });
}

TEST(Elf, RefusesPiecesOverEachOtherAndBeyondTheLastAddress) {
    on_every_kind([](bool wide, bool big) {
        Program program(wide, big);
        program.header(1, 1, 0x124, 0x0800'0003, 3, 8);
        EXPECT_TRUE(check_elf(program.bytes()));  // may travel as a file
        EXPECT_TRUE(elf_segments(program.bytes()).error().is(faults::overlap));
    });
    Program program(true, false);
    program.header(0, 1, 0x120, ~std::uint64_t{0} - 1, 4, 4);
    EXPECT_TRUE(elf_segments(program.bytes()).error().is(faults::address_overflow));
}

TEST(Elf, RefusesManyHeadersThatAllAskForTheSameBytes) {
    Bytes bytes(std::size_t{70'000} * 16);
    const std::uint8_t ident[] = {0x7F, 'E', 'L', 'F', 2, 1, 1};
    std::copy(std::begin(ident), std::end(ident), bytes.begin());
    store_le<std::uint64_t>(&bytes[32], 64);
    store_le<std::uint16_t>(&bytes[54], 56);
    store_le<std::uint16_t>(&bytes[56], 100);
    for (std::size_t i = 0; i < 100; ++i) {
        std::uint8_t* const at = &bytes[64 + i * 56];
        store_le<std::uint32_t>(at, 1);
        store_le<std::uint64_t>(at + 24, i << 32);
        store_le<std::uint64_t>(at + 32, bytes.size());
        store_le<std::uint64_t>(at + 40, bytes.size());
    }
    EXPECT_TRUE(elf_segments(bytes).error().is(faults::too_scattered));
}

TEST(Elf, BecomesWhatItsProgramHeadersLoad) {
    on_every_kind([](bool wide, bool big) {
        const auto segments = elf_segments(Program(wide, big).bytes());
        ASSERT_TRUE(segments) << segments.error().str();
        EXPECT_EQ(*segments, (std::vector<Segment>{{0x0800'0000, {1, 2, 3, 4}}, {0x0800'0010, {5, 6, 7}}}));
    });
    Program nothing(true, false);
    nothing.put(nothing.count_at(), 2, 0);
    EXPECT_TRUE(check_elf(nothing.bytes()));
    EXPECT_TRUE(elf_segments(nothing.bytes()).error().is(faults::no_segments));
}

}  // namespace
}  // namespace pitstop::image
