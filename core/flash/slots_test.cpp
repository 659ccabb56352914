#include "core/flash/slots.h"

#include "core/flash/faults.h"
#include "core/flash/test_ecu.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

const Bytes first = test::image_of(1500, 1), second = test::image_of(1999, 2);

class SlotsTest : public testing::Test {
protected:
    RamFlash flash{test::even_geometry()};
    crypto::Sha256 hasher;
    Slots slots{flash, *plan_layout(flash.geometry()), hasher, test::our_hardware};

    void SetUp() override { ASSERT_TRUE(slots.boot()); }

    Result<void> transfer(View image) {
        ENSURE(slots.begin(static_cast<std::uint32_t>(image.size())));
        for (;;) {
            TRY(const Step step, slots.erase_step());
            if (step == Step::done) break;
        }
        for (std::size_t at = 0; at < image.size(); at += 333)
            ENSURE(slots.write(image.subspan(at, std::min<std::size_t>(333, image.size() - at))));
        return slots.finish();
    }
    Result<void> check(const ImageRecord& record) {
        ENSURE(slots.begin_check(record));
        for (;;) {
            TRY(const Step step, slots.check_step());
            if (step == Step::done) return {};
        }
    }
    Result<void> stage(View image, std::uint32_t counter) {
        ENSURE(transfer(image));
        return check(test::record_of(image, counter));
    }
    Result<void> install(View image, std::uint32_t counter) {
        ENSURE(stage(image, counter));
        ENSURE(slots.activate());
        ENSURE(slots.boot());
        return slots.commit();
    }
    bool runs(View image) {
        const ImageRecord* running = slots.running_image();
        return running != nullptr && running->sha256 == crypto::sha256(image);
    }
};

TEST_F(SlotsTest, RefuseAnImageForAnotherHardware) {
    ASSERT_TRUE(transfer(first));
    ImageRecord record = test::record_of(first, 1);
    record.hardware_id = Text<64>("engine-controller-1");
    EXPECT_TRUE(check(record).error().is(faults::wrong_hardware));
    EXPECT_TRUE(slots.activate().error().is(faults::nothing_staged));
}

TEST_F(SlotsTest, RefuseAReleaseBelowTheCommittedOne) {
    ASSERT_TRUE(install(first, 7));
    EXPECT_TRUE(stage(second, 6).error().is(faults::rolled_back));
    EXPECT_TRUE(stage(second, 7));
}

TEST_F(SlotsTest, RefuseWhatTheFlashDoesNotHold) {
    ASSERT_TRUE(transfer(first));
    flash.cells()[slots.layout().bank(Bank::a).offset + 777] ^= 0x04;
    EXPECT_TRUE(check(test::record_of(first, 1)).error().is(faults::wrong_digest));
    EXPECT_TRUE(slots.activate().error().is(faults::nothing_staged));
}

TEST_F(SlotsTest, RefuseAnotherSizeThanAnnounced) {
    ASSERT_TRUE(transfer(first));
    EXPECT_TRUE(check(test::record_of(second, 1)).error().is(faults::wrong_size));
    EXPECT_TRUE(slots.begin(0).error().is(faults::wrong_size));

    ASSERT_TRUE(slots.begin(100));
    ASSERT_TRUE(slots.erase_step());
    EXPECT_TRUE(slots.write(View(first).first(101)).error().is(faults::wrong_size));
    ASSERT_TRUE(slots.write(View(first).first(99)));
    EXPECT_TRUE(slots.finish().error().is(faults::wrong_size));
}

TEST_F(SlotsTest, RefuseAnImageThatDoesNotFit) {
    EXPECT_TRUE(slots.begin(slots.layout().image_size_bytes_max() + 1).error().is(faults::too_large));
    EXPECT_TRUE(slots.begin(slots.layout().image_size_bytes_max()));
}

TEST_F(SlotsTest, RefuseStepsOutOfOrder) {
    EXPECT_TRUE(slots.erase_step().error().is(faults::wrong_sequence));
    EXPECT_TRUE(slots.write(first).error().is(faults::wrong_sequence));
    EXPECT_TRUE(slots.finish().error().is(faults::wrong_sequence));
    EXPECT_TRUE(slots.begin_check(test::record_of(first, 1)).error().is(faults::wrong_sequence));
    EXPECT_TRUE(slots.check_step().error().is(faults::wrong_sequence));
    ASSERT_TRUE(slots.begin(1500));
    EXPECT_TRUE(slots.write(first).error().is(faults::wrong_sequence));  // not yet erased
    EXPECT_TRUE(slots.activate().error().is(faults::nothing_staged));
    EXPECT_TRUE(slots.commit().error().is(faults::nothing_on_trial));
    EXPECT_TRUE(slots.roll_back().error().is(faults::nothing_to_roll_back));
}

TEST_F(SlotsTest, KeepTheOldBankUntilTheTrialIsOver) {
    ASSERT_TRUE(install(first, 1));
    ASSERT_TRUE(stage(second, 2));
    ASSERT_TRUE(slots.activate());
    ASSERT_TRUE(slots.boot());
    ASSERT_TRUE(runs(second));
    EXPECT_TRUE(slots.begin(100).error().is(faults::trial_running));
    ASSERT_TRUE(slots.commit());
    EXPECT_TRUE(slots.begin(100));
}

