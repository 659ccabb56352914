#include "apps/ecu/vehicle_part.h"

#include "core/flash/layout.h"
#include "core/vehicle/faults.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <format>
#include <fstream>
#include <set>

namespace pitstop::ecu {
namespace {

const io::CarPlace place{"/run/car", 3};

std::vector<Settings> ecus(std::string_view zone) {
    return *ecus_of(*io::read_vehicle("config/vehicle-100.yaml"), zone, place);
}

TEST(VehiclePart, AZonesEcusEachHaveTheirOwnFilesAndIdentifiers) {
    const auto reserve = ecus("reserve-3");
    ASSERT_EQ(reserve.size(), 15u);
    const Settings& sensor = reserve.back();
    EXPECT_EQ(sensor.identity.id.str(), "ECU_070");
    EXPECT_EQ(sensor.flash.file, "/run/car/ECU_070.flash");
    EXPECT_EQ(sensor.can->bus, "unix:/run/car/reserve-3-can.sock");
    EXPECT_EQ(sensor.can->request_id, 0x680u + 70);
    EXPECT_EQ(sensor.can->format, CanFormat::classic);
    EXPECT_EQ(reserve.front().can->format, CanFormat::fd);
    EXPECT_LT(sensor.block_size_bytes_max, reserve.front().block_size_bytes_max);
    EXPECT_EQ(sensor.trust->verification, flash::Verification::partial);
    EXPECT_FALSE(sensor.access) << "no authority lies there";
}

TEST(VehiclePart, EcusAskForBothProofsWhereTheFactoryLeftAnAuthority) {
    const auto folder = std::filesystem::path(testing::TempDir()) / std::format("ecu-part-{}", ::getpid());
    std::filesystem::create_directories(folder / "roots");
    for (const char* half : {"pq", "classical"}) {  // one of them alone leaves no ECU open
        std::ofstream(folder / "roots" / std::format("diagnostics-{}.crt", half)) << "a certificate";
        const auto all = *ecus_of(*io::read_vehicle("config/vehicle-100.yaml"), "", {folder, 3});
        for (const Settings& each : all) {
            ASSERT_TRUE(each.access) << each.identity.id.str();
            EXPECT_EQ(each.access->proofs, uds::WantedProofs::both);
            EXPECT_EQ(each.access->authorities.size(), 2u);
        }
    }
    std::filesystem::remove_all(folder);
}

TEST(VehiclePart, OnEthernetAnEcuIsAnEntityOfItsOwnThatVerifiesInFull) {
    const Settings head = ecus("infotainment").front();
    EXPECT_FALSE(head.can);
    EXPECT_EQ(head.ethernet->host, "127.0.3.16");
    EXPECT_EQ(head.trust->verification, flash::Verification::full);
    EXPECT_EQ(head.trust->state, "/run/car/ECU_016.trust");
}

TEST(VehiclePart, TheWholeCarIsNinetyEcusWhoseFlashesHoldTheirBanks) {
    std::set<std::filesystem::path> files;
    const auto all = ecus("");
    for (const Settings& each : all) {
        files.insert(each.flash.file);
        const auto layout = flash::plan_layout(each.flash.geometry);
        ASSERT_TRUE(layout) << each.identity.id.str();
        EXPECT_GE(layout->image_size_bytes_max(), 128u * 1024) << each.identity.id.str();
    }
    EXPECT_EQ(files.size(), 90u);
    EXPECT_TRUE(ecus_of(*io::read_vehicle("config/vehicle-100.yaml"), "roof", place)
                    .error()
                    .is(vehicle::faults::bad_description));
}

}  // namespace
}  // namespace pitstop::ecu
