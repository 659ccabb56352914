#include "core/flash/programmer.h"

#include "core/flash/faults.h"
#include "core/flash/test_ecu.h"
#include "core/uds/faults.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

using uds::Service;

class ProgrammerTest : public testing::Test {
protected:
    const Bytes first = test::image_of(1500, 1), second = test::image_of(2000, 2);
    const ImageRecord old_record = test::record_of(first, 1), new_record = test::record_of(second, 2);
    RamFlash flash{test::even_geometry()};
    test::TestEcu ecu{flash};

    void SetUp() override {
        ASSERT_TRUE(test::update(ecu, first, old_record));
        ecu.request_log().clear();
    }
    Result<DoneBecause> carry_out(Plan plan) { return carry_out(plan, new_record); }
    Result<DoneBecause> carry_out(Plan plan, const ImageRecord& record) {
        return test::carry_out(Programmer(plan, record, {.block_size_bytes_max = 300, .boot_pauses_max = 3}), ecu,
                               second);
    }
    void expect_everything_restored() {
        EXPECT_EQ(ecu.session(), uds::Session::default_);
        EXPECT_EQ(ecu.communication(), uds::Communication::enable_rx_and_tx);
        EXPECT_EQ(ecu.dtc(), uds::DtcSetting::on);
    }
};

TEST_F(ProgrammerTest, ReportsWhatTheEcuFoundAndRestoresEverything) {
    ecu.flip_a_bit_of_block(2);
    const auto staged = carry_out(Plan::stage);
    ASSERT_FALSE(staged);
    EXPECT_TRUE(staged.error().is(faults::wrong_digest));
    expect_everything_restored();
    EXPECT_TRUE(carry_out(Plan::activate).error().is(faults::nothing_staged));
    EXPECT_TRUE(test::runs(ecu, flash, first));
}

TEST_F(ProgrammerTest, ReportsAnImageForAnotherHardware) {
    ImageRecord record = new_record;
    record.hardware_id = Text<64>("engine-controller-1");
    EXPECT_TRUE(carry_out(Plan::stage, record).error().is(faults::wrong_hardware));
    expect_everything_restored();
}

TEST_F(ProgrammerTest, ReportsAnOldRelease) {
    ImageRecord record = new_record;
    record.release_counter = 0;
    EXPECT_TRUE(carry_out(Plan::stage, record).error().is(faults::rolled_back));
}

TEST_F(ProgrammerTest, StopsBeforeAnythingIsErasedWhenTheEcuIsNotReady) {
    ecu.be_unready();
    const auto operations = flash.operations();
    EXPECT_TRUE(carry_out(Plan::stage).error().is(faults::not_ready));
    EXPECT_EQ(flash.operations(), operations);
    expect_everything_restored();
}

TEST_F(ProgrammerTest, GivesUpOnAnEcuThatStaysSilent) {
    ecu.be_silent_for(1000);
    EXPECT_TRUE(carry_out(Plan::stage).error().is(uds::faults::no_answer));
}

TEST_F(ProgrammerTest, RepeatsWhatWasNotAnswered) {
    ecu.be_silent_for(3);
    EXPECT_TRUE(carry_out(Plan::stage));
}

TEST_F(ProgrammerTest, RepeatsALostBlockWithTheSameCounter) {
    Programmer programmer(Plan::stage, new_record, {.block_size_bytes_max = 300});
    bool lost_one = false;
    for (;;) {
        const Action action = programmer.next();
        if (std::holds_alternative<Done>(action)) break;
        ASSERT_FALSE(std::holds_alternative<Failed>(action));
        if (const auto* need = std::get_if<NeedImage>(&action)) {
            std::ranges::copy(View(second).subspan(need->offset, need->into.size()), need->into.begin());
            programmer.on_image();
        }
        const auto* send = std::get_if<SendRequest>(&action);
        if (send == nullptr) continue;
        const auto answer = ecu.ask(send->request);
        ASSERT_TRUE(answer && !answer->refused());
        const bool is_third_block = send->request[0] == 0x36 && send->request[1] == 3;
        if (is_third_block && !std::exchange(lost_one, true))
            programmer.on_error(Error(uds::faults::no_answer));  // the ECU has the block, its answer went astray
        else
            programmer.on_answer(answer->positive);
    }
    EXPECT_EQ(ecu.count(Service::transfer_data), 7U + 1U);
    EXPECT_TRUE(carry_out(Plan::activate));
    EXPECT_TRUE(test::runs(ecu, flash, second));
}

