#include "io/flashing/flashing.h"

#include "core/flash/test_ecu.h"
#include "io/files/faults.h"
#include "io/flashing/faults.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <format>
#include <fstream>

namespace pitstop::io::flashing {
namespace {

using namespace std::chrono_literals;

// An ECU with real flash rules, straight at the end of the link.
class DirectLink final : public ethernet::Link {
public:
    Task<uds::Answer> ask(std::uint16_t, View request, uds::TesterTimings) override {
        if (std::ranges::equal(request, std::array<std::uint8_t, 2>{0x3E, 0x80})) ++kept_awake;
        if (request[0] == 0x3E) co_return uds::Answer{};
        co_return ecu.ask(request);
    }
    flash::RamFlash memory{flash::test::even_geometry()};
    flash::test::TestEcu ecu{memory};
    int kept_awake = 0;
};

struct FlashingTest : testing::Test {
    Loop loop;
    DirectLink link;
    const Bytes old_image = flash::test::image_of(1500, 1), image = flash::test::image_of(2000, 2);
    Order order{.plan = flash::Plan::stage,
                .ecu = *EcuId::parse("ECU_011"),
                .image = flash::test::record_of(image, 2),
                .read_image = [this](std::uint32_t offset, Room into) -> Result<void> {
                    std::ranges::copy(View(image).subspan(offset, into.size()), into.begin());
                    return {};
                }};

    void SetUp() override {
        ASSERT_TRUE(flash::test::update(link.ecu, old_image, flash::test::record_of(old_image, 1)));
    }
    Result<void> run() { return complete(loop, carry_out(loop, {link, 0x0011, 300}, order)); }
    void expect_restored() {
        EXPECT_EQ(link.ecu.session(), uds::Session::default_);
        EXPECT_EQ(link.ecu.communication(), uds::Communication::enable_rx_and_tx);
        EXPECT_EQ(link.ecu.dtc(), uds::DtcSetting::on);
    }
};

TEST_F(FlashingTest, CarriesOutPlanAfterPlanAndShowsHowFarItIs) {
    std::vector<std::uint8_t> percents;
    order.on_progress = [&](const flash::Progress& progress) {
        if (const auto percent = percent_of(progress)) percents.push_back(*percent);
    };
    for (const flash::Plan plan : {flash::Plan::stage, flash::Plan::activate, flash::Plan::confirm}) {
        order.plan = plan;
        ASSERT_TRUE(run());
    }
    EXPECT_TRUE(flash::test::runs(link.ecu, link.memory, image));
    EXPECT_GE(percents.size(), 3u);
    EXPECT_TRUE(std::ranges::is_sorted(percents));
}

TEST_F(FlashingTest, WhoGivesUpAtAnyRequestGetsTheEcuBackAsItWas) {
    for (int requests = 0; requests < 30; ++requests) {
        order.given_up = [left = requests]() mutable { return left-- <= 0; };
        const Result<void> stopped = run();
        if (stopped) {
            EXPECT_GT(requests, 10) << "it was not given up before its end";
            return;
        }
        EXPECT_TRUE(stopped.error().is(faults::stopped)) << stopped.error().str();
        expect_restored();
        order.given_up = {};
        order.plan = flash::Plan::roll_back;
        EXPECT_TRUE(run());
        order.plan = flash::Plan::stage;
    }
    FAIL() << "it never came to its end";
}

TEST_F(FlashingTest, WaitsForItsTurnOnTheBusWithTheEcuAwake) {
    int asked = 0;
    order.may_transfer = [&]() -> boost::asio::awaitable<bool> { co_return ++asked == 4; };
    ASSERT_TRUE(run());
    EXPECT_EQ(asked, 4);
    EXPECT_EQ(link.kept_awake, 3);
    EXPECT_EQ(link.ecu.slots().bank_state().new_image, order.image.sha256);
}

TEST_F(FlashingTest, ReadsAPayloadThatLiesBehindAHeader) {
    const auto file = std::filesystem::path(testing::TempDir()) / std::format("flashing-{}", ::getpid());
    const auto write = [&](std::size_t size_bytes) {
        std::ofstream(file, std::ios::binary) << "header" << std::string(text_of(View(image).first(size_bytes)));
    };
    write(image.size() - 1);
    order.read_image = image_in(file, 6);
    EXPECT_TRUE(run().error().is(files::faults::unreadable));
    expect_restored();
    write(image.size());
    order.read_image = image_in(file, 6);
    EXPECT_TRUE(run());
    std::filesystem::remove(file);
    order.image = flash::test::record_of(old_image, 3);
    order.image.sha256[0] ^= 1;
    order.read_image = image_in(file);
    EXPECT_TRUE(run().error().is(files::faults::not_there));
}

}  // namespace
}  // namespace pitstop::io::flashing
