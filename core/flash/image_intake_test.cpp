// Queued flash: a block is programmed while the next one comes, over the real server and a clock that the test moves.
#include "core/flash/image_intake.h"

#include "core/flash/target_application_test.h"
#include "core/flash/test_ecu.h"
#include "core/package/packed_image_test.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr std::uint32_t block_bytes = 1024, sector_bytes = 1024;
constexpr microseconds flash_per_block = 8ms;
const Openings openings = *Openings::parse("delta zstd window=4096");

// An ECU behind its server; the bank is erased and the download announced.
struct Downloading : testing::Test, TargetObserver {
    explicit Downloading(std::size_t blocks = 2) : room(blocks * block_bytes) {}
    void did(std::string_view) override {}
    void refused(std::string_view what, const Error& why) override {
        refusals.push_back(std::string(what) + ": " + std::string(why.code()));
    }

    void begin(View bytes, std::uint8_t data_format = 0, std::uint32_t image_bytes = 0) {
        payload = bytes;
        size_bytes = image_bytes == 0 ? static_cast<std::uint32_t>(bytes.size()) : image_bytes;
        ASSERT_TRUE(slots.boot());
        enter_and_erase();
        Bytes request{0x34, data_format, 0x44, 0, 0, 0, 0, 0, 0, 0, 0};
        store_be(&request[7], size_bytes);
        ASSERT_EQ(ask(request), (Bytes{0x74, 0x40, 0, 0, 0x04, 0x02}));
    }
    void enter_and_erase() {
        ASSERT_EQ(ask({0x10, 0x02})[0], 0x50);
        Bytes erase{0x31, 0x01, 0xFF, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 0, 0};
        store_be(&erase[9], size_bytes);
        ASSERT_EQ(ask(erase), (Bytes{0x71, 0x01, 0xFF, 0x00, 0x00}));
    }

    Bytes block(std::size_t number) const {  // from 1 on
        Bytes request{0x36, static_cast<std::uint8_t>(number)};
        const std::size_t from = (number - 1) * block_bytes;
        const View data = payload.subspan(from, std::min<std::size_t>(block_bytes, payload.size() - from));
        request.insert(request.end(), data.begin(), data.end());
        return request;
    }
    [[nodiscard]] std::size_t blocks() const { return (payload.size() + block_bytes - 1) / block_bytes; }

    // The final answer; waiting for it moves the clock.
    Bytes ask(const Bytes& request) {
        server.on_request(request, uds::Addressing::physical, now);
        for (;;) {
            if (const auto answer = server.poll(now)) {
                if (!server.busy()) return {answer->begin(), answer->end()};
                ++waits;
            } else {
                now = std::max(now, *server.deadline());
            }
        }
    }
    // Nothing is asked for so long.
    void pass(microseconds time) {
        const Tick until = now + time;
        for (auto due = server.deadline(); due && *due <= until; due = server.deadline()) {
            now = std::max(now, *due);
            static_cast<void>(server.poll(now));
        }
        now = until;
    }
    // Of the bank in which the first image goes.
    [[nodiscard]] bool holds(View image) {
        return std::ranges::equal(flash.cells().subspan(layout.bank(Bank::a).offset, image.size()), image);
    }

    RamFlash flash{[] {
        Geometry geometry;
        geometry.runs = {SectorRun{4, 512}, SectorRun{40, sector_bytes}};
        geometry.program_unit_bytes = 8;
        return geometry;
    }()};
    Layout layout = *plan_layout(flash.geometry());
    crypto::Sha256 hasher, opening_hasher;
    Slots slots{flash, layout, hasher, test::our_hardware};
    Bytes storage = Bytes(ImageOpening::storage_bytes(openings)), room;
    ImageOpening opening{openings, slots, opening_hasher, storage, {}};
    test::OpenGate gate;
    Target target{slots, gate, &opening, *this, {block_bytes + 2, {.program_per_kib = flash_per_block}, room}};
    test::TargetApplication application{target};
    std::array<std::uint8_t, 64> reply_storage{};
    uds::Server server{application, {}, reply_storage};
    Tick now{1'000'000};
    View payload;
    std::uint32_t size_bytes = 0;
    int waits = 0;  // 0x78
    std::vector<std::string> refusals;
};
struct DownloadingWithoutAQueue : Downloading {
    DownloadingWithoutAQueue() : Downloading(1) {}
};

const Bytes image = test::image_of(10 * block_bytes - 100, 3);

TEST_F(Downloading, AnswersABlockBeforeItIsInTheFlash) {
    begin(image);
    const Tick asked = now;
    EXPECT_EQ(ask(block(1)), (Bytes{0x76, 1}));
    EXPECT_EQ(now, asked);
    EXPECT_FALSE(holds(View(image).first(block_bytes)));
    pass(1us);
    EXPECT_TRUE(holds(View(image).first(block_bytes)));
}

