#include "core/uds/sample_ecu_test.h"

#include <gtest/gtest.h>

#include <numeric>

namespace pitstop::uds {
namespace {

using namespace std::chrono_literals;

Bytes block(std::uint8_t counter, std::size_t size_bytes, std::uint8_t filler = 0xAA) {
    Bytes request{0x36, counter};
    request.resize(2 + size_bytes, filler);
    return request;
}

// In the programming session, with a download of `size_bytes` announced.
struct Transferring : Bench {
    explicit Transferring(std::uint8_t size_bytes) {
        ask({0x10, 0x02});
        EXPECT_EQ(ask({0x34, 0x00, 0x11, 0x00, size_bytes}), (Bytes{0x74, 0x40, 0, 0, 0, 102}));
    }
};

TEST(Download, RefusesWhatCannotBeAnAddressOrSize) {
    const std::pair<Bytes, std::uint8_t> rows[] = {
        {{0x34, 0x00}, 0x13},
        {{0x34, 0x00, 0x10, 0x01}, 0x13},                                                  // shorter than any
        {{0x34, 0x00, 0x10, 0x01, 0x01}, 0x31},                                            // an address of no bytes
        {{0x34, 0x00, 0x01, 0x01, 0x01}, 0x31},                                            // a size of no bytes
        {{0x34, 0x00, 0x99, 0x01, 0x01}, 0x31},                                            // nine bytes each
        {{0x34, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 1}, 0x13},                                   // one byte missing
        {{0x34, 0x00, 0x11, 0, 1, 1}, 0x13},                                               // one too many
        {{0x34, 0x00, 0x11, 0x00, 0x00}, 0x31},                                            // nothing to transfer
        {{0x34, 0x00, 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}, 0x31},  // past the end of all memory
        {{0x34, 0x00, 0x21, 0x00, 0x10, 0x00}, 0x70},                                      // more than the ECU has
    };
    for (const auto& [request, nrc] : rows) {
        Bench bench;
        bench.ask({0x10, 0x02});
        EXPECT_EQ(bench.ask_bytes(request), (Bytes{0x7F, 0x34, nrc})) << request.size();
        EXPECT_EQ(bench.ask_bytes(block(1, 1)), (Bytes{0x7F, 0x36, 0x24}));
    }
}

TEST(Download, IsNothingForTheDefaultSession) {
    Bench bench;
    EXPECT_EQ(bench.ask({0x34, 0x00, 0x11, 0x00, 0x10}), (Bytes{0x7F, 0x34, 0x7F}));
    EXPECT_EQ(bench.ask_bytes(block(1, 10)), (Bytes{0x7F, 0x36, 0x7F}));
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x7F, 0x37, 0x7F}));
}

TEST(Download, RefusesAStepOutOfSequence) {
    Transferring bench(100);
    EXPECT_EQ(bench.ask({0x34, 0x00, 0x11, 0x00, 0x10}), (Bytes{0x7F, 0x34, 0x22}));
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x7F, 0x37, 0x24}));
    EXPECT_EQ(bench.ask_bytes(block(1, 100)), (Bytes{0x76, 1}));
    EXPECT_EQ(bench.ask_bytes(block(2, 1)), (Bytes{0x7F, 0x36, 0x24}));
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x77}));
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x7F, 0x37, 0x24}));
}

TEST(Transfer, RefusesABlockWithTheWrongCounter) {
    Transferring bench(200);
    EXPECT_EQ(bench.ask_bytes(block(0, 10)), (Bytes{0x7F, 0x36, 0x73}));  // nothing came before the first: no repeat
    EXPECT_EQ(bench.ask_bytes(block(2, 10)), (Bytes{0x7F, 0x36, 0x73}));
    EXPECT_EQ(bench.ask_bytes(block(1, 10)), (Bytes{0x76, 1}));
    EXPECT_EQ(bench.ask_bytes(block(3, 10)), (Bytes{0x7F, 0x36, 0x73}));
    EXPECT_EQ(bench.ecu.memory.size(), 10u);
}

