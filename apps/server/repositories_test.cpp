#include "apps/server/cloud_on_the_desk.h"
#include "apps/server/faults.h"
#include "apps/server/metadata_name.h"
#include "core/uptane/faults.h"
#include "core/uptane/match.h"

namespace pitstop::server {
namespace {

using desk::Cloud;
using uptane::Repository;
using uptane::Role;
using uptane::TrustSet;

const UtcTime now = uptane::desk::now;

TEST(MetadataName, IsOnlyWhatUptaneWrites) {
    EXPECT_EQ(MetadataName::parse("7.root.json")->version, 7U);
    EXPECT_EQ(MetadataName::parse("timestamp.json")->role, Role::timestamp);
    EXPECT_EQ(MetadataName::parse("7.supplier-1.json")->delegated, "supplier-1");
    EXPECT_EQ(MetadataName::parse("7.supplier-1.json")->version, 7U);
    EXPECT_EQ(MetadataName::parse("7.targets.json")->delegated, "");
    for (const char* bad :
         {"", "root.json", "0.root.json", "07.root.json", "+7.root.json", "7.root.json ", "7.timestamp.json",
          "../7.root.json", "99999999999.targets.json", "-1.targets.json", "7..json", "7.json", "7.a/b.json",
          "7..hidden.json", "07.supplier.json", "7.supplier.json.json ", "7.root.json.gz"})
        EXPECT_FALSE(MetadataName::parse(bad)) << bad;
}

class Repositories : public testing::Test {
protected:
    Cloud cloud_{now};
    desk::Built built_ = desk::build_package(now);

