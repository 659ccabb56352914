#include "apps/zone/vehicle_part.h"

#include "core/vehicle/faults.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <format>

namespace pitstop::zone {
namespace {

TEST(VehiclePart, AGatewayKnowsItsBusesAndTheEcusOnThem) {
    const auto car = io::read_vehicle("config/vehicle-100.yaml");
    ASSERT_TRUE(car) << car.error().str();
    const auto chassis = gateway_of(*car, "chassis", {"/run/car", 3});
    ASSERT_TRUE(chassis);
    EXPECT_EQ(chassis->identity.id.str(), "ECU_092");
    EXPECT_EQ(chassis->host, "127.0.3.92");
    ASSERT_EQ(chassis->buses.size(), 2u);
    EXPECT_EQ(chassis->buses[0].address, "unix:/run/car/chassis-fd.sock");
    ASSERT_EQ(chassis->routes.size(), 5u);
    EXPECT_EQ(chassis->routes[3].ecu.str(), "ECU_009");
    EXPECT_EQ(chassis->routes[3].format, CanFormat::classic);
    EXPECT_EQ(chassis->routes[3].request.value, 0x680u + 9);
    EXPECT_EQ(chassis->routes[3].response.value, 0x600u + 9);
    EXPECT_TRUE(chassis->trust) << "a zone of a described car verifies for itself";
    EXPECT_FALSE(chassis->credential) << "nothing lies there";
    ASSERT_TRUE(chassis->image) << "and takes updates itself";
    EXPECT_EQ(chassis->image->flash.file, "/run/car/ECU_092.flash");
    EXPECT_EQ(chassis->image->identity.hardware_id.view(), "zone-gateway-1");
    EXPECT_EQ(gateway_of(*car, "powertrain", {"/run/car", 3})->routes.size(), 4u) << "one of five is on Ethernet";
    EXPECT_TRUE(gateway_of(*car, "roof", {}).error().is(vehicle::faults::bad_description));
}

TEST(VehiclePart, AGatewayShowsTheCredentialThatLiesInItsCarsFolder) {
    const auto folder = std::filesystem::path(::testing::TempDir()) / std::format("zone-part-{}", ::getpid());
    std::filesystem::create_directories(folder / "credentials" / "ECU_092");
    const auto car = io::read_vehicle("config/vehicle-100.yaml");
    EXPECT_EQ(gateway_of(*car, "chassis", {folder, 3})->credential, folder / "credentials" / "ECU_092");
    EXPECT_FALSE(gateway_of(*car, "powertrain", {folder, 3})->credential);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace pitstop::zone
