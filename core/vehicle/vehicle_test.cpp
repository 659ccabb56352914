#include "core/base/faults.h"
#include "core/vehicle/description.h"
#include "core/vehicle/faults.h"
#include "core/vehicle/inventory.h"
#include "core/vehicle/limits.h"
#include "core/vehicle/readiness.h"

#include <gtest/gtest.h>

namespace pitstop::vehicle {
namespace {

EcuId ecu(const char* name) { return *EcuId::parse(name); }

Sha256Digest digest(std::uint8_t fill) {
    Sha256Digest result;
    result.fill(fill);
    return result;
}

EcuReport report(const char* name, Version version, std::uint8_t image) {
    return {ecu(name),   *HardwareId::parse("BRAKE-A"), version, "SN-1", "PN-1", "committed", digest(image),
            Link::can_fd};
}

Inventory inventory() {
    return {*Vin::parse("VIN01"),
            {1'000'000},
            {report("ECU_011", {1, 0, 0}, 1), report("ECU_012", {2, 0, 0}, 2)},
            {{ecu("ECU_013"), "uds.no-answer", "silent for 2 s"}}};
}

TEST(Inventory, ShowsAnUpdateOnlyWhenVersionAndDigestOfEveryTargetMatch) {
    const Inventory car = inventory();
    const Software good{ecu("ECU_011"), {1, 0, 0}, digest(1)};
    EXPECT_TRUE(car.shows(std::vector{good}));
    EXPECT_FALSE(car.shows(std::vector{good, Software{ecu("ECU_012"), {2, 0, 0}, digest(9)}}));
    EXPECT_FALSE(car.shows(std::vector{good, Software{ecu("ECU_012"), {2, 0, 1}, digest(2)}}));
    EXPECT_FALSE(car.shows(std::vector{good, Software{ecu("ECU_013"), {1, 0, 0}, digest(1)}}));
    EXPECT_FALSE(car.shows({})) << "nothing wanted proves nothing";
}

TEST(Inventory, ComesBackFromJsonAsItWas) { EXPECT_EQ(inventory_from_json(to_json(inventory())), inventory()); }

TEST(Inventory, SaysInWhichFormsAnEcuTakesAnImage) {
    Inventory able = inventory();
    able.ecus[1].opens = *Openings::parse("zstd delta window=8192");
    EXPECT_EQ(inventory_from_json(to_json(able)), able);
    json::Object silent = to_json(able);
    silent["ecus"].as_array()[1].as_object().erase("opens");
    EXPECT_EQ(inventory_from_json(silent)->ecus[1].opens, Openings{}) << "older vehicles take images as they are";
    silent["ecus"].as_array()[1].as_object()["opens"] = "gzip window=8192";
    EXPECT_EQ(inventory_from_json(silent)->ecus[1].opens.str(), "gzip");
    silent["ecus"].as_array()[1].as_object()["opens"] = "everything";
    EXPECT_TRUE(inventory_from_json(silent).error().is(pitstop::faults::bad_form));
    silent["ecus"].as_array()[1].as_object()["opens"] = std::string(identifier_size_max + 1, ' ');
    EXPECT_TRUE(inventory_from_json(silent).error().is(faults::too_much));
}

TEST(Inventory, RefusesAnEcuThatStandsTwice) {
    Inventory twice = inventory();
    twice.ecus.push_back(twice.ecus.front());
    EXPECT_TRUE(inventory_from_json(to_json(twice)).error().is(faults::ambiguous));
    Inventory both = inventory();
    both.missing.push_back({ecu("ECU_011"), "uds.no-answer", ""});
    EXPECT_TRUE(inventory_from_json(to_json(both)).error().is(faults::ambiguous));
}

TEST(Inventory, RefusesWhatIsTooLongOrOfTheWrongKind) {
    Inventory longwinded = inventory();
    longwinded.ecus[0].serial = std::string(identifier_size_max + 1, 'x');
    EXPECT_TRUE(inventory_from_json(to_json(longwinded)).error().is(faults::too_much));

    json::Object crowded = to_json(inventory());
    crowded["ecus"].as_array().resize(ecus_max + 1);
    EXPECT_TRUE(inventory_from_json(crowded).error().is(faults::too_much));

    json::Object unlinked = to_json(inventory());
    unlinked["ecus"].as_array()[0].as_object()["link"] = "pigeon";
    EXPECT_TRUE(inventory_from_json(unlinked).error().is(pitstop::faults::wrong_type));

    json::Object nameless = to_json(inventory());
    nameless["ecus"].as_array()[0].as_object().erase("ecu_id");
    EXPECT_TRUE(inventory_from_json(nameless).error().is(pitstop::faults::missing_member));
}

TEST(Readiness, NamesEveryConditionThatIsNotMet) {
    struct Row {
        const char* reason;
        void (*spoil)(Conditions&);
    };
    const Row rows[] = {
        {"not parked", [](Conditions& now) { now.motion = Motion::moving; }},
        {"ignition", [](Conditions& now) { now.ignition = Ignition::on; }},
        {"door", [](Conditions& now) { now.doors = Doors::open; }},
        {"network", [](Conditions& now) { now.network = Network::absent; }},
        {"battery", [](Conditions& now) { now.battery_percent = 49; }},
        {"storage", [](Conditions& now) { now.free_storage_bytes = 999; }},
        {"-21 degrees", [](Conditions& now) { now.temperature_c = -21; }},
        {"61 degrees", [](Conditions& now) { now.temperature_c = 61; }},
        {"trouble codes", [](Conditions& now) { now.open_dtcs = 1; }},
    };
    Conditions good;
    good.free_storage_bytes = 1000;
    good.battery_percent = 50;
    EXPECT_EQ(judge(good, {}, 1000), (Readiness{true, {}, 0}));
    for (const Row& row : rows) {
        Conditions now = good;
        row.spoil(now);
        const Readiness readiness = judge(now, {}, 1000);
        EXPECT_FALSE(readiness.ready) << row.reason;
        ASSERT_EQ(readiness.reasons.size(), 1u) << row.reason;
        EXPECT_NE(readiness.reasons[0].find(row.reason), std::string::npos) << readiness.reasons[0];
        EXPECT_EQ(readiness.retry_after_s, 600u);
        EXPECT_TRUE(as_result(readiness).error().is(faults::not_ready));
    }
    EXPECT_TRUE(as_result(judge(good, {}, 1000)));
}

TEST(Readiness, ComesBackFromJsonAsItWasAndRefusesTooMuch) {
    const Readiness no{false, {"a", "b"}, 60};
    EXPECT_EQ(readiness_from_json(to_json(no)), no);
    EXPECT_EQ(reasons_in_one_sentence(no), "a; b");
    Readiness chatty{false, std::vector<std::string>(reasons_max + 1, "x"), 60};
    EXPECT_TRUE(readiness_from_json(to_json(chatty)).error().is(faults::too_much));
    chatty.reasons = {std::string(sentence_size_max + 1, 'x')};
    EXPECT_TRUE(readiness_from_json(to_json(chatty)).error().is(faults::too_much));
}

Description demo_car() {
    const HardwareId hardware = *HardwareId::parse("BRAKE-A");
    return {*Vin::parse("VIN01"),
            {{"chassis", ecu("ECU_091"), "127.0.0.91", 13400}},
            {{"chassis-can", "chassis"}},
            {{ecu("ECU_011"), hardware, Link::can_fd, "", 0, "chassis-can"},
             {ecu("ECU_012"), hardware, Link::doip, "127.0.0.12", 13400, ""}}};
}

TEST(Description, KnowsTheWayToEveryEcu) {
    const Description car = demo_car();
    ASSERT_TRUE(car.check());
    EXPECT_EQ(car.route_to(ecu("ECU_011")), (Route{"127.0.0.91", 13400, 0x0011, ecu("ECU_091")}));
    EXPECT_EQ(car.route_to(ecu("ECU_012")), (Route{"127.0.0.12", 13400, 0x0012, std::nullopt}));
    EXPECT_TRUE(car.route_to(ecu("ECU_099")).error().is(faults::bad_description));
}

TEST(Description, AZonalGatewayThatTakesUpdatesIsAnEcuWhereItsZoneIs) {
    Description car = demo_car();
    const EcuDescription own{ecu("ECU_091"), *HardwareId::parse("ZGW"), Link::doip, "127.0.0.91", 13400, ""};
    car.ecus.push_back(own);
    ASSERT_TRUE(car.check()) << car.check().error().str();
    EXPECT_EQ(car.route_to(ecu("ECU_091")), (Route{"127.0.0.91", 13400, 0x0091, std::nullopt}));
    EXPECT_EQ(car.zone_of(ecu("ECU_091"))->name, "chassis");
    EXPECT_EQ(car.zone_of(ecu("ECU_012")), nullptr);
    car.ecus.back().host = "127.0.0.92";
    EXPECT_TRUE(car.check().error().is(faults::ambiguous)) << "another entity of the same name";
    car.ecus.back() = {ecu("ECU_091"), own.hardware, Link::can_fd, "", 0, "chassis-can"};
    EXPECT_TRUE(car.check().error().is(faults::ambiguous)) << "on its own bus";
}

TEST(Description, RefusesWhatContradictsItself) {
    Description twice = demo_car();
    twice.ecus.push_back(twice.ecus[0]);
    EXPECT_TRUE(twice.check().error().is(faults::ambiguous));

    Description no_bus = demo_car();
    no_bus.buses.clear();
    EXPECT_TRUE(no_bus.check().error().is(faults::bad_description));

    Description no_zone = demo_car();
    no_zone.zones.clear();
    EXPECT_TRUE(no_zone.check().error().is(faults::bad_description));

    Description no_host = demo_car();
    no_host.ecus[1].host.clear();
    EXPECT_TRUE(no_host.check().error().is(faults::bad_description));

    Description crowd = demo_car();
    crowd.ecus.resize(ecus_max, crowd.ecus[0]);
    EXPECT_TRUE(crowd.check().error().is(faults::too_much));
}

TEST(Limits, AWholeNumberMayBeNegativeButNotOutOfRange) {
    const json::Object from{{"t", -20}, {"u", "x"}};
    EXPECT_EQ(integer(from, "t", -40, 100), -20);
    EXPECT_TRUE(integer(from, "t", -10, 100).error().is(pitstop::faults::wrong_type));
    EXPECT_TRUE(integer(from, "u", -10, 100).error().is(pitstop::faults::wrong_type));
    EXPECT_TRUE(integer(from, "v", -10, 100).error().is(pitstop::faults::missing_member));
}

}  // namespace
}  // namespace pitstop::vehicle
