// An ECU with one bank: its golden loader, its boot decision, and updates that cannot be taken back.
#include "core/flash/one_bank.h"

#include "core/delta/faults.h"
#include "core/delta/make.h"
#include "core/flash/faults.h"
#include "core/flash/protected_flash.h"
#include "core/flash/ram_flash.h"
#include "core/flash/test_ecu.h"
#include "core/flash/test_tester.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

using Action = BootDecision::Action;

constexpr std::string_view hardware = "seat-1";

Geometry geometry() {
    Geometry geometry;
    geometry.runs = {SectorRun{7, 512}, SectorRun{12, 1024}};
    geometry.program_unit_bytes = 16;
    return geometry;
}

BootRecord in_phase(Phase phase, std::uint8_t attempts = 0) {
    BootRecord record;
    record.release_counter = 5;
    record.phase = phase;
    record.attempts = attempts;
    record.images[0] = test::record_of(test::image_of(10, 1), 6, hardware);
    return record;
}

constexpr Verdicts unknown{}, good{{Verdict::good, Verdict::unknown}}, bad{{Verdict::bad, Verdict::unknown}};
BootDecision decided(const BootRecord& record, const Verdicts& verdicts) {
    return decide(record, verdicts, Banks::one);
}

TEST(BootWithOneBank, VerifiesTheImageThenStartsIt) {
    const BootRecord record = in_phase(Phase::settled);
    EXPECT_EQ(decided(record, unknown).action, Action::verify);
    EXPECT_EQ(decided(record, good).action, Action::start);
    EXPECT_EQ(decided(record, bad).action, Action::stay_in_loader);
}

TEST(BootWithOneBank, StaysInTheLoaderUntilACheckedImageIsActivated) {
    EXPECT_EQ(decided(in_phase(Phase::checked), good).action, Action::stay_in_loader);
    const BootDecision armed = decided(in_phase(Phase::armed), good);
    EXPECT_EQ(armed.action, Action::start);
    EXPECT_EQ(armed.record.phase, Phase::trial);
    EXPECT_EQ(armed.record.attempts, 1);
}

TEST(BootWithOneBank, HasNothingToFallBackToButTheLoader) {
    for (const auto& [record, verdicts, why] :
         {std::tuple{in_phase(Phase::trial, 3), unknown, LastChange::fell_back_attempts},
          std::tuple{in_phase(Phase::trial, 1), bad, LastChange::fell_back_bad_digest},
          std::tuple{in_phase(Phase::returning, 1), unknown, LastChange::rolled_back_on_request}}) {
        const BootDecision decision = decided(record, verdicts);
        EXPECT_EQ(decision.action, Action::stay_in_loader);
        EXPECT_EQ(decision.record.last_change, why);
        EXPECT_FALSE(decision.record.image(Bank::a));
        EXPECT_EQ(decision.record.release_counter, 5U);
    }
}

TEST(OneBankLayout, NeedsALoaderRecordsTrustAJournalAndABank) {
    const Layout layout = *plan_layout(geometry(), Banks::one);
    EXPECT_EQ(layout.loader.first_sector, 0U);
    EXPECT_EQ(layout.bank(Bank::a).first_sector, 7U);
    EXPECT_EQ(layout.image_size_bytes_max(), 12 * 1024U);
    Geometry small = geometry();
    small.runs = {SectorRun{7, 512}};
    EXPECT_TRUE(plan_layout(small, Banks::one).error().is(faults::bad_geometry));
}

struct OneBankTest : testing::Test {
    const Bytes old_image = test::image_of(5000, 1), new_image = test::image_of(5600, 1);
    RamFlash flash{geometry()};
    test::EcuParts parts{.layout = *plan_layout(geometry(), Banks::one),
                         .hardware_id = std::string(hardware),
                         .openings = {.delta = true}};
    ProtectedFlash guarded{flash, parts.layout};

    void SetUp() override {
        test::BareEcu ecu(guarded, parts);
        test::BareTester tester(ecu);
        ASSERT_TRUE(ecu.slots().boot());
        ASSERT_TRUE(tester.stage({test::record_of(old_image, 1, hardware), {}, old_image}));
        ASSERT_TRUE(tester.activate());
        ASSERT_TRUE(ecu.slots().boot());
        ASSERT_TRUE(tester.commit());
    }
    [[nodiscard]] test::Delivery delta_of(View image) const {
        return {test::record_of(image, 2, hardware),
                {.encoding = Encoding::delta},
                *delta::make(old_image, image,
                             {.mode = delta::Mode::in_place, .sector_bytes = 1024, .bank_bytes = 12 * 1024})};
    }
    static bool runs(test::BareEcu& ecu, View image) {
        const auto* running = ecu.slots().running_image();
        return running != nullptr && running->sha256 == crypto::sha256(image);
    }
};

TEST_F(OneBankTest, NobodyChangesTheGoldenLoader) {
    EXPECT_TRUE(guarded.erase(0).error().is(faults::write_protected));
    EXPECT_TRUE(guarded.program(496, Bytes(32, 0)).error().is(faults::write_protected));
    EXPECT_TRUE(guarded.program(0, Bytes(16, 0)).error().is(faults::write_protected));
    EXPECT_TRUE(guarded.erase(1));
}