TEST_F(Downloading, LetsTheSecondBlockWaitForTheFirstAndTheThirdForTheSecond) {
    begin(image);
    const Tick began = now;
    for (std::uint8_t number = 1; number <= 4; ++number) {
        EXPECT_EQ(ask(block(number)), (Bytes{0x76, number}));
        EXPECT_EQ(now - began, flash_per_block * (number - 1));
    }
}

TEST_F(Downloading, KeepsTheOrderOfItsBlocksWhoeverIsTheSlowerOne) {
    for (const microseconds bus_per_block :
         {microseconds(0), flash_per_block / 2, flash_per_block, flash_per_block * 3}) {
        begin(image);
        for (std::size_t number = 1; number <= blocks(); ++number) {
            pass(bus_per_block);
            ASSERT_EQ(ask(block(number)), (Bytes{0x76, static_cast<std::uint8_t>(number)}));
        }
        ASSERT_EQ(ask({0x37}), (Bytes{0x77}));
        EXPECT_TRUE(holds(image));
    }
}

TEST_F(Downloading, IsTakenForDoneOnlyWhenEverythingIsInTheFlash) {
    const View whole = View(image).first(4 * block_bytes);
    begin(whole);
    for (std::uint8_t number = 1; number <= 4; ++number) ASSERT_EQ(ask(block(number))[0], 0x76);
    EXPECT_FALSE(holds(whole));
    const Tick asked = now;
    EXPECT_EQ(ask({0x37}), (Bytes{0x77}));
    EXPECT_EQ(now - asked, flash_per_block);
    EXPECT_TRUE(holds(whole));
}

TEST_F(Downloading, SaysThatAWaitingBlockIsNotForgotten) {
    begin(image);
    Target slow{slots, gate, &opening, *this, {block_bytes + 2, {.program_per_kib = 3s}, room}};
    test::TargetApplication slowly(slow);
    uds::Server patient(slowly, {}, reply_storage);
    const auto first_said = [&](const Bytes& request) {
        patient.on_request(request, uds::Addressing::physical, now);
        for (;;) {
            if (const auto answer = patient.poll(now)) return Bytes(answer->begin(), answer->end());
            now = std::max(now, *patient.deadline());
        }
    };
    ASSERT_EQ(first_said({0x10, 0x02})[0], 0x50);
    Bytes announce{0x34, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 0, 0};
    store_be(&announce[7], size_bytes);
    ASSERT_EQ(first_said(announce)[0], 0x74);
    ASSERT_EQ(first_said(block(1)), (Bytes{0x76, 1}));
    EXPECT_EQ(first_said(block(2)), (Bytes{0x7F, 0x36, 0x78}));
}

TEST_F(Downloading, ConfirmsARepeatedBlockWithoutProgrammingItTwice) {
    begin(image);
    const auto before = flash.operations();
    EXPECT_EQ(ask(block(1)), (Bytes{0x76, 1}));
    EXPECT_EQ(ask(block(1)), (Bytes{0x76, 1})) << "while it is in the queue";
    pass(flash_per_block / 2);
    EXPECT_EQ(ask(block(1)), (Bytes{0x76, 1})) << "while it is programmed";
    pass(flash_per_block);
    const auto one_block = flash.operations() - before;
    EXPECT_EQ(ask(block(1)), (Bytes{0x76, 1})) << "afterwards";
    for (std::size_t number = 2; number <= blocks(); ++number) ASSERT_EQ(ask(block(number))[0], 0x76);
    ASSERT_EQ(ask({0x37}), (Bytes{0x77}));
    EXPECT_TRUE(holds(image));
    EXPECT_EQ(flash.operations() - before, one_block * blocks() + 1) << "the last unit is filled up by 37";
}

TEST_F(Downloading, TellsWhatWentWrongWithABlockToTheNextOneAndProgramsNothingMore) {
    begin(image);
    flash.fail_sector(layout.bank(Bank::a).first_sector + 1);
    ASSERT_EQ(ask(block(1)), (Bytes{0x76, 1}));
    ASSERT_EQ(ask(block(2)), (Bytes{0x76, 2}));
    pass(1s);
    EXPECT_EQ(refusals, std::vector<std::string>{"transfer data: flash.device-failed"});
    const auto operations = flash.operations();
    EXPECT_EQ(ask(block(3)), (Bytes{0x7F, 0x36, 0x72}));
    EXPECT_EQ(ask(block(3)), (Bytes{0x7F, 0x36, 0x72})) << "also when that answer was lost";
    pass(1s);
    EXPECT_EQ(flash.operations(), operations);
}

TEST_F(Downloading, TellsItToABlockThatWaits) {
    begin(image);
    flash.fail_sector(layout.bank(Bank::a).first_sector);
    ASSERT_EQ(ask(block(1)), (Bytes{0x76, 1}));
    EXPECT_EQ(ask(block(2)), (Bytes{0x7F, 0x36, 0x72}));
}

