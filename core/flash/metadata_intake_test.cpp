#include "core/flash/metadata_intake.h"

#include "core/compress/writers.h"
#include "core/flash/faults.h"
#include "core/flash/test_ecu.h"
#include "core/uptane/faults.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

const Bytes first = test::image_of(1500, 1), second = test::image_of(2000, 2);
const ImageRecord old_record = test::record_of(first, 1), new_record = test::record_of(second, 2);
const Bytes extended{0x10, 0x03}, programming{0x10, 0x02};
const Bytes begin{0x31, 0x01, 0xF0, 0x12}, judge_it{0x31, 0x01, 0xF0, 0x13};

// An ECU that judges for itself, with a factory image.
class ClosedGate : public testing::Test {
protected:
    RamFlash flash{test::even_geometry()};
    test::NonceJudge judge;
    std::optional<test::TestEcu> ecu;

    void SetUp() override {
        ASSERT_TRUE(test::update(ecu.emplace(flash), first, old_record));
        ecu.emplace(flash, &judge);
    }
    Bytes ask(const Bytes& request) {
        const auto answer = ecu->ask(request);
        if (!answer) return {};
        if (answer->refused()) return {0x7F, request[0], static_cast<std::uint8_t>(answer->refusal)};
        return answer->positive;
    }
    TrustStanding begin_cycle() {
        ask(extended);
        const Bytes answer = ask(begin);
        EXPECT_EQ(answer.at(4), routine_succeeded);
        return *parse_trust_standing(View(answer).subspan(5));
    }
    Result<DoneBecause> stage(const ImageRecord& record, View metadata, Plan plan = Plan::stage) {
        return test::carry_out(Programmer(plan, record, {.block_size_bytes_max = 100}, metadata), *ecu, second);
    }
    static Bytes packed(View bundle) { return *compress::gzip(bundle, {.window_bytes = MetadataIntake::window_bytes}); }
    Result<DoneBecause> stage_packed(const ImageRecord& record, View metadata) {
        const Bytes small = packed(metadata);
        return test::carry_out(Programmer(Plan::stage, record, {.block_size_bytes_max = 40}, metadata, {}, small), *ecu,
                               second);
    }
    std::vector<std::uint8_t> formats_offered() {
        std::vector<std::uint8_t> formats;
        for (const Bytes& request : ecu->request_log())
            if (request[0] == 0x34 && request[3] == 0xF0) formats.push_back(request[1]);
        return formats;
    }
    Bytes offer_packed(std::uint8_t size_bytes) {
        ask(extended);  // ends a transfer that failed
        return ask({0x34, 0x10, 0x44, 0xF0, 0, 0, 0, 0, 0, 0, size_bytes});
    }
    Bytes send_block(View block) {
        Bytes request{0x36, 0x01};
        request.insert(request.end(), block.begin(), block.end());
        return ask(request);
    }
    Bytes erase_request() const {
        Bytes request{0x31, 0x01, 0xFF, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 0, 0};
        store_be(&request[9], new_record.size_bytes);
        return request;
    }
    void expect_untouched(std::uint64_t operations) {
        EXPECT_EQ(flash.operations(), operations);
        EXPECT_TRUE(test::runs(*ecu, flash, first));
    }
};

TEST_F(ClosedGate, ErasesNothingThatItHasNotApproved) {
    const auto operations = flash.operations();
    ask(programming);
    EXPECT_EQ(ask(erase_request()), (Bytes{0x7F, 0x31, 0x22}));
    EXPECT_EQ(stage(new_record, {}).error().code(), "uds.refused");
    expect_untouched(operations);
}

TEST_F(ClosedGate, RefusesARecordThatDiffersFromTheApprovedOneInAnyMember) {
    begin_cycle();
    ImageRecord others[] = {new_record, new_record, new_record, new_record};
    others[0].sha256[31] ^= 1;
    others[1].release_counter += 1;
    others[2].version.patch += 1;
    others[3].hardware_id = Text<64>("body-controller-3");
    for (const ImageRecord& other : others)
        EXPECT_TRUE(stage(other, judge.bundle_for(new_record)).error().is(faults::not_approved));
    ImageRecord shorter = new_record;
    shorter.size_bytes -= 1;
    EXPECT_EQ(stage(shorter, judge.bundle_for(new_record)).error().code(), "uds.refused");
    EXPECT_TRUE(test::runs(*ecu, flash, first));
    EXPECT_TRUE(stage(new_record, judge.bundle_for(new_record))) << "and the honest one still gets in";
}

