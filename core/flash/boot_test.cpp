#include "core/flash/boot.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

using Action = BootDecision::Action;

ImageRecord image_with_counter(std::uint32_t counter) {
    ImageRecord record;
    record.size_bytes = 100;
    record.release_counter = counter;
    return record;
}

// Bank A is committed with counter 5; bank B holds a newer image.
BootRecord in_phase(Phase phase, std::uint8_t attempts = 0) {
    BootRecord record;
    record.release_counter = 5;
    record.phase = phase;
    record.attempts = attempts;
    record.images = {image_with_counter(5), image_with_counter(6)};
    return record;
}

Verdicts verdicts(Verdict a, Verdict b) { return {{a, b}}; }
constexpr Verdict unknown = Verdict::unknown, good = Verdict::good, bad = Verdict::bad;

TEST(Boot, NeverStartsABankThatWasNotVerified) {
    for (const Phase phase : {Phase::settled, Phase::checked, Phase::armed, Phase::trial, Phase::returning})
        EXPECT_EQ(decide(in_phase(phase), verdicts(unknown, unknown)).action, Action::verify) << to_string(phase);
}

TEST(Boot, StaysInTheLoaderWhenBothBanksAreBad) {
    for (const Phase phase : {Phase::settled, Phase::checked, Phase::armed, Phase::trial, Phase::returning})
        EXPECT_EQ(decide(in_phase(phase), verdicts(bad, bad)).action, Action::stay_in_loader) << to_string(phase);
}

TEST(Boot, StaysInTheLoaderOfAnEmptyFlash) {
    EXPECT_EQ(decide(BootRecord{}, verdicts(unknown, unknown)).action, Action::stay_in_loader);
}

TEST(Boot, TakesNoOlderReleaseInPlaceOfADamagedBank) {
    BootRecord record = in_phase(Phase::settled);
    record.images[1] = image_with_counter(4);
    EXPECT_EQ(decide(record, verdicts(bad, good)).action, Action::stay_in_loader);
}

TEST(Boot, TakesTheOtherBankInPlaceOfADamagedOne) {
    const auto decision = decide(in_phase(Phase::settled), verdicts(bad, good));
    EXPECT_EQ(decision.action, Action::start);
    EXPECT_EQ(decision.bank, Bank::b);
    EXPECT_EQ(decision.record.active, Bank::b);
    EXPECT_EQ(decision.record.last_change, LastChange::fell_back_bad_digest);
    EXPECT_FALSE(decision.record.image(Bank::a));
}

TEST(Boot, DoesNotStartACheckedImageThatNobodyActivated) {
    EXPECT_EQ(decide(in_phase(Phase::checked), verdicts(good, good)).bank, Bank::a);
    EXPECT_EQ(decide(in_phase(Phase::checked), verdicts(bad, good)).action, Action::stay_in_loader);
}

TEST(Boot, CountsTheAttemptBeforeItHandsOver) {
    const BootRecord armed = in_phase(Phase::armed);
    const auto first = decide(armed, verdicts(unknown, good));
    EXPECT_EQ(first.action, Action::start);
    EXPECT_EQ(first.bank, Bank::b);
    EXPECT_TRUE(first.must_save(armed));
    EXPECT_EQ(first.record.phase, Phase::trial);
    EXPECT_EQ(first.record.attempts, 1);
    EXPECT_EQ(decide(first.record, verdicts(unknown, good)).record.attempts, 2);
}

TEST(Boot, CountsFromTheFirstStartOfAnArmedImage) {
    EXPECT_EQ(decide(in_phase(Phase::armed, 255), verdicts(unknown, good)).record.attempts, 1);
    EXPECT_EQ(decide(in_phase(Phase::armed, boot_attempts_max), verdicts(unknown, good)).record.attempts, 1);
}

TEST(Boot, FallsBackAfterThreeAttempts) {
    const auto decision = decide(in_phase(Phase::trial, boot_attempts_max), verdicts(good, good));
    EXPECT_EQ(decision.action, Action::start);
    EXPECT_EQ(decision.bank, Bank::a);
    EXPECT_EQ(decision.record.phase, Phase::settled);
    EXPECT_EQ(decision.record.last_change, LastChange::fell_back_attempts);
    EXPECT_FALSE(decision.record.image(Bank::b));
}

TEST(Boot, FallsBackFromAnImageWhoseDigestIsBad) {
    for (const Phase phase : {Phase::armed, Phase::trial}) {
        const auto decision = decide(in_phase(phase), verdicts(good, bad));
        EXPECT_EQ(decision.bank, Bank::a);
        EXPECT_EQ(decision.record.last_change, LastChange::fell_back_bad_digest);
    }
}

TEST(Boot, ReturnsToTheOldBankOnRequest) {
    const auto decision = decide(in_phase(Phase::returning, 1), verdicts(good, good));
    EXPECT_EQ(decision.bank, Bank::a);
    EXPECT_EQ(decision.record.last_change, LastChange::rolled_back_on_request);
}

TEST(Boot, NeverRaisesTheReleaseCounter) {
    for (const Phase phase : {Phase::settled, Phase::checked, Phase::armed, Phase::trial, Phase::returning}) {
        for (const auto& known : {verdicts(good, good), verdicts(bad, good), verdicts(good, bad)})
            EXPECT_EQ(decide(in_phase(phase), known).record.release_counter, 5U);
    }
}

TEST(Boot, SavesNothingWhenNothingChanged) {
    const BootRecord settled = in_phase(Phase::settled);
    EXPECT_FALSE(decide(settled, verdicts(good, unknown)).must_save(settled));
}

}  // namespace
}  // namespace pitstop::flash