TEST(Transfer, RefusesABlockOfTheWrongSize) {
    Transferring bench(150);
    EXPECT_EQ(bench.ask_bytes(block(1, 0)), (Bytes{0x7F, 0x36, 0x13}));
    EXPECT_EQ(bench.ask_bytes(block(1, 101)), (Bytes{0x7F, 0x36, 0x13}));
    EXPECT_EQ(bench.ask_bytes(block(1, 100)), (Bytes{0x76, 1}));
    EXPECT_EQ(bench.ask_bytes(block(2, 51)), (Bytes{0x7F, 0x36, 0x71}));
    EXPECT_EQ(bench.ask_bytes(block(2, 50)), (Bytes{0x76, 2}));
}

TEST(Transfer, ConfirmsARepeatedBlockWithoutWritingItTwice) {
    Transferring bench(20);
    EXPECT_EQ(bench.ask_bytes(block(1, 10, 0x11)), (Bytes{0x76, 1}));
    EXPECT_EQ(bench.ask_bytes(block(1, 10, 0x11)), (Bytes{0x76, 1}));
    EXPECT_EQ(bench.ask_bytes(block(2, 10, 0x22)), (Bytes{0x76, 2}));
    EXPECT_EQ(bench.ask_bytes(block(2, 10, 0x22)), (Bytes{0x76, 2}));  // also the very last
    EXPECT_EQ(bench.ecu.memory.size(), 20u);
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x77}));
}

TEST(Transfer, CountsFrom255OnWithZero) {
    Transferring bench(255);
    Bench large;
    large.ask({0x10, 0x02});
    EXPECT_EQ(large.ask({0x34, 0x00, 0x21, 0x00, 0x02, 0x58}).front(), 0x74);  // 600 bytes
    for (int i = 1; i <= 600; ++i) {
        const auto counter = static_cast<std::uint8_t>(i);
        ASSERT_EQ(large.ask_bytes(block(counter, 1)), (Bytes{0x76, counter})) << i;
    }
    EXPECT_EQ(large.ecu.memory.size(), 600u);
    EXPECT_EQ(large.ask({0x37}), (Bytes{0x77}));
}

TEST(Transfer, TakesABlockAgainThatCouldNotBeWritten) {
    Transferring bench(10);
    bench.ecu.write_fails = true;
    EXPECT_EQ(bench.ask_bytes(block(1, 10)), (Bytes{0x7F, 0x36, 0x72}));
    bench.ecu.write_fails = false;
    EXPECT_EQ(bench.ask_bytes(block(1, 10)), (Bytes{0x76, 1}));
}

TEST(Transfer, CountsABlockOnlyWhenItsSlowWritingEnds) {
    Transferring bench(10);
    bench.ecu.steps_per_block = 2;
    EXPECT_TRUE(bench.ask_bytes(block(1, 10)).empty());
    EXPECT_EQ(bench.said(), (Bytes{0x76, 1}));
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x77}));
}

// A download of 20 bytes of memory in another form: so many as it takes, and the ECU says whether that was all.
struct TransferringPacked : Bench {
    TransferringPacked() {
        ecu.takes_other_forms = true;
        ask({0x10, 0x02});
        EXPECT_EQ(ask({0x34, 0x20, 0x11, 0x00, 20}), (Bytes{0x74, 0x40, 0, 0, 0, 102}));
    }
};

TEST(PackedTransfer, EndsWhenTheTesterSaysSoAndTheEcuAgrees) {
    for (const std::size_t size_bytes : {std::size_t{1}, std::size_t{20}, std::size_t{100}}) {
        TransferringPacked bench;
        EXPECT_EQ(bench.ask({0x37}), (Bytes{0x7F, 0x37, 0x24})) << "nothing has come yet";
        EXPECT_EQ(bench.ask_bytes(block(1, size_bytes)), (Bytes{0x76, 1}));
        EXPECT_EQ(bench.ask({0x37}), (Bytes{0x77}));
        EXPECT_EQ(bench.ecu.memory.size(), size_bytes);
        EXPECT_EQ(bench.ask_bytes(block(2, 1)), (Bytes{0x7F, 0x36, 0x24}));
    }
}

