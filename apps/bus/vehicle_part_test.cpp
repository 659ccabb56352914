#include "apps/bus/vehicle_part.h"

#include "core/vehicle/faults.h"

#include <gtest/gtest.h>

namespace pitstop::bus {
namespace {

TEST(VehiclePart, TakesAZonesBusesWithTheirBitRates) {
    const auto car = io::read_vehicle("config/vehicle-100.yaml");
    ASSERT_TRUE(car) << car.error().str();
    const auto chassis = buses_of(*car, "chassis", {"/run/car", 0});
    ASSERT_TRUE(chassis);
    ASSERT_EQ(chassis->size(), 2u);
    EXPECT_EQ(chassis->at(0).listen, "unix:/run/car/chassis-fd.sock");
    EXPECT_EQ(chassis->at(0).rates.data_bits_per_s, 2'000'000u);
    EXPECT_EQ(chassis->at(1).rates.nominal_bits_per_s, 500'000u);
    for (const Settings& settings : *chassis) EXPECT_TRUE(check(settings));
    EXPECT_EQ(buses_of(*car, "", {"/run/car", 0})->size(), 13u);
    EXPECT_TRUE(buses_of(*car, "roof", {}).error().is(vehicle::faults::bad_description));
}

}  // namespace
}  // namespace pitstop::bus
