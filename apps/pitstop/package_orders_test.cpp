// What was ordered, on the command line and in a description, and for which ECUs it counts.
#include "apps/pitstop/ecu_options.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/package_description.h"
#include "core/package/faults.h"
#include "io/config/faults.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <format>
#include <fstream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;
using package::Addressee;

Result<std::vector<EcuOrder>> ordered(const Words& words, const ZonePlan& zones = ZonePlan::usual()) {
    TRY(const auto written, written_in_options(words));
    return orders_from(written, zones);
}

TEST(EcuOptions, RefuseWhatIsIncompleteTwiceOrUnknown) {
    const Words good{"--ecu-011-binary", "a", "--ecu-011-version", "1.0.0", "--ecu-011-hardware", "H"};
    EXPECT_TRUE(ordered(good));
    for (const Words& more : {Words{"--ecu-011-binary", "b"},
                              Words{"--ecu-011-colour", "b"},
                              Words{"--frob"},
                              Words{"stray"},
                              Words{"--ecu-012-binary", "b"},
                              Words{"--ecu-011-type"},
                              Words{"--ecu-011-type=x"},
                              Words{"--ecu-011-requires", "ECU_012>1.0.0"},
                              Words{"--ecu-011-conflicts="},
                              Words{"--ecu-011-conflicts", "ECU_011"},
                              Words{"--ecu-011-requires", "ECU_012", "--ecu-011-conflicts", "ECU_012"},
                              Words{"--ecu-011-seal-to", ""},
                              Words{"--ecu-011-seal-to="},
                              Words{"--ecu-011-sbom", ""},
                              Words{"--ecu-011-release-counter="},
                              Words{"--ecu-011-release-counter", "-1"},
                              Words{"--ecu-011-release-counter", "4294967296"},
                              Words{"--ecu-011-layout", "round"},
                              Words{"--ecu-011-opens", "rar"},
                              Words{"--ecu-011-seal-to", "a.pub,"},
                              Words{"--ecu-011-seal-to", "ECU_9=a.pub"},
                              Words{"--ecu-11-type", "boot"},
                              Words{"--ecu-101-type", "boot"},
                              Words{"--ecu-abc-type", "boot"},
                              Words{"--ecu-011-"},
                              Words{"--vmg-"},
                              Words{"--zone-11-binary=a", "--zone-11-version=1.0.0"},
                              Words{"--zone-0-binary=a", "--zone-0-version=1.0.0"},
                              Words{"--vmg-binary=a", "--vmg-version=1.0.0", "--vmg-seal-to=a.pub"}}) {
        Words words = good;
        words.insert(words.end(), more.begin(), more.end());
        const auto orders = ordered(words);
        ASSERT_FALSE(orders) << more.front();
        EXPECT_TRUE(orders.error().is(faults::bad_ecu_option)) << more.front() << ": " << orders.error().str();
    }
    EXPECT_TRUE(
        ordered({"--ecu-011-binary=a", "--ecu-011-version=1.0.300"}).error().is(package::faults::version_too_large));
    EXPECT_TRUE(
        ordered({"--zone-1-binary=a", "--zone-1-version=1.0.0", "--ecu-091-binary=a", "--ecu-091-version=1.0.0"})
            .error()
            .is(package::faults::duplicate_ecu));
}

TEST(EcuOptions, KeepTheOrderOfFirstMentionAndMakeACounterFromTheVersion) {
    const auto orders =
        ordered({"--ecu-012-binary=b", "--ecu-011-binary=a", "--ecu-011-version=1.2.3.4", "--ecu-011-hardware=H",
                 "--ecu-012-version=1.0.0", "--ecu-012-release-counter=7", "--ecu-012-type=calibration"});
    ASSERT_TRUE(orders) << orders.error().str();
    EXPECT_EQ(orders->at(0).ecu, *EcuId::parse("ECU_012"));
    EXPECT_EQ(orders->at(0).hardware.view(), "ECU_012");
    EXPECT_EQ(orders->at(0).release_counter, 7U);
    EXPECT_EQ(orders->at(0).type, package::SoftwareType::calibration);
    EXPECT_EQ(orders->at(1).release_counter, 0x01020304U);
    EXPECT_EQ(orders->at(1).hardware.view(), "H");
}