    // A vehicle's cycle against what the server hands out.
    Result<TrustSet> vehicle_cycle(const std::function<Result<std::string>(std::string)>& fetch, Repository which,
                                   UtcTime at) {
        TRY(const auto root, fetch("1.root.json"));
        TRY(auto trust, TrustSet::from_root(which, uptane::ReceivedRoot{view_of(root)}));
        trust.start_cycle();
        TRY(const auto timestamp, fetch("timestamp.json"));
        ENSURE(trust.accept_timestamp(uptane::ReceivedTimestamp{view_of(timestamp)}, at));
        TRY(const auto snapshot, fetch(uptane::file_name(Role::snapshot, trust.timestamp()->snapshot.version)));
        ENSURE(trust.accept_snapshot(uptane::ReceivedSnapshot{view_of(snapshot)}, at));
        TRY(const auto targets, fetch(uptane::file_name(Role::targets, trust.snapshot()->targets().version)));
        ENSURE(trust.accept_targets(uptane::ReceivedTargets{view_of(targets)}, at));
        return trust;
    }
    Result<TrustSet> director_cycle(const Vin& vin, UtcTime at = now) {
        return vehicle_cycle([&](const std::string& file) { return cloud_.director->file(vin, file, at); },
                             Repository::director, at);
    }
    Result<TrustSet> image_cycle() {
        return vehicle_cycle([&](const std::string& file) { return cloud_.images->file(file); }, Repository::image,
                             now);
    }
    [[nodiscard]] uptane::NamedTarget directed() const {
        auto target = Cloud::named(built_);
        target.info.ecu = desk::brake;
        return target;
    }
};

TEST_F(Repositories, ShowNoTargetsBeforeTheirTimestampWasAccepted) {
    const auto target = Cloud::named(built_);
    const auto files = cloud_.publication(std::span(&target, 1));
    EXPECT_EQ(cloud_.images->put("1.targets.json", files.targets, now), Visibility::waiting);
    EXPECT_TRUE(cloud_.images->file("1.targets.json").error().is(faults::unknown_file));
    EXPECT_TRUE(cloud_.images->put("timestamp.json", files.timestamp, now).error().is(faults::file_missing));
    EXPECT_EQ(cloud_.images->put("1.snapshot.json", files.snapshot, now), Visibility::waiting);
    EXPECT_EQ(cloud_.images->put("timestamp.json", files.timestamp, now), Visibility::visible);
    EXPECT_EQ(*cloud_.images->file("1.targets.json"), text_of(files.targets));
    EXPECT_TRUE(image_cycle());
}

TEST_F(Repositories, RefuseFilesSignedByOneFamilyOnlyExpiredOrOlder) {
    cloud_.publish(built_);
    const auto target = Cloud::named(built_);
    const auto root = cloud_.image_root();
    const auto only_classical =
        uptane::sign(uptane::to_json(*uptane::make_targets(nullptr, std::span(&target, 1), {2, cloud_.expires()})),
                     std::vector<crypto::Signer*>{&uptane::desk::keys_of(Role::targets).classical});
    EXPECT_TRUE(
        cloud_.images->put("2.targets.json", *only_classical, now).error().is(uptane::faults::post_quantum_missing));
    const auto second = cloud_.publication(std::span(&target, 1), 2);
    ASSERT_TRUE(cloud_.images->put("2.targets.json", second.targets, now) &&
                cloud_.images->put("2.snapshot.json", second.snapshot, now));
    EXPECT_TRUE(
        cloud_.images->put("timestamp.json", second.timestamp, cloud_.expires()).error().is(uptane::faults::expired));
    ASSERT_TRUE(cloud_.images->put("timestamp.json", second.timestamp, now));
    const auto first = cloud_.publication(std::span(&target, 1), 1);
    EXPECT_TRUE(cloud_.images->put("timestamp.json", first.timestamp, now).error().is(uptane::faults::rolled_back));
    EXPECT_TRUE(image_cycle());
}

TEST_F(Repositories, KeepTheirTrustAcrossARestart) {
    cloud_.publish(built_);
    cloud_.open();
    EXPECT_TRUE(image_cycle());
    EXPECT_EQ(*cloud_.images->target(desk::target_name)->info.sha256, built_.metadata.records.front().sha256);
    EXPECT_TRUE(cloud_.images->target(*TargetName::parse("BRK-2/absent.img")).error().is(faults::not_published));
}

TEST_F(Repositories, DirectorTellsEveryVehicleItsOwnNameAlsoWhenThereIsNothingForIt) {
    for (const Vin& vin : {desk::car, desk::other_car}) {
        const auto trust = director_cycle(vin);
        ASSERT_TRUE(trust) << trust.error().str();
        EXPECT_EQ(trust->targets()->vin, vin);
        EXPECT_TRUE(trust->targets()->targets.empty());
    }
}

TEST_F(Repositories, DirectorSignsNothingWhileNothingChanges) {
    const auto target = directed();
    cloud_.direct(desk::car, std::span(&target, 1));
    const auto before = cloud_.director->file(desk::car, "timestamp.json", now);
    cloud_.direct(desk::car, std::span(&target, 1));
    EXPECT_EQ(*cloud_.director->file(desk::car, "timestamp.json", now + std::chrono::days(1)), *before);
}

TEST_F(Repositories, DirectorSignsAnewBeforeItsFilesExpire) {
    const auto target = directed();
    cloud_.direct(desk::car, std::span(&target, 1));
    for (int day = 0; day < 29; day += 2) {
        const UtcTime at = now + std::chrono::days(day);
        const auto trust = director_cycle(desk::car, at);
        ASSERT_TRUE(trust) << day << ": " << trust.error().str();
        EXPECT_GT(trust->timestamp()->expires, at + std::chrono::days(3)) << day;
        EXPECT_EQ(trust->targets()->targets.size(), 1U);
    }
}

TEST_F(Repositories, DirectorWithdrawsWhatItDirected) {
    const auto target = directed();
    cloud_.direct(desk::car, std::span(&target, 1));
    EXPECT_EQ(director_cycle(desk::car)->targets()->targets.size(), 1U);
    cloud_.change([&] { return cloud_.director->withdraw(desk::car, std::span(&target.name, 1)); });
    EXPECT_TRUE(director_cycle(desk::car)->targets()->targets.empty());
    EXPECT_EQ(director_cycle(desk::car)->targets()->version, 2U);
}

TEST_F(Repositories, DirectorSignsManyCarsWithOneSignatureAndFewOneByOne) {
    const auto target = directed();
    const auto is_batch = [&](const Vin& vin) {
        return cloud_.director->file(vin, "1.targets.json", now)->find(R"("batch")") != std::string::npos;
    };
    for (const std::size_t count : {batch_vehicles_min - 1, batch_vehicles_min, std::size_t{50}}) {
        std::vector<Vin> cars;
        for (std::size_t i = 0; i < count; ++i) cars.push_back(*Vin::parse(std::format("CAR{:03}X{:03}", count, i)));
        cloud_.change([&]() -> Result<void> {
            for (const Vin& vin : cars) ENSURE(cloud_.director->direct(vin, std::span(&target, 1)));
            return {};
        });
        for (const Vin& vin : cars) {
            const auto trust = director_cycle(vin);
            ASSERT_TRUE(trust) << vin.view() << ": " << trust.error().str();
            EXPECT_EQ(trust->targets()->vin, vin);
            EXPECT_EQ(trust->targets()->targets.size(), 1U);
            EXPECT_EQ(is_batch(vin), count >= batch_vehicles_min);
        }
    }
}

TEST_F(Repositories, DirectorTakesBackWhatNoLongerFitsTheCar) {
    const auto target = directed();
    cloud_.direct(desk::car, std::span(&target, 1));
    cloud_.change([&] { return cloud_.director->keep_only(desk::car, [](const auto&) { return true; }); });
    EXPECT_EQ(director_cycle(desk::car)->targets()->version, 1U);
    cloud_.change([&] { return cloud_.director->keep_only(desk::car, [](const auto&) { return false; }); });
    EXPECT_TRUE(director_cycle(desk::car)->targets()->targets.empty());
}

TEST_F(Repositories, DirectorSaysNothingThatItsTransactionDidNotKeep) {
    const auto target = directed();
    const auto kept = cloud_.database->transaction([&]() -> Result<void> {
        ENSURE(cloud_.director->direct(desk::car, std::span(&target, 1)));
        ENSURE(cloud_.director->sign_changes(now));
        ENSURE(cloud_.director->direct(desk::other_car, std::span(&target, 1)));
        return fail(faults::vehicle_busy);
    });
    EXPECT_FALSE(kept);
    cloud_.director->forget_changes();
    cloud_.change([] { return Result<void>{}; });
    for (const Vin& vin : {desk::car, desk::other_car})
        EXPECT_TRUE(director_cycle(vin)->targets()->targets.empty()) << vin.view();
}

TEST_F(Repositories, AgreeSoThatAVehicleFindsItsImage) {
    cloud_.publish(built_);
    const auto target = directed();
    cloud_.direct(desk::car, std::span(&target, 1));
    const auto director = director_cycle(desk::car), image = image_cycle();
    ASSERT_TRUE(director && image);
    const std::vector<uptane::VehicleEcu> ecus{{desk::brake, desk::hardware, {1, 0, 0}, 4}};
    const auto matched = uptane::match(desk::car, ecus, *director, *image);
    ASSERT_TRUE(matched) << matched.error().str();
    EXPECT_EQ(matched->front().sha256, built_.metadata.records.front().sha256);
}

TEST_F(Repositories, EndTheChainOfRootsWithNotThere) {
    EXPECT_TRUE(cloud_.director->file(desk::car, "2.root.json", now).error().is(faults::unknown_file));
    EXPECT_TRUE(cloud_.images->file("2.root.json").error().is(faults::unknown_file));
}

TEST(Director, NeedsItsRoot) {
    Cloud cloud(now);
    EXPECT_TRUE(Director::open(cloud.folder / "absent", desk::online_keys(), *cloud.database)
                    .error()
                    .is(faults::no_director_root));
}

}  // namespace
}  // namespace pitstop::server