TEST_F(OneBankTest, StaysInTheLoaderWhileTheBankIsIncompleteAndGoesOn) {
    const test::Delivery what{test::record_of(new_image, 2, hardware), {}, new_image};
    {
        test::BareEcu ecu(guarded, parts);
        ASSERT_TRUE(ecu.slots().boot());
        EXPECT_TRUE(runs(ecu, old_image));
        flash.cut_at(16, Torn::scattered);
        EXPECT_FALSE(test::BareTester(ecu).stage(what));
    }
    flash.power_up();
    test::BareEcu ecu(guarded, parts);
    test::BareTester tester(ecu);
    ASSERT_TRUE(ecu.slots().boot());
    EXPECT_FALSE(ecu.slots().running_image());
    ASSERT_TRUE(tester.stage(what)) << ecu.last_refusal();
    EXPECT_LT(tester.sent_bytes(), new_image.size());
    ASSERT_TRUE(ecu.slots().boot());
    EXPECT_FALSE(ecu.slots().running_image()) << "it waits for the rest of its set";
    ASSERT_TRUE(tester.activate());
    ASSERT_TRUE(ecu.slots().boot());
    EXPECT_TRUE(runs(ecu, new_image));
}

TEST_F(OneBankTest, TakesADeltaOntoItsOnlyImage) {
    test::BareEcu ecu(guarded, parts);
    test::BareTester tester(ecu);
    ASSERT_TRUE(ecu.slots().boot());
    const test::Delivery what = delta_of(new_image);
    ASSERT_TRUE(tester.stage(what)) << ecu.last_refusal();
    EXPECT_LT(tester.sent_bytes(), new_image.size() / 2);
    ASSERT_TRUE(tester.activate());
    ASSERT_TRUE(ecu.slots().boot());
    ASSERT_TRUE(tester.commit());
    EXPECT_TRUE(runs(ecu, new_image));
    EXPECT_EQ(ecu.slots().bank_state().release_counter, 2U);
}

TEST_F(OneBankTest, KeepsItsImageWhenTheDeltaIsOfAnother) {
    const Bytes another = test::image_of(5000, 9);
    const test::Delivery what{test::record_of(new_image, 2, hardware),
                              {.encoding = Encoding::delta},
                              *delta::make(another, new_image, {.mode = delta::Mode::in_place, .sector_bytes = 1024})};
    test::BareEcu ecu(guarded, parts);
    ASSERT_TRUE(ecu.slots().boot());
    EXPECT_FALSE(test::BareTester(ecu).stage(what));
    EXPECT_NE(ecu.last_refusal().find(delta::faults::other_base.code), std::string::npos);
    ASSERT_TRUE(ecu.slots().boot());
    EXPECT_TRUE(runs(ecu, old_image));
}

TEST_F(OneBankTest, LeavesAHalfDoneDeltaForTheFullImage) {
    const test::Delivery what = delta_of(new_image);
    {
        test::BareEcu ecu(guarded, parts);
        ASSERT_TRUE(ecu.slots().boot());
        flash.cut_at(40, Torn::half);
        ASSERT_FALSE(test::BareTester(ecu).stage(what));
    }
    flash.power_up();
    test::BareEcu ecu(guarded, parts);
    test::BareTester tester(ecu);
    ASSERT_TRUE(ecu.slots().boot());
    EXPECT_FALSE(tester.stage(delta_of(test::image_of(5300, 1)))) << "only the delta that was begun can go on";
    EXPECT_NE(ecu.last_refusal().find(delta::faults::half_done.code), std::string::npos) << ecu.last_refusal();
    ASSERT_TRUE(tester.stage({test::record_of(new_image, 2, hardware), {}, new_image})) << ecu.last_refusal();
}

TEST_F(OneBankTest, RollsBackIntoTheLoader) {
    test::BareEcu ecu(guarded, parts);
    test::BareTester tester(ecu);
    ASSERT_TRUE(ecu.slots().boot());
    ASSERT_TRUE(tester.stage({test::record_of(new_image, 2, hardware), {}, new_image}));
    ASSERT_TRUE(tester.activate());
    ASSERT_TRUE(ecu.slots().boot());
    ASSERT_TRUE(tester.roll_back());
    ASSERT_TRUE(ecu.slots().boot());
    EXPECT_FALSE(ecu.slots().running_image());
    EXPECT_EQ(ecu.slots().bank_state().last_change, LastChange::rolled_back_on_request);
}

// Every sector of the bank in turn, failing in either way.
TEST_F(OneBankTest, ReportsAWornOutSectorAndStaysProgrammable) {
    for (const Defect defect : {Defect::erase, Defect::program}) {
        RamFlash worn = flash;
        worn.fail_sector(parts.layout.bank(Bank::a).first_sector + 2, defect);
        test::BareEcu ecu(worn, parts);
        ASSERT_TRUE(ecu.slots().boot());
        EXPECT_FALSE(test::BareTester(ecu).stage({test::record_of(new_image, 2, hardware), {}, new_image}));
        EXPECT_NE(ecu.last_refusal().find(faults::device_failed.code), std::string::npos);
        ASSERT_TRUE(ecu.slots().boot());
        const Bytes small = test::image_of(1500, 3);
        EXPECT_TRUE(test::BareTester(ecu).stage({test::record_of(small, 2, hardware), {}, small}))
            << ecu.last_refusal();
    }
}

}  // namespace
}  // namespace pitstop::flash
