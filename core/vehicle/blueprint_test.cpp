#include "core/vehicle/blueprint.h"

#include "core/vehicle/faults.h"

#include <gtest/gtest.h>
#include <set>

namespace pitstop::vehicle {
namespace {

EcuId ecu(std::uint32_t number) { return *EcuId::from_number(number); }

EcuPlan plan(std::uint32_t number, std::string bus) {
    return {ecu(number), "node", *HardwareId::parse("h"), {.bank_kib = 64, .sector_kib = 16}, std::move(bus)};
}

Blueprint car() {
    return {*Vin::parse("VIN01"),
            {{"body",
              ecu(91),
              {1, 0, 0},
              {{"body-can", BusKind::can, 500'000, 500'000}},
              {plan(1, "body-can"), plan(2, "")}},
             {"rear", ecu(92), {1, 0, 0}, {{"rear-fd", BusKind::can_fd, 500'000, 2'000'000}}, {plan(3, "rear-fd")}}}};
}

TEST(Blueprint, GivesTheGatewayItsDescription) {
    const Description described = car().description(4);
    ASSERT_TRUE(car().check());
    EXPECT_EQ(described.route_to(ecu(1)), (Route{"127.0.4.91", 13400, 0x0001, ecu(91)}));
    EXPECT_EQ(described.route_to(ecu(2)), (Route{"127.0.4.2", 13400, 0x0002, std::nullopt}));
    EXPECT_EQ(car().ecu_count(), 5u);
    EXPECT_EQ(car().reduced_to(1).ecu_count(), 3u);
    EXPECT_EQ(car().reduced_to(9), car());
}

TEST(Blueprint, AGatewayThatTakesUpdatesItselfIsCountedOnce) {
    Blueprint whole = car();
    whole.zones[0].own = plan(91, "");
    ASSERT_TRUE(whole.check()) << whole.check().error().str();
    EXPECT_EQ(whole.ecu_count(), 5u);
    const Description described = whole.description(4);
    EXPECT_EQ(described.ecus.size(), 4u);
    EXPECT_EQ(described.find(ecu(91))->host, "127.0.4.91");
    EXPECT_EQ(described.find(ecu(92)), nullptr);
    whole.zones[0].own->make.sector_kib = 7;
    EXPECT_TRUE(whole.check().error().is(faults::bad_description));
}

TEST(Blueprint, RefusesWhatContradictsItself) {
    const struct {
        const char* what;
        void (*spoil)(Blueprint&);
    } rows[] = {
        {"zone", [](Blueprint& it) { it.zones[1].name = "body"; }},
        {"bus twice", [](Blueprint& it) { it.zones[1].buses[0].name = "body-can"; }},
        {"bus of another zone", [](Blueprint& it) { it.zones[0].ecus[0].bus = "rear-fd"; }},
        {"data phase", [](Blueprint& it) { it.zones[1].buses[0].data_bits_per_s = 250'000; }},
        {"bank", [](Blueprint& it) { it.zones[0].ecus[0].make.bank_kib = 65; }},
        {"no bank", [](Blueprint& it) { it.zones[0].ecus[0].make = {}; }},
    };
    for (const auto& row : rows) {
        Blueprint spoilt = car();
        row.spoil(spoilt);
        const auto checked = spoilt.check();
        ASSERT_FALSE(checked) << row.what;
        EXPECT_TRUE(checked.error().is(faults::bad_description)) << row.what;
    }
    Blueprint twice = car();
    twice.zones[1].gateway = ecu(1);
    EXPECT_TRUE(twice.check().error().is(faults::ambiguous));
    EXPECT_TRUE(car().zone("roof").error().is(faults::bad_description));
    EXPECT_EQ((*car().zone("rear"))->gateway, ecu(92));
}

TEST(CanIds, NoTwoEcusShareOneAndAnswersWinTheArbitration) {
    std::set<std::uint32_t> taken;
    for (std::uint32_t number = 1; number <= 100; ++number) {
        const CanIds ids = can_ids_of(ecu(number));
        EXPECT_TRUE(taken.insert(ids.request).second && taken.insert(ids.response).second) << number;
        EXPECT_LT(ids.response, ids.request);
        EXPECT_LT(ids.request, 0x700u);
    }
}

}  // namespace
}  // namespace pitstop::vehicle