TEST(EcuOptions, TellWhatAnImageNeedsBesideItAndHowItTravels) {
    const auto orders =
        ordered({"--ecu-011-binary=a", "--ecu-011-version=1.2.3", "--ecu-011-requires=ECU_012>=1.1.0,ECU_013",
                 "--ecu-011-conflicts", "ECU_014<2.0.0", "--ecu-011-layout=flat", "--ecu-011-opens", "gzip window=8192",
                 "--ecu-011-seal-to", "own.pub,ECU_093=zone.pub", "--ecu-011-sbom=s.json"});
    ASSERT_TRUE(orders) << orders.error().str();
    const EcuOrder& order = orders->front();
    EXPECT_EQ(order.constraints.dependencies, *version_ranges_from("ECU_012>=1.1.0,ECU_013"));
    EXPECT_EQ(order.constraints.conflicts, *version_ranges_from("ECU_014<2.0.0"));
    EXPECT_EQ(order.layout, image::Layout::flat);
    EXPECT_EQ(order.opens, *Openings::parse("gzip window=8192"));
    EXPECT_EQ(order.seal_to,
              (std::vector{SealTo{*EcuId::parse("ECU_011"), "own.pub"}, SealTo{*EcuId::parse("ECU_093"), "zone.pub"}}));
    EXPECT_EQ(order.sbom, "s.json");
}

TEST(EcuOptions, NameTheGatewayEveryZoneOrOne) {
    const auto orders = ordered({"--vmg-binary=v", "--vmg-version=2.2.0.100", "--zgw-binary=z",
                                 "--zgw-version=1.2.0.50", "--zone-3-binary=special", "--zone-3-version=1.2.0.51",
                                 "--ecu-011-binary=a", "--ecu-011-version=1.1.0.10"});
    ASSERT_TRUE(orders) << orders.error().str();
    ASSERT_EQ(orders->size(), 12U);
    EXPECT_EQ(orders->at(0).ecu, Addressee::gateway());
    EXPECT_EQ(orders->at(0).hardware.view(), "VMG");
    EXPECT_EQ(orders->at(1).ecu, *EcuId::parse("ECU_091"));
    EXPECT_EQ(orders->at(9).ecu, *EcuId::parse("ECU_100"));
    EXPECT_EQ(orders->at(10).ecu, *EcuId::parse("ECU_093"));
    EXPECT_EQ(orders->at(10).binary, "special");
}

TEST(ZonePlan, IsTheUsualOneOfTenZones) {
    const ZonePlan plan = ZonePlan::usual();
    const auto zone = [&](std::string_view ecu) { return plan.zone_of(*Addressee::parse(ecu)); };
    EXPECT_EQ(plan.gateways().size(), 10U);
    EXPECT_EQ(zone("VMG"), 0U);
    EXPECT_EQ(zone("ECU_001"), 1U);
    EXPECT_EQ(zone("ECU_011"), 3U);
    EXPECT_EQ(zone("ECU_025"), 5U);
    EXPECT_EQ(zone("ECU_026"), 6U);
    EXPECT_EQ(zone("ECU_085"), 9U);
    EXPECT_EQ(zone("ECU_090"), 10U);
    EXPECT_EQ(zone("ECU_091"), 1U);
    EXPECT_EQ(zone("ECU_100"), 10U);
    for (std::uint32_t number = 1; number <= 100; ++number) EXPECT_NE(plan.zone_of(*EcuId::from_number(number)), 0U);
}

class Description : public testing::Test {
protected:
    const fs::path folder = fs::path(testing::TempDir()) / std::format("pitstop-description-{}", ::getpid());
    void SetUp() override { fs::create_directories(folder); }
    void TearDown() override { fs::remove_all(folder); }
    fs::path written(std::string_view text) {
        const fs::path file = folder / "file.yaml";
        std::ofstream(file) << text;
        return file;
    }
};

