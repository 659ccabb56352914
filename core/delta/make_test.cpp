#include "core/delta/make.h"

#include "core/delta/faults.h"
#include "core/delta/test_images.h"
#include "core/delta/test_programs.h"

#include <gtest/gtest.h>

#include <thread>

namespace pitstop::delta {
namespace {

std::size_t size_of_delta(View old_image, View new_image, const Options& options = {}) {
    const auto delta = make(old_image, new_image, options);
    EXPECT_TRUE(delta) << delta.error().str();
    if (!delta) return 0;
    const auto made = test::apply(old_image, *delta);
    EXPECT_TRUE(made) << made.error().str();
    EXPECT_TRUE(made && std::ranges::equal(*made, new_image)) << "the new image comes out";
    return delta->size();
}

TEST(Make, BringsOneImageToTheOtherWhateverTheyAre) {
    const Bytes noise = test::noise(3'000, 1), other = test::noise(2'000, 2), one{7}, two{1, 2};
    const Bytes zeros(5'000, 0), ones(5'000, 0xFF);
    for (const Bytes* const old_image : {&noise, &other, &one, &two, &zeros, &ones})
        for (const Bytes* const new_image : {&noise, &other, &one, &two, &zeros, &ones})
            size_of_delta(*old_image, *new_image);
}

TEST(Make, BringsEditedImagesBackForManySeeds) {
    for (std::uint64_t seed = 1; seed <= 16; ++seed) {
        test::Dice dice(seed);
        const Bytes old_image = test::noise(1 + dice.below(12'000), seed);
        const Bytes new_image = test::edited(old_image, seed + 1000, static_cast<int>(dice.below(30)));
        size_of_delta(old_image, new_image,
                      {.window_bytes = 1024U << dice.below(4), .sector_bytes = 256U << dice.below(6)});
    }
}

TEST(Make, NeedsAlmostNothingForAnImageThatIsTheSame) {
    const Bytes image = test::noise(100'000, 3);
    EXPECT_LT(size_of_delta(image, image), 200U);
}

TEST(Make, PaysForNewBytesAndLittleElse) {
    const Bytes old_image = test::noise(50'000, 4);
    Bytes new_image = old_image;
    const Bytes fresh = test::noise(1000, 5);
    new_image.insert(new_image.begin() + 20'000, fresh.begin(), fresh.end());
    EXPECT_LT(size_of_delta(old_image, new_image), 1400U);
}

TEST(Make, CopiesShortPiecesFromAnywhereInTheOldImageWhereThatIsCheaperThanSayingThem) {
    const Bytes old_image = test::noise(20'000, 6);
    test::Dice dice(7);
    Bytes new_image;
    for (int i = 0; i < 1000; ++i) {
        const auto piece = old_image.begin() + dice.below(19'000);
        new_image.insert(new_image.end(), piece, piece + 6);
    }
    EXPECT_LT(size_of_delta(old_image, new_image), 4500U);
}

TEST(Make, LetsFillingsRepeatThemselves) {
    Bytes old_image;  // with many short fillings, each of which would be a copy of its own
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Bytes piece = test::noise(500, seed);
        old_image.insert(old_image.end(), piece.begin(), piece.end());
        old_image.resize(old_image.size() + 60 + seed, 0xFF);
    }
    Bytes new_image = old_image;
    new_image.resize(200'000, 0xFF);
    EXPECT_LT(size_of_delta(old_image, new_image), 250U);
}

TEST(Make, DoesNotPayForCallsThatOnlyLeadElsewhereBecauseCodeMoved) {
    for (const test::Kind kind : {test::Kind::x86_64, test::Kind::thumb, test::Kind::aarch64}) {
        const auto program = test::functions(600, 6);
        const Bytes old_image = test::program_image(kind, program, test::in_order(program.size()));
        const Bytes new_image = test::program_image(kind, program, test::shuffled(program.size(), 7, 20));
        EXPECT_LT(size_of_delta(old_image, new_image), 1300U) << "kind " << static_cast<int>(kind) << ", 1,800 calls";
    }
}

TEST(Make, GivesTheSameBytesWhoeverWorks) {
    const auto program = test::functions(200, 8);
    const Bytes old_image = test::program_image(test::Kind::x86_64, program, test::in_order(200));
    const Bytes new_image = test::program_image(test::Kind::x86_64, program, test::shuffled(200, 9, 8));
    const ForEach backwards_on_threads = [](std::size_t count, const Work& work) {
        std::vector<std::jthread> threads;
        for (std::size_t i = count; i > 0; --i) threads.emplace_back(work, i - 1);
    };
    EXPECT_EQ(*make(old_image, new_image), *make(old_image, new_image, {}, backwards_on_threads));
}

TEST(Make, SurvivesEveryDamageOfTheHeadersThatItReads) {
    const auto program = test::functions(8, 10);
    const Bytes old_image = test::program_image(test::Kind::x86_64, program, test::in_order(8));
    for (std::size_t at = 4; at < 128; at += 2)
        for (const int value : {0x01, 0xFF}) {
            Bytes damaged = old_image;
            damaged[at] = static_cast<std::uint8_t>(value);
            size_of_delta(old_image, damaged);
            size_of_delta(damaged, old_image);
        }
}

TEST(Make, RefusesImagesWithoutBytesAndOptionsThatCannotBe) {
    const Bytes image{1, 2, 3};
    EXPECT_TRUE(make({}, image).error().is(faults::empty));
    EXPECT_TRUE(make(image, {}).error().is(faults::empty));
    for (const Options& options :
         {Options{.window_bytes = 512}, Options{.window_bytes = 5000}, Options{.window_bytes = 2U << 20},
          Options{.sector_bytes = 128}, Options{.sector_bytes = 4097}, Options{.sector_bytes = 2U << 20},
          Options{.block_bytes_max = 0}})
        EXPECT_TRUE(make(image, image, options).error().is(faults::impossible_options));
}

TEST(Make, RefusesAnImageThatIsTooLarge) {
    // Never touched: the size alone is refused.
    const std::uint8_t byte = 0;
    EXPECT_TRUE(make(View(&byte, 1), View(&byte, image_bytes_max + 1)).error().is(faults::too_large));
}

}  // namespace
}  // namespace pitstop::delta
