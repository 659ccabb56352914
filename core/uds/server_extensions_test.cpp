#include "core/uds/sample_extensions_test.h"

#include <gtest/gtest.h>

namespace pitstop::uds {
namespace {

TEST(Extensions, WriteAnIdentifier) {
    FullBench bench;
    EXPECT_EQ(bench.ask({0x2E, 0xF1, 0x5A, 1, 2, 3}), (Bytes{0x6E, 0xF1, 0x5A}));
    EXPECT_EQ(bench.parts.fingerprint, (Bytes{1, 2, 3}));
}

TEST(Extensions, ControlAnInput) {
    FullBench bench;
    bench.ask({0x10, 0x03});
    EXPECT_EQ(bench.ask({0x2F, 0x01, 0x10, 0x03, 0x42}), (Bytes{0x6F, 0x01, 0x10, 0x03, 0x42}));
    for (const std::uint8_t parameter : Bytes{0x00, 0x01, 0x02})
        EXPECT_EQ(bench.ask({0x2F, 0x01, 0x10, parameter}), (Bytes{0x6F, 0x01, 0x10, parameter, 0x77}));
}

TEST(Extensions, ReadAndWriteMemory) {
    FullBench bench;
    EXPECT_EQ(bench.ask({0x3D, 0x12, 0x10, 0x06, 0x02, 0xAB, 0xCD}), (Bytes{0x7D, 0x12, 0x10, 0x06, 0x02}));
    EXPECT_EQ(bench.ask({0x23, 0x24, 0x00, 0x00, 0x10, 0x05, 0x00, 0x04}), (Bytes{0x63, 0xEE, 0xAB, 0xCD, 0xEE}));
    EXPECT_EQ(bench.ask({0x23, 0x12, 0x10, 0x00, 0x10}).size(), 17u) << "to its very end";
}

TEST(Extensions, SayWhenMemoryIsMoreThanAnAnswerHolds) {
    FullBench bench(16);
    EXPECT_EQ(bench.ask({0x23, 0x12, 0x10, 0x00, 0x10}), (Bytes{0x7F, 0x23, 0x14}));
    EXPECT_EQ(bench.ask({0x23, 0x12, 0x10, 0x00, 0x0F}).size(), 16u);
}

TEST(Extensions, TellARoutinesResults) {
    FullBench bench;
    EXPECT_EQ(bench.ask({0x31, 0x03, 0xFF, 0x00}), (Bytes{0x71, 0x03, 0xFF, 0x00, 0x5A}));
}

Bytes read_out(FullBench& bench, std::size_t blocks) {
    Bytes got;
    for (std::size_t i = 1; i <= blocks; ++i) {
        const Bytes block = bench.ask({0x36, static_cast<std::uint8_t>(i)});
        EXPECT_EQ(block[1], static_cast<std::uint8_t>(i));
        got.insert(got.end(), block.begin() + 2, block.end());
    }
    return got;
}

TEST(Upload, GivesTheMemoryInBlocks) {
    FullBench bench;
    bench.ask({0x10, 0x03});
    EXPECT_EQ(bench.ask({0x35, 0x00, 0x21, 0x00, 0x02, 0x58}), (Bytes{0x75, 0x40, 0, 0, 0, 102}));
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x7F, 0x37, 0x24})) << "not all was fetched";
    EXPECT_EQ(read_out(bench, 6), bench.parts.image);
    EXPECT_EQ(bench.ask({0x36, 7}), (Bytes{0x7F, 0x36, 0x24}));
    EXPECT_EQ(bench.ask({0x37, 0x00}), (Bytes{0x7F, 0x37, 0x13}));
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x77}));
    EXPECT_EQ(bench.ask({0x36, 7}), (Bytes{0x7F, 0x36, 0x24}));
}

TEST(Upload, GivesABlockAgainWhoseAnswerWasLost) {
    FullBench bench;
    bench.ask({0x10, 0x03});
    bench.ask({0x35, 0x00, 0x11, 0x00, 150});
    EXPECT_EQ(bench.ask({0x36, 0x00}), (Bytes{0x7F, 0x36, 0x73})) << "nothing went before the first";
    const Bytes first = bench.ask({0x36, 1}), again = bench.ask({0x36, 1});
    EXPECT_EQ(first, again);
    EXPECT_EQ(bench.ask({0x36, 3}), (Bytes{0x7F, 0x36, 0x73}));
    EXPECT_EQ(bench.ask({0x36, 2, 0xAA}), (Bytes{0x7F, 0x36, 0x13}));
    const Bytes last = bench.ask({0x36, 2});
    EXPECT_EQ(last.size(), 52u);
    EXPECT_EQ(bench.ask({0x36, 2}), last);
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x77}));
}

TEST(Upload, CountsFrom255OnWithZero) {
    FullBench bench(3);  // one byte in each answer
    bench.ask({0x10, 0x83});
    bench.ask({0x35, 0x00, 0x21, 0x00, 0x02, 0x58});
    Bytes got;
    for (int i = 1; i <= 600; ++i) {
        const Bytes block = bench.ask({0x36, static_cast<std::uint8_t>(i)});
        ASSERT_EQ(block.size(), 3u) << i;
        got.push_back(block[2]);
    }
    EXPECT_EQ(got, bench.parts.image);
}