TEST_F(Description, OfAVehicleSaysWhichZoneAnEcuIsIn) {
    const auto plan = ZonePlan::from_file(written(
        "vin: TESTCAR1\n"
        "zones:\n  - { name: body, gateway: ECU_092, host: 127.0.0.1 }\n  - { name: chassis, gateway: ECU_091 }\n"
        "buses:\n  - { name: chassis-can, zone: chassis }\n"
        "ecus:\n  - { id: ECU_011, hardware_id: BRK-2, link: can-fd, bus: chassis-can }\n"
        "  - { id: ECU_012, hardware_id: RAD-1, host: 127.0.0.12 }\n"));
    ASSERT_TRUE(plan) << plan.error().str();
    EXPECT_EQ(plan->zone_of(*EcuId::parse("ECU_092")), 1U);
    EXPECT_EQ(plan->zone_of(*EcuId::parse("ECU_011")), 2U);
    EXPECT_EQ(plan->zone_of(*EcuId::parse("ECU_012")), 0U);
    const auto orders =
        ordered({"--zgw-binary=z", "--zgw-version=1.0.0", "--ecu-011-binary=a", "--ecu-011-version=1.0.0"}, *plan);
    ASSERT_TRUE(orders) << orders.error().str();
    EXPECT_EQ(orders->size(), 3U);
    EXPECT_EQ(orders->back().hardware.view(), "BRK-2");
}

TEST_F(Description, OfAWholeCarSaysWhatEachEcuIsAndOpens) {
    const fs::path gateway = written(std::format("vin: TESTCAR1\nvehicle: {{ file: {}, network: 0, zones: 3 }}\n",
                                                 fs::absolute("config/vehicle-100.yaml").string()));
    for (const fs::path& file : {fs::path("config/vehicle-100.yaml"), gateway}) {
        const auto plan = ZonePlan::from_file(file);
        ASSERT_TRUE(plan) << plan.error().str();
        const EcuId body = *EcuId::parse("ECU_011"), charger = *EcuId::parse("ECU_005");
        EXPECT_EQ(plan->zone_of(body), 3U);
        EXPECT_EQ(plan->zone_of(*EcuId::parse("ECU_093")), 3U);
        EXPECT_EQ(plan->zone_of(charger), 0U) << "the master gateway reaches it itself";
        const auto orders = ordered({"--ecu-011-binary=a", "--ecu-011-version=1.0.0", "--ecu-005-binary=a",
                                     "--ecu-005-version=1.0.0", "--ecu-009-binary=a", "--ecu-009-version=1.0.0",
                                     "--zone-3-binary=a", "--zone-3-version=1.0.0", "--zone-3-opens=gzip"},
                                    *plan);
        ASSERT_TRUE(orders) << orders.error().str();
        EXPECT_EQ(orders->at(0).hardware.view(), "body-controller-2");
        EXPECT_EQ(orders->at(0).opens, *Openings::parse("gzip zstd delta window=4096"));
        EXPECT_EQ(orders->at(1).opens, *Openings::parse("gzip zstd delta window=1048576"));
        EXPECT_EQ(orders->at(2).opens, Openings{}) << "a sensor opens nothing";
        EXPECT_EQ(orders->at(3).hardware.view(), "zone-gateway-1");
        EXPECT_EQ(orders->at(3).opens, *Openings::parse("gzip"));
    }
    EXPECT_EQ(ZonePlan::from_file("config/vehicle-100.yaml")->gateways().size(), 10U);
    EXPECT_EQ(ZonePlan::from_file(gateway)->gateways().size(), 3U);
}

TEST_F(Description, OfAVehicleWithoutZonesAndEcusIsNone) {
    EXPECT_TRUE(ZonePlan::from_file(written("campaign_id: OTA-1\n")).error().is(io::config::faults::out_of_range));
}

TEST(OpensUsual, LetsZstdLookAsFarBackAsGzipHasTo) {
    const auto orders = ordered({"--ecu-011-binary=a", "--ecu-011-version=1.0.0"});
    EXPECT_EQ(orders->front().opens, *Openings::parse("gzip zstd delta hpke window=32768"));
}

TEST_F(Description, OfAVehicleThatContradictsItselfIsRefusedWithItsPlace) {
    for (const std::string_view text :
         {"zones:\n  - { name: a, gateway: ECU_091 }\n  - { name: a, gateway: ECU_092 }\n",
          "zones:\n  - { name: a, gateway: ECU_091 }\n  - { name: b, gateway: ECU_091 }\n",
          "zones: []\nbuses:\n  - { name: can, zone: nowhere }\n", "ecus:\n  - { id: ECU_011, bus: nowhere }\n",
          "zones:\n  - { name: a, gateway: ECU_091 }\nbuses:\n  - { name: c, zone: a }\necus:\n"
          "  - { id: ECU_011, bus: c }\n  - { id: ECU_011, bus: c }\n"}) {
        const auto plan = ZonePlan::from_file(written(text));
        ASSERT_FALSE(plan) << text;
        EXPECT_TRUE(plan.error().is(io::config::faults::out_of_range)) << plan.error().str();
        EXPECT_NE(plan.error().str().find("file.yaml:"), std::string::npos) << plan.error().str();
    }
}

