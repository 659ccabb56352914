#include "io/vehicle/vehicle_file.h"

#include "io/config/faults.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace pitstop::io {
namespace {

class VehicleFile : public testing::Test {
protected:
    std::filesystem::path folder;

    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "pitstop_car_XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    Result<vehicle::Blueprint> read(std::string_view ecus,
                                    std::string_view bus = "{name: a, bitrate: 500_000, data_bitrate: 2_000_000}",
                                    std::string_view gateway = "") {
        const auto file = folder / "car.yaml";
        std::ofstream(file) << "vin: VIN01\nmakes:\n  small: {bank_kib: 64, sector_kib: 16}\nzones:\n"
                            << "  - name: body\n    gateway: ECU_091\n    software_version: 1.0.0\n"
                            << gateway << "    buses: [" << bus << "]\n    ecus:\n"
                            << ecus;
        return read_vehicle(file);
    }
};

TEST_F(VehicleFile, TheCarOfAHundredIsNinetyEcusBehindTenGateways) {
    const auto car = read_vehicle("config/vehicle-100.yaml");
    ASSERT_TRUE(car) << car.error().str();
    EXPECT_EQ(car->zones.size(), 10u);
    EXPECT_EQ(car->ecu_count(), 100u);
    EXPECT_EQ(car->description(7).ecus.size(), 100u) << "all of them take updates";
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(car->zones[i].ecus.size(), 5u) << car->zones[i].name;
    const auto description = car->description(7);
    EXPECT_TRUE(description.check());
    EXPECT_EQ(description.route_to(*EcuId::parse("ECU_013"))->host, "127.0.7.93");
    EXPECT_EQ(description.route_to(*EcuId::parse("ECU_016"))->host, "127.0.7.16");
    std::size_t kinds[3] = {};  // 500 kbit/s, 2 and 5 Mbit/s
    for (const auto& zone : car->zones)
        for (const auto& bus : zone.buses)
            ++kinds[bus.kind == vehicle::BusKind::can ? 0 : bus.data_bits_per_s == 2'000'000 ? 1 : 2];
    EXPECT_GE(std::ranges::min(kinds), 4u);
}

TEST_F(VehicleFile, ALineStandsForSeveralEcusThatAreAlike) {
    const auto car = read("      - {first: ECU_001, last: ECU_003, name: node, hardware_id: h, make: small, bus: a}\n");
    ASSERT_TRUE(car) << car.error().str();
    ASSERT_EQ(car->zones[0].ecus.size(), 3u);
    EXPECT_EQ(car->zones[0].ecus[2].name, "node 3");
    EXPECT_EQ(car->zones[0].ecus[2].make.bank_kib, 64u);
}

TEST_F(VehicleFile, AGatewayWithAHardwareIdIsOfAMakeToo) {
    const char* const bus = "{name: a, kind: can, bitrate: 500_000}";
    const auto car = read("      []\n", bus, "    hardware_id: zgw-1\n    make: small\n");
    ASSERT_TRUE(car) << car.error().str();
    ASSERT_TRUE(car->zones[0].own);
    EXPECT_EQ(car->zones[0].own->ecu.str(), "ECU_091");
    EXPECT_EQ(car->zones[0].own->make.bank_kib, 64u);
    EXPECT_FALSE(read("      []\n", bus)->zones[0].own);
    EXPECT_FALSE(read("      []\n", bus, "    hardware_id: zgw-1\n"));
    EXPECT_FALSE(read("      []\n", bus, "    make: small\n")) << "of what?";
}

TEST_F(VehicleFile, RefusesWhatNoCarCanBe) {
    const struct {
        const char* ecus;
        const char* bus;
        const char* words;
    } rows[] = {
        {"      - {id: ECU_001, name: n, hardware_id: h, make: large, bus: a}\n",
         "{name: a, kind: can, bitrate: 500_000}", "make"},
        {"      - {id: ECU_001, name: n, hardware_id: h, make: small, bus: b}\n",
         "{name: a, kind: can, bitrate: 500_000}", "ECU_001"},
        {"      - {first: ECU_003, last: ECU_001, name: n, hardware_id: h, make: small, bus: a}\n",
         "{name: a, kind: can, bitrate: 500_000}", "first"},
        {"      - {id: ECU_091, name: n, hardware_id: h, make: small, bus: a}\n",
         "{name: a, kind: can, bitrate: 500_000}", "twice"},
        {"      - {id: ECU_001, name: n, hardware_id: h, make: small, bus: a}\n",
         "{name: a, bitrate: 500_000, data_bitrate: 250_000}", "slower"},
        {"      - {id: ECU_001, name: n, hardware_id: h, make: small, color: red, bus: a}\n",
         "{name: a, kind: can, bitrate: 500_000}", "color"},
    };
    for (const auto& row : rows) {
        const auto car = read(row.ecus, row.bus);
        ASSERT_FALSE(car) << row.words;
        EXPECT_NE(car.error().str().find(row.words), std::string::npos) << car.error().str();
    }
}

TEST_F(VehicleFile, SaysWhereTheRunningCarsFilesAre) {
    const CarPlace place{"/run/car", 3};
    EXPECT_EQ(place.bus_address("body-can"), "unix:/run/car/body-can.sock");
    EXPECT_EQ(place.flash(*EcuId::parse("ECU_011")), "/run/car/ECU_011.flash");
    EXPECT_EQ(place.post_quantum_key(*EcuId::parse("ECU_011")), "/run/car/keys/ECU_011-pq.key");
    EXPECT_EQ(place.classical_authority(), "/run/car/roots/diagnostics-classical.crt");
    EXPECT_EQ(place.post_quantum_authority(), "/run/car/roots/diagnostics-pq.crt");
    EXPECT_EQ(place.credential(*EcuId::parse("ECU_091")), "/run/car/credentials/ECU_091");
}

}  // namespace
}  // namespace pitstop::io
