#include "core/delta/references.h"

#include "core/delta/test_images.h"

#include <gtest/gtest.h>

namespace pitstop::delta {
namespace {

Layout one_stretch(Writing writing, std::uint32_t size, std::uint64_t base = 0) {
    Layout layout;
    layout.before = {.base = base, .size = size, .code_begin = 0, .code_end = size, .segment_count = 1};
    layout.before.segments[0] = {0, size, 0};
    layout.after = layout.before;
    layout.stretch_count = 1;
    layout.stretches[0] = {0, writing};
    return layout;
}

std::vector<Reference> all_in(const Layout& layout, View bytes) {
    std::vector<Reference> found;
    const ReferenceFinder finder(layout);
    Reference next;
    for (std::uint32_t at = 0; finder.find({bytes, 0}, at, static_cast<std::uint32_t>(bytes.size()), next);
         at = next.at + 4)
        found.push_back(next);
    return found;
}

TEST(References, OfX8664AreFoundWithTheirImmediates) {
    struct Row {
        Bytes code;
        std::uint32_t at, target;
    };
    for (const Row& row : {Row{{0xE8, 0x10, 0, 0, 0}, 1, 0x15},                          // call
                           Row{{0xE9, 0x10, 0, 0, 0}, 1, 0x15},                          // jmp
                           Row{{0x0F, 0x84, 0x10, 0, 0, 0}, 2, 0x16},                    // je
                           Row{{0x48, 0x8D, 0x05, 0x10, 0, 0, 0}, 3, 0x17},              // lea
                           Row{{0x80, 0x3D, 0x10, 0, 0, 0, 0x00}, 2, 0x17},              // cmpb, one byte of immediate
                           Row{{0xC7, 0x05, 0x10, 0, 0, 0, 1, 2, 3, 4}, 2, 0x1A},        // movl, four bytes
                           Row{{0xF6, 0x05, 0x10, 0, 0, 0, 0x01}, 2, 0x17},              // testb
                           Row{{0xF7, 0x1D, 0x10, 0, 0, 0}, 2, 0x16},                    // negl: none
                           Row{{0x0F, 0xB6, 0x05, 0x10, 0, 0, 0}, 3, 0x17},              // movzbl
                           Row{{0x66, 0x0F, 0x70, 0x05, 0x10, 0, 0, 0, 0x1B}, 4, 0x19},  // pshufd
                           Row{{0x66, 0x0F, 0x38, 0x00, 0x05, 0x10, 0, 0, 0}, 5, 0x19},  // pshufb
                           Row{{0xC5, 0xFD, 0x6F, 0x05, 0x10, 0, 0, 0}, 4, 0x18},        // vmovdqa
                           Row{{0xC4, 0xE2, 0x7D, 0x58, 0x05, 0x10, 0, 0, 0}, 5, 0x19}}) {  // vpbroadcastd
        Bytes code = row.code;
        code.resize(64, 0xCC);
        const auto found = all_in(one_stretch(Writing::x86_64, 64), code);
        ASSERT_EQ(found.size(), 1U) << to_hex(row.code);
        EXPECT_EQ(found[0].at, row.at) << to_hex(row.code);
        EXPECT_EQ(found[0].target, row.target) << to_hex(row.code);
    }
}

TEST(References, ThatLeadOutOfTheImageAreNone) {
    Bytes code{0xE8, 0x00, 0x10, 0, 0, 0x48, 0x8D, 0x05, 0, 0x10, 0, 0};
    code.resize(64, 0xCC);
    EXPECT_TRUE(all_in(one_stretch(Writing::x86_64, 64), code).empty());
    EXPECT_TRUE(all_in(one_stretch(Writing::none, 64), code).empty());
}

TEST(References, InWordsAreAlignedAddressesOfTheImage) {
    Bytes words(64, 0);
    store_le(&words[8], std::uint64_t{0x400030});
    store_le(&words[17], std::uint64_t{0x400030});
    store_le(&words[32], std::uint64_t{0x400040});
    const auto found = all_in(one_stretch(Writing::words_64, 64, 0x400000), words);
    ASSERT_EQ(found.size(), 1U) << "neither one that is not aligned nor one beyond the end";
    EXPECT_EQ(found[0].at, 8U);
    EXPECT_EQ(found[0].target, 0x30U);
}

// As the assembler writes them: "bl" forwards and backwards, and "b.w".
TEST(References, OfThumbAndAArch64ReadAndWriteAsTheAssemblerDoes) {
    EXPECT_EQ(target_in(Field::thumb_bl, 0xFFFEF7FFU, 0x104), 0x100U);    // bl .
    EXPECT_EQ(target_in(Field::thumb_bl, 0xF800F000U, 0x104), 0x104U);    // bl .+4
    EXPECT_EQ(target_in(Field::thumb_bl, 0xB800F000U, 0x104), 0x104U);    // b.w .+4
    EXPECT_EQ(target_in(Field::arm_b26, 0x97FFFFFFU, 0x100), 0xFCU);      // bl .-4
    EXPECT_EQ(target_in(Field::arm_b26, 0x14000002U, 0x100), 0x108U);     // b .+8
    EXPECT_EQ(target_in(Field::arm_page, 0xB0000000U, 0x5000), 0x6000U);  // adrp x0, .+4096
    test::Dice dice(1);
    for (int i = 0; i < 2000; ++i) {
        const std::uint32_t distance = (dice.below(1U << 24) - (1U << 23)) & ~1U, origin = 0x2000000;
        const std::uint32_t word = with_target(Field::thumb_bl, 0xF800F000U, origin, origin + distance);
        EXPECT_TRUE(is_shaped(Field::thumb_bl, word));
        EXPECT_EQ(target_in(Field::thumb_bl, word, origin), origin + distance);
        const std::uint32_t far = (dice.below(1U << 27) - (1U << 26)) & ~3U;
        EXPECT_EQ(target_in(Field::arm_b26, with_target(Field::arm_b26, 0x94000000U, origin, origin + far), origin),
                  origin + far);
        const std::uint32_t pages = dice.below(1U << 20) << 12;
        EXPECT_EQ(target_in(Field::arm_page, with_target(Field::arm_page, 0x90000003U, origin, origin + pages), origin),
                  origin + pages);
    }
}

TEST(References, AreTheSameInWhateverPiecesTheBytesCome) {
    const Bytes bytes = test::noise(4000, 2);
    for (const Writing writing :
         {Writing::x86_64, Writing::words_64, Writing::thumb, Writing::aarch64, Writing::self_relative}) {
        const Layout layout = one_stretch(writing, 1U << 30);
        const auto whole = all_in(layout, bytes);
        std::vector<std::uint32_t> pieced;
        const ReferenceFinder finder(layout);
        for (std::uint32_t at = 0; at < bytes.size();) {
            const View piece = View(bytes).subspan(at, std::min<std::size_t>(61, bytes.size() - at));
            const auto size = static_cast<std::uint32_t>(piece.size());
            const std::uint32_t to = at + size == bytes.size() ? size : size - look_ahead_bytes;
            Reference next;
            if (finder.find({piece, at}, 0, to, next)) {
                pieced.push_back(at + next.at);
                at += next.at + 4;
            } else {
                at += to;
            }
        }
        ASSERT_EQ(pieced.size(), whole.size());
        for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(pieced[i], whole[i].at);
    }
}

}  // namespace
}  // namespace pitstop::delta
