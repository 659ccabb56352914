#include "apps/gateway/car.h"

#include "apps/gateway/faults.h"
#include "apps/gateway/flasher.h"
#include "apps/gateway/test_site.h"
#include "core/base/faults.h"
#include "core/flash/directed.h"
#include "core/flash/faults.h"
#include "io/ethernet/faults.h"
#include "io/flashing/faults.h"

namespace pitstop::gateway {
namespace {

using namespace test;

struct CarTest : testing::Test {
    io::Loop loop;
    EcuOnEthernet radio_ecu{loop};
    Car car{loop, radio_ecu.vehicle(), 0x0E80};
    Folder folder;
    const Bytes new_image = flash::test::image_of(2000, 2);
    const uptane::TrustedTarget target = target_of(radio, new_image);
    std::vector<std::uint8_t> percents;

    Result<Survey> survey() { return io::complete(loop, car.survey()); }
    Result<void> work(flash::Plan plan, std::function<bool()> given_up = [] { return false; }) {
        io::flashing::Order order{.plan = plan, .ecu = radio, .image = flash::record_of(target)};
        order.read_image = io::flashing::image_in(folder / "image.swpg", package::header_size_bytes);
        order.given_up = std::move(given_up);
        order.on_progress = [this](const flash::Progress& progress) {
            if (const auto percent = io::flashing::percent_of(progress)) percents.push_back(*percent);
        };
        return io::complete(loop, carry_out(loop, car, std::move(order)));
    }
    void SetUp() override { folder.write("image.swpg", test::record_of(target, new_image)); }
};

TEST_F(CarTest, ReadsWhatAnEcuSaysOfItself) {
    const Survey found = *survey();
    ASSERT_EQ(found.known.size(), 1u);
    const vehicle::EcuReport& report = found.known[0].report;
    EXPECT_EQ(report.version, (Version{1, 1, 0}));
    EXPECT_EQ(report.hardware, hardware);
    EXPECT_EQ(report.serial, "SN-1");
    EXPECT_EQ(report.part_number, "PN-1") << "padding is not part of a text";
    EXPECT_EQ(report.active_image, crypto::sha256(radio_ecu.old_image));
    EXPECT_TRUE(found.known[0].settled);
    EXPECT_EQ(found.known[0].release_counter, 1u);
}

TEST_F(CarTest, ReadsInWhichFormsAnEcuTakesAnImage) {
    radio_ecu.texts[0xA4] = "zstd delta window=8192";
    EXPECT_EQ((*survey()).known.at(0).report.opens, *Openings::parse("zstd delta window=8192"));
    radio_ecu.texts[0xA4] = "teleport";
    EXPECT_EQ((*survey()).known.at(0).report.opens, Openings{}) << "words of a later age promise nothing";
}

TEST_F(CarTest, NamesAnEcuThatCannotBeReadAndWhy) {
    radio_ecu.texts[0x89] = "one point one";
    const Survey odd = *survey();
    ASSERT_EQ(odd.silent.size(), 1u);
    EXPECT_TRUE(odd.silent[0].why.is(pitstop::faults::bad_version));
    radio_ecu.texts[0x89] = "";
    EXPECT_EQ((*survey()).inventory(*Vin::parse("VIN01"), {}).missing.size(), 1u);

    vehicle::Description gone = radio_ecu.vehicle();
    gone.ecus[0].port = 1;  // nobody listens there
    Car empty(loop, gone, 0x0E80);
    const Result<Survey> silent = io::complete(loop, empty.survey());
    ASSERT_TRUE(silent);
    EXPECT_TRUE(silent->silent.at(0).why.is(io::ethernet::faults::connect_failed));
}

TEST_F(CarTest, FlashesStagesActivatesAndConfirms) {
    ASSERT_TRUE(work(flash::Plan::stage)) << work(flash::Plan::stage).error().str();
    EXPECT_FALSE(percents.empty());
    EXPECT_EQ(survey()->known[0].report.active_image, crypto::sha256(radio_ecu.old_image)) << "the old one still runs";
    ASSERT_TRUE(work(flash::Plan::activate));
    ASSERT_TRUE(work(flash::Plan::confirm));
    const KnownEcu after = survey()->known[0];
    EXPECT_EQ(after.report.active_image, target.sha256);
    EXPECT_EQ(after.release_counter, 2u);
    EXPECT_TRUE(after.settled);
}

TEST_F(CarTest, GoesBackAfterActivation) {
    ASSERT_TRUE(work(flash::Plan::stage));
    ASSERT_TRUE(work(flash::Plan::activate));
    ASSERT_TRUE(work(flash::Plan::roll_back));
    EXPECT_EQ(survey()->known[0].report.active_image, crypto::sha256(radio_ecu.old_image));
}

TEST_F(CarTest, StopsBetweenRequestsWhenTheUpdateIsGivenUpAndCanStillUndo) {
    int asked = 0;
    const Result<void> stopped = work(flash::Plan::stage, [&asked] { return ++asked > 9; });
    EXPECT_TRUE(stopped.error().is(io::flashing::faults::stopped)) << stopped.error().str();
    EXPECT_EQ(radio_ecu.ecu.communication(), uds::Communication::enable_rx_and_tx) << "restored at once";
    EXPECT_EQ(radio_ecu.ecu.dtc(), uds::DtcSetting::on);
    EXPECT_EQ(radio_ecu.ecu.session(), uds::Session::default_);
    EXPECT_TRUE(work(flash::Plan::roll_back));
    EXPECT_TRUE(work(flash::Plan::stage)) << "and begin anew";
}

TEST_F(CarTest, RefusesAnImageThatIsCutOnDisk) {
    folder.write("image.swpg", View(test::record_of(target, new_image)).first(900));
    EXPECT_FALSE(work(flash::Plan::stage));
    EXPECT_TRUE(survey()->known[0].settled) << "nothing is staged";
}

}  // namespace
}  // namespace pitstop::gateway