TEST_F(Description, OfAPackageIsReadLikeTheOptions) {
    const auto read =
        read_package_description(written("campaign_id: OTA-7\n"
                                         "compress: yes\n"
                                         "release_notes: notes.md\n"
                                         "images:\n"
                                         "  - { for: VMG, binary: v.bin, version: 2.2.0.100 }\n"
                                         "  - for: ECU_011\n"
                                         "    binary: brake.hex\n"
                                         "    version: 1.1.0\n"
                                         "    release_counter: 9\n"
                                         "    opens: gzip zstd window=8192\n"
                                         "    seal_to: [own.pub, ECU_093=zone.pub]\n"
                                         "  - { for: ZONE_3, binary: z.bin, version: 1.0.0 }\n"
                                         "  - { for: ZGW, binary: z.bin, version: 1.0.1 }\n"));
    ASSERT_TRUE(read) << read.error().str();
    EXPECT_EQ(read->campaign, "OTA-7");
    EXPECT_EQ(read->compress, true);
    EXPECT_EQ(read->release_notes, folder / "notes.md");
    const auto orders = orders_from(read->images, ZonePlan::usual());
    ASSERT_TRUE(orders) << orders.error().str();
    EXPECT_EQ(orders->size(), 12U);
    EXPECT_EQ(orders->at(1).binary, folder / "brake.hex");
    EXPECT_EQ(orders->at(1).release_counter, 9U);
    EXPECT_EQ(orders->at(1).seal_to, (std::vector{SealTo{*EcuId::parse("ECU_011"), folder / "own.pub"},
                                                  SealTo{*EcuId::parse("ECU_093"), folder / "zone.pub"}}));
}

TEST_F(Description, OfAPackageIsRefusedWithFileAndLine) {
    const auto refused = [&](std::string_view line, const Fault& fault, std::string_view place) {
        const auto read = read_package_description(
            written(std::format("campaign_id: OTA-7\nimages:\n  - for: ECU_011\n    binary: a\n    {}\n", line)));
        const auto orders = read ? orders_from(read->images, ZonePlan::usual()) : std::unexpected(read.error());
        ASSERT_FALSE(orders) << line;
        EXPECT_TRUE(orders.error().is(fault)) << orders.error().str();
        EXPECT_NE(orders.error().str().find(place), std::string::npos) << orders.error().str();
    };
    namespace wrong = io::config::faults;
    refused("colour: red", wrong::unknown_key, "file.yaml:5");
    refused("version: 1.x", wrong::out_of_range, "file.yaml:5");
    for (const char* empty :
         {"seal_to: []", "seal_to:", "seal_to: ['']", "seal_to: [ECU_093=]", "hardware: ''", "sbom:"})
        refused(std::format("version: 1.0.0\n    {}", empty), wrong::out_of_range, "file.yaml:");
    refused("version: 1.0.0\n    type: game", wrong::out_of_range, "file.yaml:6");
    refused("version: 1.0.0\n    opens: rar", wrong::out_of_range, "file.yaml:6");
    refused("hardware: H", wrong::out_of_range, "file.yaml:");  // no version
    refused("version: 1.0.0\n  - { for: ECU_011, binary: a, version: 1.0.0 }", wrong::out_of_range, "file.yaml:6");
    refused("version: 1.0.0\n  - { for: ECU_11, binary: a, version: 1.0.0 }", wrong::out_of_range, "file.yaml:6");
    refused("version: 1.0.0\n  - { for: ZONE_0, binary: a, version: 1.0.0 }", wrong::out_of_range, "file.yaml:6");
}

TEST(PackageSample, IsUnderstood) {
    const auto read = read_package_description("config/package.yaml");
    ASSERT_TRUE(read) << read.error().str();
    EXPECT_TRUE(orders_from(read->images, ZonePlan::usual()));
}

}  // namespace
}  // namespace pitstop::cli