TEST(Upload, IsOneTransferAtATime) {
    FullBench bench;
    bench.ask({0x10, 0x03});
    bench.ask({0x35, 0x00, 0x11, 0x00, 0x10});
    EXPECT_EQ(bench.ask({0x34, 0x00, 0x11, 0x00, 0x10}), (Bytes{0x7F, 0x34, 0x22}));
    EXPECT_EQ(bench.ask({0x35, 0x00, 0x11, 0x00, 0x10}), (Bytes{0x7F, 0x35, 0x22}));
    EXPECT_EQ(bench.ask({0x38, 0x02, 0, 3, 'l', 'o', 'g'}), (Bytes{0x7F, 0x38, 0x22}));
    EXPECT_EQ(bench.ask({0x38, 0x04, 0, 3, 'l', 'o', 'g', 0}), (Bytes{0x7F, 0x38, 0x22}));
    bench.ask({0x10, 0x03});
    EXPECT_EQ(bench.ask({0x34, 0x00, 0x11, 0x00, 0x10}).front(), 0x74);
}

TEST(FileTransfer, ReadsAndDeletesTheFile) {
    FullBench bench;
    bench.ask({0x10, 0x03});
    EXPECT_EQ(bench.ask({0x38, 0x04, 0, 3, 'l', 'o', 'g', 0}),
              (Bytes{0x78, 0x04, 4, 0, 0, 0, 102, 0, 0, 4, 0, 0, 0, 11, 0, 0, 0, 11}));
    EXPECT_EQ(text_of(View(bench.ask({0x36, 1})).subspan(2)), "all is well");
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x77}));
    EXPECT_EQ(bench.ask({0x38, 0x02, 0, 3, 'l', 'o', 'g'}), (Bytes{0x78, 0x02}));
    EXPECT_EQ(bench.ask({0x38, 0x02, 0, 3, 'l', 'o', 'g'}), (Bytes{0x7F, 0x38, 0x31}));
}

TEST(FaultMemory, IsReadAndClearedByItsServices) {
    FullBench bench;
    ASSERT_TRUE(bench.parts.dtcs.report(SampleExtensions::first_code, DtcTest::failed, {{0x01020304}, {1, 2, 3, 4}}));
    EXPECT_EQ(bench.ask({0x19, 0x01, 0x08}), (Bytes{0x59, 0x01, 0x7F, 0x01, 0x00, 0x01}));
    EXPECT_EQ(bench.ask({0x19, 0x02, 0x08}), (Bytes{0x59, 0x02, 0x7F, 0x06, 0x01, 0x45, 0x2F}));
    EXPECT_EQ(bench.ask({0x19, 0x02, 0x00}), (Bytes{0x59, 0x02, 0x7F})) << "no bit asked for, no code";
    EXPECT_EQ(bench.ask({0x19, 0x03}), (Bytes{0x59, 0x03, 0x06, 0x01, 0x45, 0x01}));
    EXPECT_EQ(bench.ask({0x19, 0x04, 0x06, 0x01, 0x45, 0xFF}),
              (Bytes{0x59, 0x04, 0x06, 0x01, 0x45, 0x2F, 0x01, 0x02, 0x01, 0x00, 1, 2,
                     3,    4,    0x01, 0x01, 0,    1,    0,    2,    0,    3,    0, 4}));
    EXPECT_EQ(bench.ask({0x19, 0x06, 0x06, 0x01, 0x45, 0xFF}),
              (Bytes{0x59, 0x06, 0x06, 0x01, 0x45, 0x2F, 0x01, 0x01, 0x02, 0x00}));
    EXPECT_EQ(bench.ask({0x19, 0x06, 0x06, 0x01, 0x45, 0x02}), (Bytes{0x59, 0x06, 0x06, 0x01, 0x45, 0x2F, 2, 0}));
    EXPECT_EQ(bench.ask({0x19, 0x04, 0x05, 0x62, 0x16, 0x01}), (Bytes{0x59, 0x04, 0x05, 0x62, 0x16, 0x50}));
    EXPECT_EQ(bench.ask({0x19, 0x0A}), (Bytes{0x59, 0x0A, 0x7F, 0x06, 0x01, 0x45, 0x2F, 0x05, 0x62, 0x16, 0x50}));
    EXPECT_TRUE(bench.ask({0x19, 0x8A}).empty());
    EXPECT_EQ(bench.ask({0x14, 0xFF, 0xFF, 0xFF}), (Bytes{0x54}));
    EXPECT_EQ(bench.ask({0x19, 0x01, 0xAF}), (Bytes{0x59, 0x01, 0x7F, 0x01, 0x00, 0x00}));
    bench.parts.keeping_fails = true;
    EXPECT_EQ(bench.ask({0x14, 0x06, 0x01, 0x45}), (Bytes{0x7F, 0x14, 0x72}));
}

TEST(FaultMemory, IsFrozenUntilTheDefaultSession) {
    FullBench bench;
    const auto fail_now = [&] {
        EXPECT_TRUE(bench.parts.dtcs.report(SampleExtensions::first_code, DtcTest::failed, {}));
        return bench.parts.dtcs.count(dtc_status::test_failed);
    };
    bench.ask({0x10, 0x03});
    EXPECT_EQ(bench.ask({0x85, 0x02}), (Bytes{0xC5, 0x02}));
    EXPECT_EQ(fail_now(), 0u);
    bench.ask({0x85, 0x01});
    EXPECT_EQ(fail_now(), 1u);
    bench.ask({0x14, 0xFF, 0xFF, 0xFF});
    bench.ask({0x85, 0x82});
    EXPECT_EQ(fail_now(), 0u);
    bench.pass(std::chrono::seconds(5));
    bench.said();
    EXPECT_EQ(fail_now(), 1u) << "the session has ended";
}

}  // namespace
}  // namespace pitstop::uds
