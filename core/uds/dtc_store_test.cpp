#include "core/uds/dtc_store.h"

#include "core/uds/faults.h"

#include <gtest/gtest.h>

#include <array>

namespace pitstop::uds {
namespace {

constexpr DtcDefinition definitions[] = {{0x111111, 1, 3}, {0x222222, 2, 40}};

struct Memory final : DtcKeeper {
    Result<void> keep(View memory) override {
        kept.assign(memory.begin(), memory.end());
        ++times;
        return {};
    }

    std::array<DtcEntry, 2> entries{};
    Bytes kept;
    int times = 0;
    DtcStore store{definitions, entries, *this};

    std::uint8_t failed() { return tell(DtcTest::failed); }
    std::uint8_t passed() { return tell(DtcTest::passed); }
    std::uint8_t tell(DtcTest result, std::uint32_t code = 0x111111) {
        EXPECT_TRUE(store.report(code, result, now));
        return store.find(code)->status;
    }
    std::uint8_t next_cycle() {
        EXPECT_TRUE(store.begin_cycle());
        return store.find(0x111111)->status;
    }

    DtcSnapshot now{{1000}, {1, 0, 0, 0}};
};

TEST(DtcStatus, IsThatOfATestThatNeverRanUntilItRuns) {
    Memory memory;
    EXPECT_EQ(memory.store.find(0x111111)->status, 0x50);
    EXPECT_EQ(memory.passed(), 0x00);
    EXPECT_EQ(memory.next_cycle(), 0x40);
}

TEST(DtcStatus, FollowsATestThatFailsAndPassesAgain) {
    Memory memory;
    EXPECT_EQ(memory.failed(), 0x2F);
    EXPECT_EQ(memory.passed(), 0x2E) << "it failed in this cycle";
    EXPECT_EQ(memory.next_cycle(), 0x6C) << "still pending: no cycle has passed wholly";
    EXPECT_EQ(memory.next_cycle(), 0x6C) << "a cycle without a test proves nothing";
    EXPECT_EQ(memory.passed(), 0x2C);
    EXPECT_EQ(memory.next_cycle(), 0x68) << "no longer pending, still confirmed";
}

TEST(DtcStatus, ConfirmsAfterAsManyCyclesAsTheCodeAsksFor) {
    Memory memory;
    EXPECT_EQ(memory.tell(DtcTest::failed, 0x222222), 0x27);
    EXPECT_EQ(memory.tell(DtcTest::failed, 0x222222), 0x27) << "the same cycle again";
    memory.next_cycle();
    EXPECT_EQ(memory.tell(DtcTest::failed, 0x222222), 0x2F);
    EXPECT_EQ(memory.store.find(0x222222)->failures, 1) << "it was failed all the time";
}

TEST(DtcStatus, StartsOverWhenACycleOnTheWayToConfirmedPasses) {
    Memory memory;
    memory.tell(DtcTest::failed, 0x222222);
    memory.next_cycle();
    memory.tell(DtcTest::passed, 0x222222);
    memory.next_cycle();
    EXPECT_EQ(memory.tell(DtcTest::failed, 0x222222), 0x27);
}

TEST(DtcStatus, AgesUntilItIsForgotten) {
    Memory memory;
    memory.failed();
    for (int cycle = 0; cycle < 3; ++cycle) {
        EXPECT_TRUE(memory.next_cycle() & dtc_status::confirmed) << cycle;
        memory.passed();
    }
    EXPECT_EQ(memory.next_cycle(), 0x60) << "it is on record that it failed, nothing more";
    EXPECT_FALSE(memory.store.find(0x111111)->has_snapshot);
}

TEST(DtcStatus, AgesAnewAfterAnotherFailure) {
    Memory memory;
    memory.failed();
    for (int cycle = 0; cycle < 2; ++cycle) memory.next_cycle(), memory.passed();
    memory.failed();
    for (int cycle = 0; cycle < 3; ++cycle) memory.next_cycle(), memory.passed();
    EXPECT_TRUE(memory.store.find(0x111111)->status & dtc_status::confirmed);
}

TEST(DtcStore, KeepsTheSnapshotOfTheFirstFailure) {
    Memory memory;
    memory.failed();
    memory.now = {{2000}, {2, 0, 0, 0}};
    memory.passed();
    memory.failed();
    EXPECT_EQ(memory.store.find(0x111111)->snapshot.time.seconds, 1000);
    EXPECT_EQ(memory.store.find(0x111111)->failures, 2);
    EXPECT_EQ(memory.store.clear(0x111111), Nrc::positive_response);
    memory.failed();
    EXPECT_EQ(memory.store.find(0x111111)->snapshot.time.seconds, 2000);
}

TEST(DtcStore, ClearsOneCodeOrAll) {
    Memory memory;
    memory.failed();
    memory.tell(DtcTest::failed, 0x222222);
    EXPECT_EQ(memory.store.clear(0x222222), Nrc::positive_response);
    EXPECT_EQ(memory.store.find(0x222222)->status, 0x50);
    EXPECT_EQ(memory.store.find(0x111111)->status, 0x2F);
    EXPECT_EQ(memory.store.clear(all_dtcs), Nrc::positive_response);
    EXPECT_EQ(memory.store.find(0x111111)->status, 0x50);
    EXPECT_EQ(memory.store.clear(0x333333), Nrc::request_out_of_range);
}

TEST(DtcStore, ComesBackAsItWasKept) {
    Memory first;
    first.failed();
    first.tell(DtcTest::passed, 0x222222);
    ASSERT_EQ(first.kept.size(), DtcStore::header_bytes + 2 * DtcStore::record_bytes);
    Memory second;
    ASSERT_TRUE(second.store.load(first.kept));
    EXPECT_EQ(second.store.find(0x111111)->status, 0x2F);
    EXPECT_EQ(second.store.find(0x111111)->snapshot.time.seconds, 1000);
    EXPECT_EQ(second.store.find(0x111111)->snapshot.software, (Version{1, 0, 0, 0}));
    EXPECT_EQ(second.store.find(0x222222)->status, 0x00);
}

TEST(DtcStore, WritesNothingForTestsThatAlwaysPass) {
    Memory memory;
    memory.passed();
    EXPECT_EQ(memory.times, 1) << "once: that it was ever tested";
    for (int cycle = 0; cycle < 100; ++cycle) memory.next_cycle(), memory.passed();
    EXPECT_EQ(memory.times, 1);
}

TEST(DtcStore, StartsEmptyWhenWhatWasKeptIsDamaged) {
    Memory memory;
    memory.failed();
    Bytes cut = memory.kept;
    cut.pop_back();
    for (const Bytes& damaged : {Bytes{}, Bytes{'D', 'T', 'C', 2}, cut}) {
        const auto loaded = memory.store.load(damaged);
        ASSERT_FALSE(loaded);
        EXPECT_TRUE(loaded.error().is(faults::broken_dtc_memory));
        EXPECT_EQ(memory.store.find(0x111111)->status, 0x50);
    }
}

TEST(DtcStore, DropsCodesThatTheEcuNoLongerHas) {
    Memory memory;
    memory.failed();
    memory.kept[DtcStore::header_bytes] = 0x77;
    ASSERT_TRUE(memory.store.load(memory.kept));
    EXPECT_EQ(memory.store.count(dtc_status::available & ~0x50), 0u);
    EXPECT_EQ(memory.tell(DtcTest::failed, 0x222222), 0x27);
    EXPECT_TRUE(memory.store.report(0x999999, DtcTest::failed, {})) << "a code that it does not have changes nothing";
}

}  // namespace
}  // namespace pitstop::uds
