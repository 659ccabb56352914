#include "apps/pitstop/campaign_view.h"

#include "apps/pitstop/faults.h"
#include "apps/pitstop/vehicle_view.h"

#include <gtest/gtest.h>

#include <sstream>

namespace pitstop::cli {
namespace {

json::Object parsed(std::string_view text) { return json::parse(view_of(text), 100'000).value().get_object(); }

json::Object campaign_with(std::string_view assignments) {
    return parsed(std::format(R"({{"id": "OTA-1", "assignments": [{}]}})", assignments));
}

constexpr std::string_view verified = R"({"vin": "CAR01", "phase": "verified", "events": []})";
constexpr std::string_view failed_one = R"({"vin": "CAR02", "phase": "failed", "events": []})";
constexpr std::string_view rolled_back = R"({"vin": "CAR03", "phase": "rolled_back", "events": []})";
constexpr std::string_view on_its_way = R"({"vin": "CAR04", "phase": "installing", "events": []})";
constexpr std::string_view declined = R"({"vin": "CAR05", "phase": "declined", "events": []})";

TEST(CampaignView, FollowsOnlyWhatIsAssigned) {
    const auto ended = has_ended(campaign_with(""));
    ASSERT_FALSE(ended);
    EXPECT_TRUE(ended.error().is(faults::nothing_to_follow));
}

TEST(CampaignView, EndsWhenEveryVehicleHasEnded) {
    EXPECT_FALSE(*has_ended(campaign_with(std::format("{}, {}", verified, on_its_way))));
    EXPECT_FALSE(*has_ended(campaign_with(R"({"vin": "CAR01", "phase": "waiting"})")));
    EXPECT_FALSE(*has_ended(campaign_with(R"({"vin": "CAR01", "phase": "of a newer server"})")));
    EXPECT_FALSE(*has_ended(campaign_with(R"({"vin": "CAR01"})")));
    EXPECT_TRUE(*has_ended(campaign_with(std::format("{}, {}, {}", verified, failed_one, declined))));
}

TEST(CampaignView, FailsWhenTheUpdateFailedAnywhere) {
    const auto ending = check_ending(campaign_with(std::format("{}, {}, {}", verified, failed_one, rolled_back)));
    ASSERT_FALSE(ending);
    EXPECT_TRUE(ending.error().is(faults::update_failed));
    EXPECT_EQ(ending.error().detail(), "2 of 3");
    EXPECT_TRUE(check_ending(campaign_with(std::format("{}, {}", verified, declined))));
}

TEST(CampaignView, GivesEachEventOnceInTheOrderInWhichTheyHappened) {
    Following following;
    const json::Object first = campaign_with(
        R"({"vin": "CAR01", "events": [{"id": 1, "phase": "assigned"}, {"id": 4, "phase": "notified"}]},
           {"vin": "CAR02", "events": [{"id": 2, "phase": "assigned"}]})");
    std::vector<std::uint64_t> ids;
    for (const json::Object* event : following.look(first)) ids.push_back(*json::number(*event, "id", 100));
    EXPECT_EQ(ids, (std::vector<std::uint64_t>{1, 2, 4}));
    EXPECT_TRUE(following.look(first).empty());

    // CAR02's own last event has a lower id than CAR01's: it is new all the same.
    const json::Object second = campaign_with(
        R"({"vin": "CAR01", "events": [{"id": 1}, {"id": 4}]}, {"vin": "CAR02", "events": [{"id": 2}, {"id": 3}]})");
    const auto fresh = following.look(second);
    ASSERT_EQ(fresh.size(), 1U);
    EXPECT_EQ(*json::number(*fresh[0], "id", 100), 3U);
}

TEST(CampaignView, PrintsAnEventAsOneLine) {
    std::ostringstream out;
    print_event(parsed(R"({"id": 1, "time": "2026-11-20T10:19:30Z", "vin": "CAR01", "phase": "failed",
                           "ecu_id": "ECU_011", "percent": 40, "code": "uds.refused", "detail": "no\n\u001b[2Jpower"})"),
                out);
    EXPECT_EQ(out.str(),
              "2026-11-20T10:19:30Z  CAR01              failed       ECU_011  40 %  uds.refused  no??[2Jpower\n");
}

TEST(CampaignView, SaysWhichVehiclesWereRefused) {
    std::ostringstream out;
    const auto told = print_outcomes(parsed(R"({"vehicles": [{"vin": "CAR01", "phase": "assigned"},
                                {"vin": "CAR02", "code": "server.vehicle-busy", "detail": "server.vehicle-busy: OTA-0"}]})"),
                                     out);
    ASSERT_FALSE(told);
    EXPECT_TRUE(told.error().is(faults::vehicles_refused));
    EXPECT_EQ(told.error().detail(), "1 of 2");
    EXPECT_EQ(out.str(), "CAR01              assigned\nCAR02              refused: server.vehicle-busy: OTA-0\n");
    EXPECT_TRUE(print_outcomes(parsed(R"({"vehicles": [{"vin": "CAR01", "phase": "assigned"}]})"), out));
}

TEST(CampaignView, ShowsACampaignBeforeItsPackageIsThere) {
    std::ostringstream out;
    print_campaign(parsed(R"({"id": "OTA-1", "title": "T", "priority": "minor", "created": "2026-11-20T10:19:30Z",
        "package": null, "targets": [{"ecu_id": "ECU_011", "hardware_id": "BRK-2", "version": "1.1.0", "size_bytes": 9}],
        "summary": {"total": 1, "waiting": 1},
        "assignments": [{"vin": "CAR01", "phase": "waiting", "updated": "x", "code": "vehicle.not-ready"}]})"),
                   out);
    for (const char* part : {"not uploaded yet", "BRK-2", "total 1  waiting 1", "CAR01", "vehicle.not-ready"})
        EXPECT_TRUE(out.str().contains(part)) << part << "\n" << out.str();
    out.str("");
    print_campaigns(parsed(R"({"campaigns": [{"id": "OTA-1", "package": {"size_bytes": 12}}, {"id": "OTA-2"}]})"), out);
    EXPECT_TRUE(out.str().contains("none yet") && out.str().contains("12")) << out.str();
}

TEST(VehicleView, ShowsChannelsEcusAndThoseThatAreMissing) {
    const json::Object vehicle = parsed(R"({"vin": "CAR01", "last_seen": "2026-11-20T10:19:30Z",
        "channels": {"mqtt": {"group": "X25519MLKEM768", "signature": "ecdsa", "cipher": "AES"}, "https": null},
        "inventory": {"ecus": [{"ecu_id": "ECU_011", "version": "1.1.0", "image_sha256": "be02"}],
                      "missing": [{"ecu_id": "ECU_012", "code": "uds.no-answer"}]},
        "assignments": [{"campaign_id": "OTA-1", "phase": "verified"}]})");
    std::ostringstream out;
    print_vehicle(vehicle, out);
    for (const char* part : {"X25519MLKEM768", "ECU_011  1.1.0", "sha256 be02",
                             "ECU_012  does not answer: uds.no-answer", "OTA-1", "verified"})
        EXPECT_TRUE(out.str().contains(part)) << part << "\n" << out.str();
    out.str("");
    print_vehicles({{"vehicles", json::Array{vehicle, parsed(R"({"vin": "NEVERREAD", "inventory": null})")}}}, out);
    EXPECT_TRUE(out.str().contains("ECU_011 1.1.0")) << out.str();
    EXPECT_TRUE(out.str().contains("NEVERREAD          -")) << out.str();
}

}  // namespace
}  // namespace pitstop::cli