TEST_F(ClosedGate, BelievesNoBundleOfAnotherCycle) {
    begin_cycle();
    const Bytes of_before = judge.bundle_for(new_record);
    begin_cycle();
    const auto operations = flash.operations();
    EXPECT_TRUE(stage(new_record, of_before).error().is(uptane::faults::nonce_missing));
    expect_untouched(operations);
}

TEST_F(ClosedGate, AsksForANewCycleAfterARestart) {
    begin_cycle();
    const Bytes bundle = judge.bundle_for(new_record);
    ecu->restart();
    const auto staged = stage(new_record, bundle);
    EXPECT_TRUE(staged.error().is(faults::no_trust_cycle));
    EXPECT_EQ(staged.error().remedy(), Remedy::retry);
    begin_cycle();
    EXPECT_TRUE(stage(new_record, judge.bundle_for(new_record)));
}

TEST_F(ClosedGate, ForgetsItsApprovalInARestart) {
    begin_cycle();
    ASSERT_TRUE(stage(new_record, judge.bundle_for(new_record), Plan::trust));
    ecu->restart();
    ask(programming);
    EXPECT_EQ(ask(erase_request()), (Bytes{0x7F, 0x31, 0x22}));
}

TEST_F(ClosedGate, HasNothingToInstallWhenItIsToldSo) {
    begin_cycle();
    ASSERT_TRUE(stage(new_record, judge.bundle_for(new_record), Plan::trust));
    begin_cycle();
    ASSERT_TRUE(stage(new_record, judge.standing.nonce, Plan::trust));
    ask(programming);
    EXPECT_EQ(ask(erase_request()), (Bytes{0x7F, 0x31, 0x22})) << "what was approved before is not any more";
}

TEST_F(ClosedGate, TakesMetadataOnlyInTheExtendedSessionAndOnlyWhatFits) {
    const Bytes offer{0x34, 0x00, 0x44, 0xF0, 0, 0, 0, 0, 0, 0, 64};
    const Bytes too_much{0x34, 0x00, 0x44, 0xF0, 0, 0, 0, 0, 0, 0x10, 0};
    ask(programming);
    EXPECT_EQ(ask(begin), (Bytes{0x7F, 0x31, 0x31}));
    EXPECT_EQ(ask(offer), (Bytes{0x7F, 0x34, 0x31}));
    ask(extended);
    EXPECT_EQ(ask(too_much), (Bytes{0x7F, 0x34, 0x70}));
    EXPECT_EQ(ask({0x31, 0x01, 0xF0, 0x12, 0x00}), (Bytes{0x7F, 0x31, 0x13}));
    ASSERT_EQ(ask(begin).at(4), routine_succeeded);
    EXPECT_EQ(ask(judge_it), (Bytes{0x7F, 0x31, 0x24})) << "nothing has arrived";
    EXPECT_EQ(ask(offer).at(0), 0x74);
    EXPECT_EQ(ask(judge_it), (Bytes{0x7F, 0x31, 0x24})) << "not everything has arrived";
}

TEST_F(ClosedGate, TakesPackedMetadata) {
    begin_cycle();
    ASSERT_TRUE(stage_packed(new_record, judge.bundle_for(new_record)));
    EXPECT_EQ(formats_offered(), (std::vector<std::uint8_t>{0x10}));
}

TEST_F(ClosedGate, IsGivenPlainMetadataWhereItHasNoMemoryToUnpackAny) {
    ecu->take_plain_metadata_only();
    begin_cycle();
    ASSERT_TRUE(stage_packed(new_record, judge.bundle_for(new_record)));
    EXPECT_EQ(formats_offered(), (std::vector<std::uint8_t>{0x10, 0x00}));
}