TEST_F(Downloading, TellsItToTheExitWhereTheBlockWasTheLastAndIsOverThen) {
    const View whole = View(image).first(2 * block_bytes);
    flash.fail_sector(layout.bank(Bank::a).first_sector + 1, Defect::program);
    for (const bool is_known_before : {true, false}) {
        begin(whole);
        for (std::uint8_t number = 1; number <= 2; ++number) ASSERT_EQ(ask(block(number))[0], 0x76);
        if (is_known_before) pass(1s);
        EXPECT_EQ(ask({0x37}), (Bytes{0x7F, 0x37, 0x72}));
        EXPECT_EQ(ask({0x37}), (Bytes{0x7F, 0x37, 0x24}));
        EXPECT_EQ(ask(block(2)), (Bytes{0x7F, 0x36, 0x24}));
    }
}

TEST_F(Downloading, TellsByNameWhyAQueuedBlockCannotBeOpened) {
    Bytes packed = *compress::zstd(image, {.window_bytes = 4096});
    packed[packed.size() / 2] ^= 0x10;
    begin(packed, 0x20, static_cast<std::uint32_t>(image.size()));
    Bytes last;
    for (std::size_t number = 1; number <= blocks() && (last.empty() || last[0] == 0x76); ++number)
        last = ask(block(number));
    if (last[0] == 0x76) last = ask({0x37});
    EXPECT_EQ(last[0], 0x7F);
    EXPECT_EQ(last[2], 0xF4) << "compress.damaged";
}

TEST_F(Downloading, ForgetsTheQueueWithItsSession) {
    for (const bool by_silence : {true, false}) {
        begin(image);
        for (std::uint8_t number = 1; number <= 2; ++number) ASSERT_EQ(ask(block(number))[0], 0x76);
        if (by_silence)
            static_cast<void>(server.poll(now = now + 6s));
        else
            ASSERT_EQ(ask({0x10, 0x02})[0], 0x50);
        EXPECT_FALSE(target.has_background_work());
        const auto operations = flash.operations();
        pass(1s);
        EXPECT_EQ(flash.operations(), operations);
        ASSERT_EQ(ask({0x10, 0x02})[0], 0x50);
        EXPECT_EQ(ask(block(3)), (Bytes{0x7F, 0x36, 0x24}));
    }
    begin(image);
    for (std::size_t number = 1; number <= blocks(); ++number) ASSERT_EQ(ask(block(number))[0], 0x76);
    ASSERT_EQ(ask({0x37}), (Bytes{0x77}));
    EXPECT_TRUE(holds(image));
}

TEST_F(Downloading, IsOverWhenTheBankIsErasedUnderIt) {
    begin(image);
    ASSERT_EQ(ask(block(1)), (Bytes{0x76, 1}));
    Bytes erase{0x31, 0x01, 0xFF, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 0, 0};
    store_be(&erase[9], size_bytes);
    ASSERT_EQ(ask(erase), (Bytes{0x71, 0x01, 0xFF, 0x00, 0x00}));
    EXPECT_EQ(ask(block(2)), (Bytes{0x7F, 0x36, 0x24}));
    pass(1s);
    EXPECT_TRUE(holds(Bytes(image.size(), 0xFF)));
}

// From the first block's first bit on the bus to the answer to 37.
microseconds time_of(Downloading& ecu, microseconds bus_per_block) {
    ecu.begin(image);
    const Tick began = ecu.now;
    for (std::size_t number = 1; number <= ecu.blocks(); ++number) {
        ecu.pass(bus_per_block);
        EXPECT_EQ(ecu.ask(ecu.block(number))[0], 0x76);
    }
    EXPECT_EQ(ecu.ask({0x37}), (Bytes{0x77}));
    return ecu.now - began;
}
struct Comparison : testing::Test {
    struct Queued : Downloading {
        void TestBody() override {}
    };
    struct OneAfterTheOther : DownloadingWithoutAQueue {
        void TestBody() override {}
    };
    const std::int64_t blocks = 10;
    const microseconds all_flash =
        FlashTimes{.program_per_kib = flash_per_block}.to_program(static_cast<std::uint32_t>(image.size()));
    const microseconds last_block = FlashTimes{.program_per_kib = flash_per_block}.to_program(
        static_cast<std::uint32_t>(image.size() % block_bytes));
};

TEST_F(Comparison, WithoutAQueueItTakesBusAndFlashOneAfterTheOther) {
    for (const microseconds bus_per_block : {1ms, 8ms, 20ms}) {
        OneAfterTheOther ecu;
        EXPECT_EQ(time_of(ecu, bus_per_block), bus_per_block * blocks + all_flash);
    }
}

TEST_F(Comparison, WithAQueueItTakesTheSlowerOneOfBusAndFlash) {
    for (const microseconds bus_per_block : {8ms, 20ms}) {
        Queued ecu;
        EXPECT_EQ(time_of(ecu, bus_per_block), bus_per_block * blocks + last_block);
    }
    // The tester sends the next block when it was answered: one is on the bus while one is in the flash.
    Queued ecu;
    EXPECT_EQ(time_of(ecu, 1ms), 1ms + all_flash);
}

}  // namespace
}  // namespace pitstop::flash
