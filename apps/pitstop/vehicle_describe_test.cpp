#include "apps/pitstop/bus_time.h"
#include "apps/pitstop/commands.h"
#include "core/base/json.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace pitstop::cli {
namespace {

const EcuId ecu = *EcuId::parse("ECU_064");
const vehicle::BusPlan classic{"can", vehicle::BusKind::can, 500'000, 500'000};
const vehicle::BusPlan fast{"fd", vehicle::BusKind::can_fd, 500'000, 5'000'000};

TEST(BusTime, CountsEveryFrameOfABlockAndItsAnswer) {
    const Bytes block(4093, 0x55);
    const auto time = time_of_transfer(block, ecu, classic);
    ASSERT_TRUE(time);
    EXPECT_EQ(time->frames, 1u + 1 + 585 + 1) << "first frame, flow control, 4089 bytes by seven, the answer";
    EXPECT_GT(time->busy, std::chrono::milliseconds(588 * 108 / 500)) << "108 bits and no stuff bit at all";
    EXPECT_LT(time->busy, std::chrono::milliseconds(588 * 135 / 500)) << "135 bits with as many as there can be";
}

TEST(BusTime, IsShorterOnAFasterBusAndGrowsWithTheImage) {
    const Bytes image(100'000, 0x55);
    const auto slow = time_of_transfer(image, ecu, classic), quick = time_of_transfer(image, ecu, fast);
    EXPECT_GT(slow->busy, quick->busy * 8);
    EXPECT_GT(quick->busy, time_of_transfer(View(image).first(50'000), ecu, fast)->busy);
    EXPECT_EQ(time_of_transfer({}, ecu, fast)->frames, 0u);
}

TEST(VehicleDescribe, ShowsTheCarAndHowLongAnUpdateKeepsItsBusesBusy) {
    const auto folder = std::filesystem::path(testing::TempDir()) / std::format("pitstop-describe-{}", ::getpid());
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "ECU_064.img") << std::string(10'000, 'x');
    const auto run = [](std::vector<const char*> words, std::ostringstream& out) {
        std::ostringstream err;
        return run_pitstop(words, UtcTime{}, out, err);
    };
    std::ostringstream text, json, none;
    EXPECT_EQ(run({"pitstop", "vehicle", "describe", "config/vehicle-100.yaml"}, text), 0);
    EXPECT_NE(text.str().find("100 ECUs"), std::string::npos);
    EXPECT_EQ(
        run({"pitstop", "vehicle", "describe", "config/vehicle-100.yaml", "--images", folder.c_str(), "--json"}, json),
        0);
    const auto zones = boost::json::parse(json.str()).at("zones").as_array();
    ASSERT_EQ(zones.size(), 10u);
    const auto& buses = zones[7].at("buses").as_array();
    EXPECT_EQ(buses[0].at("frames").as_int64(), 0) << "nothing is installed there";
    EXPECT_EQ(buses[1].at("payload_bytes").as_int64(), 10'000);
    EXPECT_EQ(run({"pitstop", "vehicle", "describe", "config/server.yaml"}, none), 1);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace pitstop::cli