TEST_F(ClosedGate, RefusesPackedMetadataThatIsDamagedCutOrLargerThanAnnounced) {
    begin_cycle();
    const Bytes bundle = judge.bundle_for(new_record), whole = packed(bundle);
    const auto size = static_cast<std::uint8_t>(bundle.size());
    Bytes damaged = whole;
    damaged[whole.size() / 2] ^= 0xFF;
    ASSERT_EQ(offer_packed(size).at(0), 0x74);
    Bytes answer = send_block(damaged);
    if (answer.at(0) != 0x7F) answer = ask({0x37});
    EXPECT_EQ(answer.at(2), 0xF4);
    EXPECT_EQ(ask(judge_it), (Bytes{0x7F, 0x31, 0x24}));

    ASSERT_EQ(offer_packed(size).at(0), 0x74);
    ASSERT_EQ(send_block(View(whole).first(whole.size() - 1)).at(0), 0x76);
    EXPECT_EQ(ask({0x37}), (Bytes{0x7F, 0x37, 0xF7}));
    EXPECT_EQ(ask(judge_it), (Bytes{0x7F, 0x31, 0x24}));

    ASSERT_EQ(offer_packed(static_cast<std::uint8_t>(size - 1)).at(0), 0x74);
    EXPECT_EQ(send_block(whole), (Bytes{0x7F, 0x36, 0xF5}));
    EXPECT_EQ(ask(judge_it), (Bytes{0x7F, 0x31, 0x24}));

    ask(extended);
    EXPECT_EQ(ask({0x34, 0x20, 0x44, 0xF0, 0, 0, 0, 0, 0, 0, size}), (Bytes{0x7F, 0x34, 0x31})) << "zstd";
    ASSERT_EQ(offer_packed(size).at(0), 0x74) << "and the honest one still gets in";
    ASSERT_EQ(send_block(whole).at(0), 0x76);
    EXPECT_EQ(ask({0x37}).at(0), 0x77);
    EXPECT_EQ(ask(judge_it), (Bytes{0x71, 0x01, 0xF0, 0x13, routine_succeeded}));
}

TEST_F(ClosedGate, NeverLetsAnImageInThroughTheDoorForMetadata) {
    begin_cycle();
    EXPECT_EQ(ask({0x34, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 0, 64}), (Bytes{0x7F, 0x34, 0x31}));
}

TEST_F(ClosedGate, WithoutAJudgeIsShutForGood) {
    struct Silent final : TargetObserver {
        void did(std::string_view) override {}
        void refused(std::string_view, const Error&) override {}
    } silent;
    MetadataIntake intake(nullptr, {}, silent, 100);
    intake.session_changed(uds::Session::extended);
    std::array<std::uint8_t, 64> room{};
    uds::Reply reply(room);
    EXPECT_EQ(intake.start_routine(uds::rid::begin_trust_cycle, {}, reply).nrc(), uds::Nrc::request_out_of_range);
    EXPECT_EQ(intake.request_download({.address = MetadataIntake::address, .size_bytes = 1}).error(),
              uds::Nrc::request_out_of_range);
    EXPECT_TRUE(intake.allows(new_record).error().is(faults::not_approved));
    EXPECT_TRUE(intake.allows_size(1).error().is(faults::not_approved));
}

TEST_F(ClosedGate, TellsWhereItStands) {
    const TrustStanding standing = begin_cycle();
    EXPECT_EQ(standing, judge.standing);
    EXPECT_EQ(*parse_trust_standing(to_bytes(standing)), standing);
    EXPECT_TRUE(parse_trust_standing(Bytes(28)).error().is(faults::strange_answer));
    EXPECT_TRUE(parse_trust_standing(Bytes(29)).error().is(faults::strange_answer));
}

TEST_F(ClosedGate, TakesWhatItApproved) {
    begin_cycle();
    ASSERT_EQ(stage(new_record, judge.bundle_for(new_record)), DoneBecause::did_it);
    ASSERT_EQ(stage(new_record, {}, Plan::activate), DoneBecause::did_it);
    ASSERT_EQ(stage(new_record, {}, Plan::confirm), DoneBecause::did_it);
    EXPECT_TRUE(test::runs(*ecu, flash, second));
}

}  // namespace
}  // namespace pitstop::flash