TEST(PackedTransfer, IsOverWhenTheEcuMissesSomethingAtTheEnd) {
    TransferringPacked bench;
    EXPECT_EQ(bench.ask_bytes(block(1, 7)), (Bytes{0x76, 1}));
    bench.ecu.at_the_exit = Nrc::general_programming_failure;
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x7F, 0x37, 0x72}));
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x7F, 0x37, 0x24}));
    EXPECT_EQ(bench.ask({0x34, 0x20, 0x11, 0x00, 20}).front(), 0x74);
}

TEST(PackedTransfer, ConfirmsARepeatedBlockWithoutGivingItOnTwice) {
    TransferringPacked bench;
    EXPECT_EQ(bench.ask_bytes(block(1, 10, 0x11)), (Bytes{0x76, 1}));
    EXPECT_EQ(bench.ask_bytes(block(1, 10, 0x11)), (Bytes{0x76, 1}));
    EXPECT_EQ(bench.ask_bytes(block(2, 10, 0x22)), (Bytes{0x76, 2}));
    EXPECT_EQ(bench.ask_bytes(block(2, 10, 0x22)), (Bytes{0x76, 2}));
    EXPECT_EQ(bench.ecu.memory.size(), 20u);
}

TEST(PackedTransfer, MayBeLittleLongerThanTheMemory) {
    const Download packed{.compression = 2, .size_bytes = 16'000};
    EXPECT_EQ(packed.transfer_bytes_max(), 16'000u + 1000 + Download::packing_bytes_max);
    EXPECT_EQ((Download{.size_bytes = 16'000}).transfer_bytes_max(), 16'000u);
    EXPECT_EQ((Download{.encryption = 1, .size_bytes = UINT64_MAX - 5}).transfer_bytes_max(), UINT64_MAX);

    TransferringPacked bench;
    const std::uint64_t most = 20 + 1 + Download::packing_bytes_max;
    std::uint8_t counter = 1;
    for (std::uint64_t sent = 0; sent + 100 <= most; sent += 100, ++counter)
        ASSERT_EQ(bench.ask_bytes(block(counter, 100)), (Bytes{0x76, counter}));
    EXPECT_EQ(bench.ask_bytes(block(counter, 100)), (Bytes{0x7F, 0x36, 0x71}));
    EXPECT_EQ(bench.ask_bytes(block(counter, most % 100)), (Bytes{0x76, counter}));
    EXPECT_EQ(bench.ask_bytes(block(static_cast<std::uint8_t>(counter + 1), 1)), (Bytes{0x7F, 0x36, 0x24}));
}

TEST(PackedTransfer, IsRefusedByAnEcuThatTakesImagesOnlyAsTheyAre) {
    Bench bench;
    bench.ask({0x10, 0x02});
    EXPECT_EQ(bench.ask({0x34, 0x20, 0x11, 0x00, 20}), (Bytes{0x7F, 0x34, 0x31}));
}

TEST(Transfer, IsNotEndedByAnExitOfTheWrongForm) {
    Transferring bench(10);
    bench.ask_bytes(block(1, 10));
    bench.ecu.at_the_exit = Nrc::incorrect_message_length_or_invalid_format;
    EXPECT_EQ(bench.ask({0x37, 0x00}), (Bytes{0x7F, 0x37, 0x13}));
    bench.ecu.at_the_exit = Nrc::positive_response;
    EXPECT_EQ(bench.ask({0x37}), (Bytes{0x77}));
}

TEST(Transfer, EndsWithItsSession) {
    for (const Bytes& leave : {Bytes{0x10, 0x01}, Bytes{0x10, 0x02}}) {
        Transferring bench(100);
        bench.ask_bytes(block(1, 10));
        bench.ask_bytes(leave);
        bench.ask({0x10, 0x02});
        EXPECT_EQ(bench.ask_bytes(block(2, 10)), (Bytes{0x7F, 0x36, 0x24}));
    }
    Transferring silent(100);
    silent.pass(5s);
    silent.ask({0x10, 0x02});
    EXPECT_EQ(silent.ask_bytes(block(1, 10)), (Bytes{0x7F, 0x36, 0x24}));
}

}  // namespace
}  // namespace pitstop::uds