TEST_F(ProgrammerTest, StartsOverWhenTheEcuRestartsAtAnyRequest) {
    for (int request = 1; request <= 21; ++request) {
        SCOPED_TRACE(request);
        const Bytes image = test::image_of(1800, static_cast<std::uint8_t>(request));
        const ImageRecord record = test::record_of(image, 2);
        ecu.request_log().clear();
        ecu.restart_before_request(request);
        const auto done = test::carry_out(Programmer(Plan::stage, record, {.block_size_bytes_max = 300}), ecu, image);
        ASSERT_TRUE(done) << done.error().str();
        EXPECT_GE(ecu.request_log().size(), static_cast<std::size_t>(request)) << "it never came to that request";
        EXPECT_EQ(ecu.slots().bank_state().new_image, record.sha256);
        expect_everything_restored();
    }
}

TEST_F(ProgrammerTest, GivesUpOnAnEcuThatForgetsItsSessionEveryTime) {
    Programmer programmer(Plan::stage, new_record, {});
    int requests = 0;
    for (;; ++requests) {
        ASSERT_LT(requests, 100);
        const Action action = programmer.next();
        if (const auto* failed = std::get_if<Failed>(&action)) {
            EXPECT_TRUE(failed->error.is(uds::faults::refused));
            break;
        }
        if (const auto* send = std::get_if<SendRequest>(&action)) {
            const auto answer = ecu.ask(send->request);
            ASSERT_TRUE(answer);
            answer->refused() ? programmer.on_refusal(answer->refusal) : programmer.on_answer(answer->positive);
            ecu.restart();
        }
    }
}

TEST_F(ProgrammerTest, MeetsAnEcuThatErasesOnlyInTheProgrammingSession) {
    const Bytes erase{0x31, 0x01, 0xFF, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 1, 0};
    const Bytes roll_back{0x31, 0x01, 0xF0, 0x11};
    const auto operations = flash.operations();
    EXPECT_EQ(ecu.ask(erase)->refusal, uds::Nrc::request_out_of_range);
    EXPECT_EQ(ecu.ask(roll_back)->refusal, uds::Nrc::request_out_of_range);
    ASSERT_TRUE(ecu.ask(Bytes{0x10, 0x03}));
    EXPECT_EQ(ecu.ask(erase)->refusal, uds::Nrc::request_out_of_range);
    EXPECT_EQ(flash.operations(), operations);
    ASSERT_TRUE(ecu.ask(Bytes{0x10, 0x02}));
    EXPECT_FALSE(ecu.ask(erase)->refused());
    EXPECT_GT(flash.operations(), operations);
}

TEST_F(ProgrammerTest, ReportsAnAnswerThatDoesNotFit) {
    for (const Bytes& nonsense : {Bytes{}, Bytes{0x50, 0x03}, Bytes{0x62, 0xF1, 0xA1, 0x00}}) {
        Programmer programmer(Plan::stage, new_record, {.repeats_max = 0});
        while (!std::holds_alternative<SendRequest>(programmer.next())) {}
        programmer.on_answer(nonsense);
        const Action action = programmer.next();
        ASSERT_TRUE(std::holds_alternative<Failed>(action));
        EXPECT_TRUE(std::get<Failed>(action).error.is(faults::strange_answer));
    }
}

TEST_F(ProgrammerTest, TellsThatTheEcuFellBack) {
    ASSERT_TRUE(carry_out(Plan::stage));
    flash.cells()[ecu.slots().layout().bank(Bank::b).offset + 10] ^= 0x01;
    EXPECT_TRUE(carry_out(Plan::activate).error().is(faults::fell_back));
    EXPECT_TRUE(carry_out(Plan::activate).error().is(faults::fell_back));  // and says so when asked again
    EXPECT_TRUE(carry_out(Plan::confirm).error().is(faults::fell_back));
    EXPECT_TRUE(test::runs(ecu, flash, first));
}

