#include "core/campaign/resolve.h"

#include "core/campaign/faults.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <algorithm>
#include <map>
#include <set>

namespace pitstop::campaign {
namespace {

EcuId ecu(unsigned number) { return *EcuId::from_number(number); }
const HardwareId brake_a = *HardwareId::parse("BRAKE-A"), brake_b = *HardwareId::parse("BRAKE-B");

Sha256Digest digest_of(const Version& version) {
    Sha256Digest digest{};
    digest[0] = static_cast<std::uint8_t>(version.major);
    digest[1] = static_cast<std::uint8_t>(version.minor);
    return digest;
}

Target image(unsigned number, Version version, std::uint32_t counter = 1, Constraints constraints = {}) {
    return {
        ecu(number),           brake_a, *TargetName::parse("BRAKE-A/x.img"), version, counter, digest_of(version), 1000,
        std::move(constraints)};
}
vehicle::EcuReport runs(unsigned number, Version version, const HardwareId& hardware = brake_a) {
    return {ecu(number), hardware, version, "", "", "", digest_of(version), vehicle::Link::doip};
}
vehicle::Inventory car(std::vector<vehicle::EcuReport> ecus, std::vector<vehicle::MissingEcu> missing = {}) {
    return {*Vin::parse("VIN01"), {1000}, std::move(ecus), std::move(missing)};
}
Constraints needs(const char* text) { return {*version_ranges_from(text), {}}; }
Constraints cannot_stand(const char* text) { return {{}, *version_ranges_from(text)}; }

// The codes of all obstacles, and the ECUs they are about.
std::string said(const Resolution& resolution) {
    std::string text;
    for (const Obstacle& one : resolution.obstacles)
        text += std::string(one.error.code()) + (one.ecu ? " " + one.ecu->str() : "") + "\n";
    return text;
}
std::string judge(const std::vector<Target>& wanted, const vehicle::Inventory& inventory,
                  const std::vector<KnownImage>& known = {}) {
    return said(resolve(wanted, &inventory, known));
}

TEST(Resolve, AllowsWhatFits) { EXPECT_EQ(judge({image(11, {1, 1, 0})}, car({runs(11, {1, 0, 0})})), ""); }

TEST(Resolve, WaitsForAVehicleThatHasNotSaidWhatItCarries) {
    const Resolution resolution = resolve(std::vector{image(11, {1, 1, 0})}, nullptr, {});
    EXPECT_TRUE(resolution.must_wait());
    EXPECT_TRUE(resolution.obstacles.front().error.is(faults::no_inventory));
}

TEST(Resolve, WaitsForAnEcuThatDidNotAnswerAndRefusesOneThatIsNotThere) {
    const auto silent = car({runs(12, {1, 0, 0})}, {{ecu(11), "uds.no-answer", ""}});
    EXPECT_EQ(judge({image(11, {1, 1, 0})}, silent), "campaign.ecu-silent ECU_011\n");
    EXPECT_TRUE(resolve(std::vector{image(11, {1, 1, 0})}, &silent, {}).must_wait());
    EXPECT_EQ(judge({image(13, {1, 1, 0})}, silent), "campaign.unknown-ecu ECU_013\n");
    const auto both = resolve(std::vector{image(11, {1, 1, 0}), image(13, {1, 1, 0})}, &silent, {});
    EXPECT_FALSE(both.must_wait()) << "waiting would not help";
    EXPECT_TRUE(resolve(std::vector{image(12, {1, 1, 0}, 1, needs("ECU_011"))}, &silent, {}).must_wait());
    EXPECT_TRUE(resolve(std::vector{image(12, {1, 1, 0}, 1, cannot_stand("ECU_011"))}, &silent, {}).must_wait());
}

TEST(Resolve, RefusesOtherHardware) {
    EXPECT_EQ(judge({image(11, {1, 1, 0})}, car({runs(11, {1, 0, 0}, brake_b)})), "campaign.wrong-hardware ECU_011\n");
}

TEST(Resolve, NeverLetsAReleaseCounterGoBack) {
    const auto old = car({runs(11, {1, 2, 0})});
    const std::vector<KnownImage> known{{ecu(11), 7, {}}};
    EXPECT_EQ(judge({image(11, {1, 1, 0}, 6)}, old, known), "campaign.release-counter-back ECU_011\n");
    EXPECT_EQ(judge({image(11, {1, 1, 0}, 7)}, old, known), "");
    EXPECT_EQ(judge({image(11, {1, 1, 0}, 6)}, old), "") << "the ECU itself refuses what nobody here can know";
}

TEST(Resolve, TakesADependencyFromWhatIsInstalledOrFromWhatComesAlong) {
    const Target brake = image(11, {1, 1, 0}, 1, needs("ECU_012>=1.1.0<2.0.0"));
    EXPECT_EQ(judge({brake}, car({runs(11, {1, 0, 0}), runs(12, {1, 0, 0})})), "campaign.dependency-missing ECU_011\n");
    EXPECT_EQ(judge({brake}, car({runs(11, {1, 0, 0})})), "campaign.dependency-missing ECU_011\n");
    EXPECT_EQ(judge({brake}, car({runs(11, {1, 0, 0}), runs(12, {1, 1, 0})})), "");
    const auto both = car({runs(11, {1, 0, 0}), runs(12, {1, 0, 0})});
    EXPECT_EQ(judge({brake, image(12, {1, 1, 0})}, both), "");
    EXPECT_EQ(judge({brake, image(12, {2, 0, 0})}, both), "campaign.dependency-missing ECU_011\n");
}

TEST(Resolve, RefusesAConflict) {
    const Target brake = image(11, {1, 1, 0}, 1, cannot_stand("ECU_012<1.1.0"));
    const auto old = car({runs(11, {1, 0, 0}), runs(12, {1, 0, 0})});
    EXPECT_EQ(judge({brake}, old), "campaign.conflict ECU_011\n");
    EXPECT_EQ(judge({brake, image(12, {1, 1, 0})}, old), "");
    EXPECT_EQ(judge({brake}, car({runs(11, {1, 0, 0})})), "");
}

TEST(Resolve, HearsWhatTheImagesThatStaySay) {
    const auto two = car({runs(11, {1, 0, 0}), runs(12, {1, 0, 0}), runs(13, {1, 0, 0})});
    const std::vector<KnownImage> known{{ecu(12), 1, needs("ECU_011<2.0.0")}};
    EXPECT_EQ(judge({image(11, {2, 0, 0})}, two, known), "campaign.dependency-missing ECU_012\n");
    EXPECT_EQ(judge({image(11, {2, 0, 0}), image(12, {2, 0, 0})}, two, known), "");
    const std::vector<KnownImage> quarrel{{ecu(12), 1, needs("ECU_013>=9.0.0")}};
    EXPECT_EQ(judge({image(11, {2, 0, 0})}, two, quarrel), "") << "not this update's doing";
}

TEST(Resolve, NamesWhatRunsAlreadyAndAsksNothingOfIt) {
    const auto half = car({runs(11, {1, 1, 0}, brake_b), runs(12, {1, 0, 0})});
    const auto resolution =
        resolve(std::vector{image(11, {1, 1, 0}, 1, needs("ECU_099")), image(12, {1, 1, 0})}, &half, {});
    EXPECT_TRUE(resolution.possible()) << resolution.in_one_sentence();
    EXPECT_EQ(resolution.running, std::vector{ecu(11)});
}

TEST(Resolve, TellsEveryObstacleInOneSentence) {
    std::vector<Target> many;
    for (unsigned number = 1; number < 60; ++number) many.push_back(image(number, {1, 1, 0}));
    const auto nothing = car({});
    const auto resolution = resolve(many, &nothing, {});
    EXPECT_EQ(resolution.obstacles.size(), many.size());
    EXPECT_TRUE(resolution.in_one_sentence().starts_with("ECU_001; ECU_002"));
    EXPECT_LE(resolution.in_one_sentence().size(), Error::detail_size_max);
}

TEST(StillFits, AsksForTheEcuItsHardwareAndItsCounter) {
    const std::vector hardware{brake_a, brake_b};
    const auto one = car({runs(11, {1, 0, 0}, brake_b)}, {{ecu(12), "uds.no-answer", ""}});
    EXPECT_TRUE(still_fits(ecu(11), hardware, 3, one, {}));
    EXPECT_FALSE(still_fits(ecu(11), std::vector{brake_a}, 3, one, {}));
    EXPECT_TRUE(still_fits(ecu(11), hardware, 3, one, std::vector<KnownImage>{{ecu(11), 3, {}}}));
    EXPECT_FALSE(still_fits(ecu(11), hardware, 2, one, std::vector<KnownImage>{{ecu(11), 3, {}}}));
    EXPECT_TRUE(still_fits(ecu(12), hardware, 3, one, {})) << "silent is not gone";
    EXPECT_FALSE(still_fits(ecu(13), hardware, 3, one, {}));
}

// Small worlds, so that dependencies meet: five ECUs, six versions.
struct World {
    vehicle::Inventory inventory = car({});
    std::vector<Target> wanted;
    std::vector<KnownImage> known;
};

unsigned below(unsigned limit) { return *rc::gen::inRange(0U, limit); }

Constraints any_constraints() {
    Constraints constraints;
    for (auto* list : {&constraints.dependencies, &constraints.conflicts})
        for (unsigned count = below(8) < 5 ? 0 : 1; count > 0; --count) {
            const auto from = static_cast<std::uint16_t>(below(4));
            list->push_back({ecu(1 + below(5)), {from, 0, 0}, {}});
            if (below(2) == 0) list->back().below = Version{static_cast<std::uint16_t>(from + 1 + below(3)), 0, 0};
        }
    return constraints;
}

World any_world() {
    World world;
    for (unsigned number = 1; number <= 5; ++number) {
        const Version now{static_cast<std::uint16_t>(below(6)), 0, 0}, next{static_cast<std::uint16_t>(below(6)), 0, 0};
        if (below(12) == 0)
            world.inventory.missing.push_back({ecu(number), "uds.no-answer", ""});
        else if (below(12) != 0)
            world.inventory.ecus.push_back(runs(number, now, below(16) == 0 ? brake_b : brake_a));
        if (below(2) == 0) world.known.push_back({ecu(number), now.major, any_constraints()});
        if (below(2) == 0) world.wanted.push_back(image(number, next, next.major, any_constraints()));
    }
    return world;
}

// The plainest possible reading of resolve.h: what would the car be after the update, and is that allowed?
bool acceptable(const World& world) {
    std::map<EcuId, const Target*> directed;
    for (const Target& target : world.wanted) directed[target.ecu] = &target;
    std::map<EcuId, Version> after;
    std::set<EcuId> changed;
    for (const auto& report : world.inventory.ecus) {
        const bool moves = directed.contains(report.ecu) && directed.at(report.ecu)->version != report.version;
        if (moves) changed.insert(report.ecu);
        after.emplace(report.ecu, moves ? directed.at(report.ecu)->version : report.version);
    }
    for (const auto& [id, target] : directed) {
        const auto* report = world.inventory.find(id);
        if (report == nullptr) return false;
        if (changed.contains(id) && report->hardware != target->hardware) return false;
        for (const KnownImage& image : world.known)
            if (image.ecu == id && changed.contains(id) && target->release_counter < image.release_counter)
                return false;
    }
    const auto holds = [&](EcuId of, const Constraints& constraints) {
        const auto touched = [&](const VersionRange& range) {
            return changed.contains(of) || changed.contains(range.ecu);
        };
        for (const auto& range : constraints.dependencies)
            if (touched(range) && !(after.contains(range.ecu) && range.contains(after.at(range.ecu)))) return false;
        for (const auto& range : constraints.conflicts) {
            const bool silent = std::ranges::contains(world.inventory.missing, range.ecu, &vehicle::MissingEcu::ecu);
            if (touched(range) && (silent || (after.contains(range.ecu) && range.contains(after.at(range.ecu)))))
                return false;
        }
        return true;
    };
    for (const auto& [id, target] : directed)
        if (!holds(id, target->constraints)) return false;
    return std::ranges::all_of(world.known, [&](const KnownImage& image) {
        return directed.contains(image.ecu) || holds(image.ecu, image.constraints);
    });
}

TEST(Resolve, AllowsExactlyTheSetsThatSatisfyEverything) {
    int allowed = 0, refused = 0;
    EXPECT_TRUE(rc::check([&] {
        for (int i = 0; i < 20; ++i) {
            const World world = any_world();
            const Resolution resolution = resolve(world.wanted, &world.inventory, world.known);
            (resolution.possible() ? allowed : refused)++;
            RC_ASSERT(resolution.possible() == acceptable(world));
        }
    }));
    EXPECT_GT(allowed, 100) << "both answers must be met";
    EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace pitstop::campaign
