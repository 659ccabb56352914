// What vehicles report, judged and kept: without sockets, with real keys, a real database and a real loop.
#include "apps/server/manifests.h"
#include "apps/server/cloud_on_the_desk.h"
#include "apps/server/faults.h"
#include "apps/server/manifest_view.h"
#include "core/uptane/faults.h"
#include "core/uptane/fleet_on_the_desk.h"

#include <boost/json/serialize.hpp>
#include <fstream>

namespace pitstop::server {
namespace {

namespace fleet = uptane::desk;
using uptane::Verdict;

const Vin car = desk::car;
const Principal boss{Role::release_manager, "boss", std::nullopt};

class Manifests : public testing::Test {
protected:
    void restart() {
        manifests_.reset();
        cloud_.open();
        manifests_.emplace(loop_, *cloud_.database, *cloud_.audit, registry_);
    }
    void register_keys(const uptane::RegisteredKeys& keys = fleet::registered()) {
        const std::string body = boost::json::serialize(to_json(keys));
        const auto registered = manifests_->register_keys(car, view_of(body), boss, fleet::now);
        ASSERT_TRUE(registered) << registered.error().str();
    }
    io::Task<uptane::JudgedManifest> judge_and_keep(const Bytes& file) {
        CO_TRY(const auto stored, manifests_->stored(car));
        CO_TRY(auto judgement, judge(stored, file, fleet::now));
        co_return co_await manifests_->keep(std::move(judgement));
    }
    Result<uptane::JudgedManifest> hand_in(const uptane::Manifest& manifest) {
        return io::complete(loop_, judge_and_keep(fleet::signed_manifest(manifest)));
    }
    json::Object shown() { return *manifests_->show_manifest(car); }
    std::string audited() {
        std::ifstream file(cloud_.folder / "audit.log");
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static std::size_t count(const std::string& text, std::string_view what) {
        std::size_t found = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
        return found;
    }

    desk::Cloud cloud_{fleet::now};
    io::Loop loop_;
    io::metrics::Registry registry_;
    std::optional<ManifestDesk> manifests_{std::in_place, loop_, *cloud_.database, *cloud_.audit, registry_};
};

TEST_F(Manifests, AreKeptAndShownAndSurviveARestart) {
    register_keys();
    const auto kept = hand_in(fleet::manifest(3));
    ASSERT_TRUE(kept) << kept.error().str();
    EXPECT_EQ(kept->verdict, Verdict::accepted);
    restart();
    EXPECT_EQ(shown()["counter"], 3);
    EXPECT_EQ(shown()["ecus"].as_array().size(), 2U);
    EXPECT_EQ(shown()["ecus"].as_array()[0].at("installed").at("version"), "1.0.0");
    EXPECT_EQ(shown()["refused"], nullptr);
    EXPECT_TRUE(hand_in(fleet::manifest(3)).error().is(uptane::faults::counter_reused))
        << "reports that were signed again are other words";
}

TEST_F(Manifests, AreRefusedWhenTheyAreOldAlsoAfterARestart) {
    register_keys();
    ASSERT_TRUE(hand_in(fleet::manifest(3)));
    restart();
    EXPECT_TRUE(hand_in(fleet::manifest(2)).error().is(uptane::faults::counter_back));
    EXPECT_EQ(shown()["counter"], 3);
    EXPECT_EQ(shown()["refused"].at("code"), "uptane.counter-back");
    EXPECT_EQ(count(audited(), "uptane.counter-back"), 1U);
    EXPECT_TRUE(hand_in(fleet::manifest(2)).error().is(uptane::faults::counter_back));
    EXPECT_EQ(count(audited(), "uptane.counter-back"), 1U) << "written down once an hour";
    EXPECT_EQ(shown()["refused"].at("count"), 2);
    EXPECT_TRUE(hand_in(fleet::manifest(4))) << "the next honest one is taken";
}

TEST_F(Manifests, OfTheSameBytesHaveOneEffect) {
    register_keys();
    const Bytes file = fleet::signed_manifest(fleet::manifest(3));
    EXPECT_EQ(io::complete(loop_, judge_and_keep(file))->verdict, Verdict::accepted);
    EXPECT_EQ(io::complete(loop_, judge_and_keep(file))->verdict, Verdict::repeated);
}

TEST_F(Manifests, ThatCrossAreNotBothTaken) {
    register_keys();
    const auto stored = *manifests_->stored(car);
    const auto judged = [&](std::uint64_t counter) {
        return *judge(stored, fleet::signed_manifest(fleet::manifest(counter)), fleet::now);
    };
    ASSERT_TRUE(io::complete(loop_, manifests_->keep(judged(2))));
    EXPECT_TRUE(io::complete(loop_, manifests_->keep(judged(1))).error().is(faults::manifest_outdated));
    EXPECT_EQ(shown()["counter"], 2);
}

TEST_F(Manifests, OfOthersAreKeptWhenOneCannotBe) {
    register_keys();
    const auto stored = *manifests_->stored(car);
    Judgement good = *judge(stored, fleet::signed_manifest(fleet::manifest(2)), fleet::now);
    Judgement bad = good;
    bad.history_before = "another";
    std::optional<Result<uptane::JudgedManifest>> of_bad;
    loop_.spawn("bad", [](ManifestDesk& desk, Judgement one, auto& outcome) -> io::Task<void> {
        outcome = co_await desk.keep(std::move(one));
        co_return Result<void>{};
    }(*manifests_, bad, of_bad));
    EXPECT_TRUE(io::complete(loop_, manifests_->keep(good)));
    EXPECT_EQ(shown()["counter"], 2);
    ASSERT_TRUE(of_bad);
    EXPECT_TRUE(of_bad->error().is(faults::manifest_outdated));
}

TEST_F(Manifests, ReportAttacksOnceInLogAndAuditLog) {
    register_keys();
    auto manifest = fleet::manifest(1);
    auto report = fleet::report_of(fleet::brake, 1);
    report.attacks = 2;
    report.previous_attack = uptane::AttackCode("uptane.rolled-back");
    ASSERT_TRUE(manifest.add_report(fleet::brake, fleet::signed_report(report)));
    manifest.reports[fleet::window] = "garbage";
    ASSERT_TRUE(hand_in(manifest));
    EXPECT_EQ(shown()["attacks"].as_array().size(), 1U);
    EXPECT_EQ(shown()["attacks"].as_array()[0].at("code"), "uptane.rolled-back");
    EXPECT_EQ(shown()["attacks"].as_array()[0].at("ecu_id"), "ECU_011");
    EXPECT_EQ(shown()["attacks"].as_array()[0].at("attacks"), 2);
    EXPECT_EQ(count(audited(), "ECU_011 uptane.rolled-back x2"), 1U);
    EXPECT_EQ(count(audited(), "ECU_021 base.wrong-type"), 1U);
    EXPECT_NE(registry_.render().find("pitstop_attacks_reported_total 2"), std::string::npos);

    auto next = fleet::manifest(2);
    report.counter = 2;
    ASSERT_TRUE(next.add_report(fleet::brake, fleet::signed_report(report)));
    next.reports[fleet::window] = "garbage";
    ASSERT_TRUE(hand_in(next));
    EXPECT_EQ(shown()["attacks"].as_array().size(), 1U);
    EXPECT_EQ(count(audited(), "ECU_021 base.wrong-type"), 1U) << "the same refusal is not written again";
}

TEST_F(Manifests, AreHeldBesideTheInventory) {
    register_keys();
    const auto report = fleet::report_of(fleet::brake, 1);
    vehicle::Inventory inventory{car, fleet::now, {}, {}};
    inventory.ecus.push_back({fleet::brake, report.hardware, report.installed.version, "S1", "P1", "", {}});
    const auto put = [&] {
        io::store::Store store(*cloud_.database);
        ASSERT_TRUE(store.vehicles.put({.vin = car,
                                        .inventory = boost::json::serialize(vehicle::to_json(inventory)),
                                        .inventory_at = fleet::now}));
    };
    put();
    ASSERT_TRUE(hand_in(fleet::manifest(1)));
    EXPECT_EQ(shown()["ecus"].as_array()[0].at("inventory"), "differs") << "another image is read than is signed for";
    EXPECT_EQ(shown()["ecus"].as_array()[1].at("inventory"), "unknown");
    inventory.ecus[0].active_image = report.installed.sha256;
    put();
    ASSERT_TRUE(hand_in(fleet::manifest(2)));
    EXPECT_EQ(shown()["ecus"].as_array()[0].at("inventory"), "agrees");
    inventory.ecus[0].hardware = *HardwareId::parse("BRK-9");
    put();
    ASSERT_TRUE(hand_in(fleet::manifest(3)));
    EXPECT_EQ(shown()["ecus"].as_array()[0].at("code"), "uptane.wrong-reporter");
}

TEST_F(Manifests, OfUnknownVehiclesAreNotShownAndOfUnregisteredOnesNotTaken) {
    EXPECT_TRUE(manifests_->show_manifest(car).error().is(faults::unknown_vehicle));
    EXPECT_TRUE(manifests_->show_keys(car).error().is(faults::unknown_vehicle));
    EXPECT_TRUE(hand_in(fleet::manifest(1)).error().is(uptane::faults::unregistered));
    EXPECT_NE(registry_.render().find(R"(pitstop_manifests_total{verdict="refused"} 1)"), std::string::npos);
}

TEST_F(Manifests, FollowAReplacedEcuThatCountsFromOneAgain) {
    register_keys();
    ASSERT_TRUE(hand_in(fleet::manifest(7)));
    auto keys = fleet::registered();
    keys.ecus[fleet::window] = {fleet::new_keys().classical.public_key()};
    register_keys(keys);
    auto manifest = fleet::manifest(8);
    crypto::Signer* const replaced = &fleet::new_keys().classical;
    ASSERT_TRUE(manifest.add_report(fleet::window,
                                    *uptane::sign_version_report(fleet::report_of(fleet::window, 1), {&replaced, 1})));
    ASSERT_TRUE(hand_in(manifest));
    EXPECT_EQ(shown()["ecus"].as_array()[1].at("verdict"), "accepted");
}

TEST_F(Manifests, RegisterKeysOnlyWhenTheyAreGoodAndWriteDownWho) {
    for (const std::string_view body : {"", "{}", R"({"primary":[],"ecus":{}})"})
        EXPECT_FALSE(manifests_->register_keys(car, view_of(body), boss, fleet::now)) << body;
    EXPECT_NE(audited().find("uptane.bad-registration"), std::string::npos);
    register_keys();
    EXPECT_EQ(manifests_->show_keys(car)->at("ecus").as_object().size(), 2U);
    EXPECT_EQ(count(audited(), R"("outcome":"done")"), 1U);
}

TEST(ManifestLine, StaysOneLineHoweverManyThereAre) {
    std::vector<uptane::AttackReport> many(30, {fleet::brake, uptane::AttackCode("uptane.wrong-hash"), 1});
    many.front().ecu.reset();
    EXPECT_LT(line_of(many).size(), 400U);
    EXPECT_TRUE(line_of(many).starts_with("gateway uptane.wrong-hash x1, ECU_011")) << line_of(many);
    EXPECT_TRUE(line_of(many).ends_with(", ..."));
    EXPECT_EQ(line_of_refused({}), "");
}

}  // namespace
}  // namespace pitstop::server