TEST_F(SlotsTest, ForgetTheStagedImageBeforeItIsErased) {
    ASSERT_TRUE(install(first, 1));
    ASSERT_TRUE(stage(second, 2));
    ASSERT_TRUE(slots.begin(100));
    flash.cut_at(1, Torn::half);
    ASSERT_TRUE(slots.erase_step().error().is(faults::power_lost));
    flash.power_up();
    ASSERT_TRUE(slots.boot());
    EXPECT_TRUE(runs(first));
    EXPECT_EQ(slots.bank_state().phase, Phase::settled);
    EXPECT_TRUE(slots.activate().error().is(faults::nothing_staged));
}

TEST_F(SlotsTest, ReportAFlashThatFailsAndGoOnWithTheRunningImage) {
    ASSERT_TRUE(install(first, 1));
    flash.fail_sector(slots.layout().bank(Bank::b).first_sector + 1);
    EXPECT_TRUE(transfer(second).error().is(faults::device_failed));
    EXPECT_TRUE(slots.write(second).error().is(faults::wrong_sequence));
    ASSERT_TRUE(slots.boot());
    EXPECT_TRUE(runs(first));
}

TEST_F(SlotsTest, PutTheFirstImageIntoBankA) {
    EXPECT_TRUE(slots.is_factory_new());
    ASSERT_TRUE(install(first, 1));
    EXPECT_FALSE(slots.is_factory_new());
    EXPECT_EQ(slots.bank_state().running, Bank::a);
    EXPECT_EQ(slots.bank_state().committed, Bank::a);
    EXPECT_TRUE(std::ranges::equal(flash.cells().subspan(slots.layout().bank(Bank::a).offset, first.size()), first));
}

TEST_F(SlotsTest, RaiseTheReleaseCounterOnlyAtCommit) {
    ASSERT_TRUE(install(first, 1));
    ASSERT_TRUE(stage(second, 9));
    ASSERT_TRUE(slots.activate());
    ASSERT_TRUE(slots.boot());
    EXPECT_EQ(slots.bank_state().release_counter, 1U);
    ASSERT_TRUE(slots.commit());
    EXPECT_EQ(slots.bank_state().release_counter, 9U);
}

TEST_F(SlotsTest, FallBackWhenNobodyConfirmsThreeStarts) {
    ASSERT_TRUE(install(first, 1));
    ASSERT_TRUE(stage(second, 2));
    ASSERT_TRUE(slots.activate());
    for (int start = 1; start <= 3; ++start) {
        ASSERT_TRUE(slots.boot());
        EXPECT_TRUE(runs(second)) << start;
    }
    ASSERT_TRUE(slots.boot());
    EXPECT_TRUE(runs(first));
    EXPECT_EQ(slots.bank_state().last_change, LastChange::fell_back_attempts);
    EXPECT_TRUE(slots.commit().error().is(faults::nothing_on_trial));
    EXPECT_TRUE(slots.activate().error().is(faults::nothing_staged));
}

TEST_F(SlotsTest, FallBackWhenTheNewImageRots) {
    ASSERT_TRUE(install(first, 1));
    ASSERT_TRUE(stage(second, 2));
    ASSERT_TRUE(slots.activate());
    flash.cells()[slots.layout().bank(Bank::b).offset] ^= 0x01;
    ASSERT_TRUE(slots.boot());
    EXPECT_TRUE(runs(first));
    EXPECT_EQ(slots.bank_state().last_change, LastChange::fell_back_bad_digest);
}

TEST_F(SlotsTest, CanBeProgrammedFromTheBootLoaderWhenBothBanksAreBad) {
    ASSERT_TRUE(install(first, 1));
    flash.cells()[slots.layout().bank(Bank::a).offset + 5] ^= 0x01;
    const auto booted = slots.boot();
    ASSERT_TRUE(booted);
    EXPECT_FALSE(*booted);
    EXPECT_FALSE(slots.running_image());
    ASSERT_TRUE(install(second, 2));
    EXPECT_TRUE(runs(second));
}

TEST_F(SlotsTest, ForgetAStagedImageOrLeaveOneOnTrial) {
    ASSERT_TRUE(install(first, 1));
    ASSERT_TRUE(stage(second, 2));
    ASSERT_TRUE(slots.activate());
    ASSERT_TRUE(slots.roll_back());
    ASSERT_TRUE(slots.boot());
    EXPECT_TRUE(runs(first));

    ASSERT_TRUE(stage(second, 2));
    ASSERT_TRUE(slots.activate());
    ASSERT_TRUE(slots.boot());
    ASSERT_TRUE(slots.roll_back());
    EXPECT_TRUE(runs(second));  // until the next start
    ASSERT_TRUE(slots.boot());
    EXPECT_TRUE(runs(first));
    EXPECT_EQ(slots.bank_state().last_change, LastChange::rolled_back_on_request);
}

TEST_F(SlotsTest, MayBeAskedTheSameAgain) {
    ASSERT_TRUE(install(first, 1));
    ASSERT_TRUE(stage(second, 2));
    EXPECT_TRUE(check(test::record_of(second, 2)));
    ASSERT_TRUE(slots.activate());
    EXPECT_TRUE(slots.activate());
    ASSERT_TRUE(slots.boot());
    ASSERT_TRUE(slots.commit());
    EXPECT_TRUE(slots.commit());
    EXPECT_TRUE(slots.roll_back().error().is(faults::nothing_to_roll_back));
}

}  // namespace
}  // namespace pitstop::flash
