#include "core/delta/numbers.h"
#include "core/delta/range_encoder.h"
#include "core/delta/test_images.h"

#include <gtest/gtest.h>

namespace pitstop::delta {
namespace {

TEST(RangeCoder, HearsWhatWasSaid) {
    for (std::uint64_t seed = 1; seed < 30; ++seed) {
        test::Dice dice(seed);
        RangeEncoder encoder;
        std::vector<std::uint32_t> said;
        {
            NumberModel numbers;
            SignedModel differences;
            ByteModel bytes;
            for (int i = 0; i < 500; ++i) {
                const std::uint32_t number = (dice.below(0xFFFFFFFF) >> dice.below(32));
                said.push_back(number);
                code_number(encoder, numbers, number);
                code_difference(encoder, differences, 0U - number);
                code_byte(encoder, bytes, static_cast<std::uint8_t>(number), Pace::quick);
            }
        }
        const Bytes stream = encoder.finish();
        RangeDecoder decoder;
        decoder.lend(stream, true);
        decoder.start();
        NumberModel numbers;
        SignedModel differences;
        ByteModel bytes;
        for (const std::uint32_t number : said) {
            ASSERT_EQ(code_number(decoder, numbers, 0), number);
            ASSERT_EQ(code_difference(decoder, differences, 0), 0U - number);
            ASSERT_EQ(code_byte(decoder, bytes, 0, Pace::quick), static_cast<std::uint8_t>(number));
        }
        EXPECT_TRUE(decoder.ended_well());
        EXPECT_EQ(decoder.left(), 0U) << "exactly the bytes that were said";
    }
}

TEST(RangeCoder, SaysTheExpectedAlmostForNothing) {
    RangeEncoder encoder;
    BitModel model;
    for (int i = 0; i < 100'000; ++i) encoder.bit(model, false);
    EXPECT_LT(encoder.finish().size(), 24U);
}

TEST(RangeCoder, StaysWithinItsStepWhateverItHears) {
    const Bytes noise = test::noise(4096, 9);
    RangeDecoder decoder;
    NumberModel number;
    SignedModel difference;
    for (std::size_t at = 0; at + 1000 < noise.size(); at += 100) {
        decoder.begin();
        decoder.lend(View(noise).subspan(at, 1000), false);
        decoder.start();
        for (int i = 0; i < 6; ++i) {
            const std::size_t before = decoder.used();
            code_number(decoder, number, 0);
            code_difference(decoder, difference, 0);
            EXPECT_LE(decoder.used() - before, step_bytes_max);
        }
    }
}

TEST(RangeCoder, NoticesThatItsBytesEnded) {
    RangeDecoder decoder;
    const Bytes few{1, 2, 3, 4};
    decoder.lend(few, true);
    decoder.start();
    EXPECT_FALSE(decoder.ran_out());
    decoder.plain(0, 16);
    EXPECT_TRUE(decoder.ran_out());
    EXPECT_FALSE(decoder.ended_well());
}

}  // namespace
}  // namespace pitstop::delta