TEST_F(ProgrammerTest, LeavesAnEcuAloneWhoseOtherImageIsOnTrial) {
    ASSERT_TRUE(carry_out(Plan::stage));
    ASSERT_TRUE(carry_out(Plan::activate));
    const ImageRecord third = test::record_of(test::image_of(900, 3), 3);
    EXPECT_TRUE(carry_out(Plan::stage, third).error().is(faults::trial_running));
}

TEST_F(ProgrammerTest, CannotRollBackWhatWasCommitted) {
    for (const Plan plan : {Plan::stage, Plan::activate, Plan::confirm}) ASSERT_TRUE(carry_out(plan));
    EXPECT_TRUE(carry_out(Plan::roll_back).error().is(faults::already_committed));
}

TEST_F(ProgrammerTest, BringsAnImageIntoTheEcu) {
    ASSERT_EQ(carry_out(Plan::stage), DoneBecause::did_it);
    EXPECT_TRUE(test::runs(ecu, flash, first));
    expect_everything_restored();
    ASSERT_EQ(carry_out(Plan::activate), DoneBecause::did_it);
    EXPECT_TRUE(test::runs(ecu, flash, second));
    EXPECT_EQ(ecu.slots().bank_state().release_counter, 1U);
    ASSERT_EQ(carry_out(Plan::confirm), DoneBecause::did_it);
    EXPECT_EQ(ecu.slots().bank_state().release_counter, 2U);
    expect_everything_restored();
}

TEST_F(ProgrammerTest, LeavesOutWhatIsAlreadyDone) {
    for (const Plan plan : {Plan::stage, Plan::activate, Plan::confirm}) {
        ASSERT_EQ(carry_out(plan), DoneBecause::did_it);
        ecu.request_log().clear();
        ASSERT_EQ(carry_out(plan), DoneBecause::was_already);
        EXPECT_EQ(ecu.request_log().size(), 1U);  // it read the bank state
    }
    EXPECT_EQ(carry_out(Plan::stage), DoneBecause::was_already);
}

TEST_F(ProgrammerTest, RollsBackAStagedImage) {
    ASSERT_TRUE(carry_out(Plan::stage));
    ASSERT_EQ(carry_out(Plan::roll_back), DoneBecause::did_it);
    EXPECT_EQ(ecu.count(Service::ecu_reset), 0U);
    EXPECT_EQ(carry_out(Plan::roll_back), DoneBecause::was_already);
    EXPECT_TRUE(carry_out(Plan::activate).error().is(faults::nothing_staged));
}

TEST_F(ProgrammerTest, RollsBackAnImageOnTrial) {
    ASSERT_TRUE(carry_out(Plan::stage));
    ASSERT_TRUE(carry_out(Plan::activate));
    ASSERT_EQ(carry_out(Plan::roll_back), DoneBecause::did_it);
    EXPECT_TRUE(test::runs(ecu, flash, first));
    EXPECT_TRUE(carry_out(Plan::confirm).error().is(faults::fell_back));
}

TEST_F(ProgrammerTest, ShowsProgressThatEndsWithTheWholeImage) {
    Programmer programmer(Plan::stage, new_record, {.block_size_bytes_max = 100});
    std::uint32_t last = 0;
    bool transferred = false;
    for (;;) {
        const Action action = programmer.next();
        if (std::holds_alternative<Done>(action)) break;
        if (const auto* progress = std::get_if<Progress>(&action)) {
            EXPECT_GE(progress->done_bytes, last);
            last = progress->done_bytes;
            transferred = transferred || progress->step == ProgrammerStep::transfer_exit;
        }
        if (std::holds_alternative<NeedImage>(action)) {
            const auto& need = std::get<NeedImage>(action);
            std::ranges::copy(View(second).subspan(need.offset, need.into.size()), need.into.begin());
            programmer.on_image();
        }
        if (const auto* send = std::get_if<SendRequest>(&action))
            programmer.on_answer(ecu.ask(send->request)->positive);
    }
    EXPECT_TRUE(transferred);
    EXPECT_EQ(last, second.size());
}

}  // namespace
}  // namespace pitstop::flash
