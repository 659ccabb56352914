#include "core/uptane/match.h"
#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

constexpr std::string_view brake = "BRK-2/ECU_011-1.1.0.img", light = "BRK-2/ECU_012-1.1.0.img";
const Vin vin = *Vin::parse("VIN01");

std::vector<VehicleEcu> ecus() {
    const HardwareId hardware = *HardwareId::parse("BRK-2");
    return {{*EcuId::parse("ECU_012"), hardware, {1, 0, 0, 0}, 5},
            {*EcuId::parse("ECU_011"), hardware, {1, 0, 0, 0}, 4}};
}

TrustSet director_says(std::vector<NamedTarget> assignments, const Vin& to = vin) {
    TrustSet set = trust(Repository::director);
    EXPECT_TRUE(accept(set, published(*direct(to, assignments, {1, later}), 1)));
    return set;
}

TrustSet images() {
    const std::vector<NamedTarget> all{named(brake, image("brake")), named(light, image("light"))};
    TrustSet set = trust(Repository::image);
    EXPECT_TRUE(accept(set, published(*make_targets(nullptr, all, {1, later}), 1)));
    return set;
}

Result<std::vector<TrustedTarget>> matched(std::vector<NamedTarget> assignments) {
    return match(vin, ecus(), director_says(std::move(assignments)), images());
}

TEST(Match, RefusesAnotherVehiclesTargets) {
    const TrustSet director = director_says({}, *Vin::parse("VIN02"));
    EXPECT_TRUE(match(vin, ecus(), director, images()).error().is(faults::wrong_vin));
}

// Genuine, signed by the right keys, with a higher version: nothing of it may be remembered.
TEST(TrustSet, RefusesAnotherVehiclesDirectorFilesBeforeItRemembersThem) {
    const Publication other = published(*direct(*Vin::parse("VIN02"), {}, {9, later}), 9);
    const Publication ours = published(*direct(vin, {}, {1, later}), 1);
    TrustSet set = *TrustSet::from_root(Repository::director, ReceivedRoot{root_file()}, {.vin = vin});
    EXPECT_TRUE(accept(set, other).error().is(faults::wrong_vin));
    EXPECT_TRUE(set.remembered(Role::timestamp).empty());
    ASSERT_TRUE(set.accept_timestamp(ReceivedTimestamp{ours.timestamp}, now));
    Publication nobodys = published(image_targets(), 1);  // without a VIN
    EXPECT_TRUE(accept(set, nobodys).error().is(faults::bad_member));
    EXPECT_TRUE(accept(set, ours));
}

TEST(Match, RefusesTargetsThatWereNotAcceptedInThisCycle) {
    TrustSet director = director_says({});
    director.start_cycle();
    EXPECT_TRUE(match(vin, ecus(), director, images()).error().is(faults::out_of_order));
    EXPECT_TRUE(match(vin, ecus(), director_says({}), trust(Repository::image)).error().is(faults::out_of_order));
    EXPECT_TRUE(match(vin, ecus(), images(), images()).error().is(faults::out_of_order));
}

TEST(Match, RefusesAnEcuThatTheVehicleDoesNotHave) {
    EXPECT_TRUE(matched({for_ecu(brake, image("brake"), "ECU_013")}).error().is(faults::unknown_ecu));
}

TEST(Match, RefusesAnImageThatTheImageRepositoryDoesNotKnow) {
    EXPECT_TRUE(matched({for_ecu("BRK-2/ECU_011-9.9.9.img", image("brake"), "ECU_011")})
                    .error()
                    .is(faults::not_in_image_repository));
}

TEST(Match, RefusesEveryDifferenceBetweenTheRepositories) {
    const auto disagree = [](auto change) {
        TargetInfo info = image("brake");
        change(info);
        const auto result = matched({for_ecu(brake, info, "ECU_011")});
        return !result && result.error().is(faults::repositories_disagree);
    };
    EXPECT_TRUE(disagree([](TargetInfo& info) { info.length_bytes += 1; }));
    EXPECT_TRUE(disagree([](TargetInfo& info) { (*info.sha256)[0] ^= 1; }));
    EXPECT_TRUE(disagree([](TargetInfo& info) { (*info.sha512)[63] ^= 1; }));
    EXPECT_TRUE(disagree([](TargetInfo& info) { info.version.patch += 1; }));
    EXPECT_TRUE(disagree([](TargetInfo& info) { info.release_counter += 1; }));
}

TEST(Match, RefusesAnImageForOtherHardwareInEitherRepository) {
    std::vector<VehicleEcu> vehicle = ecus();
    vehicle[1].hardware = *HardwareId::parse("BRK-3");
    const auto by_both = match(vin, vehicle, director_says({for_ecu(brake, image("brake"), "ECU_011")}), images());
    EXPECT_TRUE(by_both.error().is(faults::wrong_hardware));

    TargetInfo info = image("brake");
    info.hardware.push_back(*HardwareId::parse("BRK-3"));  // the Director alone cannot widen it
    const auto by_image = match(vin, vehicle, director_says({for_ecu(brake, info, "ECU_011")}), images());
    EXPECT_TRUE(by_image.error().is(faults::wrong_hardware));

    info.hardware = {*HardwareId::parse("BRK-3")};
    EXPECT_TRUE(matched({for_ecu(brake, info, "ECU_011")}).error().is(faults::wrong_hardware));
}

TEST(Match, RefusesAReleaseCounterThatGoesBack) {
    std::vector<VehicleEcu> vehicle = ecus();
    vehicle[1].release_counter = 6;
    const auto result = match(vin, vehicle, director_says({for_ecu(brake, image("brake"), "ECU_011")}), images());
    EXPECT_TRUE(result.error().is(faults::release_counter_back));
}

TEST(Match, RefusesTheWholeForOneBadTarget) {
    EXPECT_FALSE(matched({for_ecu(brake, image("brake"), "ECU_011"), for_ecu(light, image("other"), "ECU_012")}));
}

TEST(Match, GivesTheTrustedTargetsInTheOrderOfEcus) {
    const auto result = matched({for_ecu(light, image("light"), "ECU_011"), for_ecu(brake, image("brake"), "ECU_012")});
    ASSERT_TRUE(result) << result.error().str();
    ASSERT_EQ(result->size(), 2U);
    EXPECT_EQ(result->at(0).ecu.number(), 11);
    EXPECT_EQ(result->at(0).name.view(), light);
    EXPECT_EQ(result->at(0).sha256, crypto::sha256(view_of("light")));
    EXPECT_EQ(result->at(1).sha512, crypto::sha512(view_of("brake")));
    EXPECT_EQ(result->at(1).release_counter, 5U);  // equal to the installed one
    EXPECT_EQ(result->at(1).hardware.view(), "BRK-2");
}

TEST(Match, TakesNothingToDoForAnAnswer) {
    const auto result = matched({});
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->empty());
}

}  // namespace
}  // namespace pitstop::uptane
