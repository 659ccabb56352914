#include "core/uptane/director_text.h"

#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

#include <limits>

namespace pitstop::uptane {
namespace {

using namespace desk;

// Not in the order of their names; the third and the fourth are for the same ECU, the first and the last of one name.
std::vector<NamedTarget> images() {
    NamedTarget related = for_ecu("BRK-2/ECU_012-2.0.0.7.img", image("steering", "2.0.0.7", 9), "ECU_012");
    related.info.constraints.dependencies = *version_ranges_from("ECU_011>=1.1.0<2.0.0");
    return {for_ecu("b/z.img", image("brake"), "ECU_100"), related, for_ecu("a/y.img", image("y"), "ECU_001"),
            for_ecu("a/x.img", image("x"), "ECU_001"), for_ecu("b/z.img", image("brake"), "ECU_099")};
}
const Vin car = *Vin::parse("WVWZZZ1KZAW000001");

std::string slowly(std::span<const std::uint32_t> assigned, std::uint32_t version) {
    const std::vector<NamedTarget> all = images();
    std::vector<NamedTarget> chosen;
    for (const std::uint32_t place : assigned) chosen.push_back(all[place]);
    return *json::canonical(to_json(*direct(car, chosen, {version, later})));
}

TEST(DirectorText, IsTheCanonicalTextOfTheSameTargets) {
    const auto texts = *DirectorText::make(images(), later);
    const std::vector<std::vector<std::uint32_t>> choices{{}, {0}, {3}, {0, 1}, {1, 0}, {2, 1, 0}, {0, 3, 1}, {4, 2}};
    std::string text = "what was there before";
    for (const auto& assigned : choices)
        for (const std::uint32_t version : {1U, 10U, std::numeric_limits<std::uint32_t>::max()}) {
            ASSERT_TRUE(texts.write(car, version, assigned, text));
            EXPECT_EQ(text, slowly(assigned, version));
            EXPECT_EQ(text, *json::sorted(*json::parse(view_of(text), text.size()))) << "sent as it is signed";
        }
}

TEST(DirectorText, CanBeReadBack) {
    const auto texts = *DirectorText::make(images(), later);
    std::string text;
    ASSERT_TRUE(texts.write(car, 8, std::array{1U, 0U}, text));
    const json::Value document = *json::parse(view_of(text), text.size());
    const auto targets = read_targets(document.as_object(), Repository::director);
    ASSERT_TRUE(targets) << targets.error().str();
    EXPECT_EQ(targets->vin, car);
    EXPECT_EQ(targets->version, 8U);
    EXPECT_EQ(targets->targets.size(), 2U);
}

TEST(DirectorText, RefusesTwoImagesForOneEcuAndOneImageTwice) {
    const auto texts = *DirectorText::make(images(), later);
    std::string text;
    EXPECT_TRUE(texts.write(car, 1, std::array{2U, 3U}, text).error().is(faults::duplicate_ecu));
    EXPECT_TRUE(texts.write(car, 1, std::array{1U, 1U}, text).error().is(faults::duplicate_ecu));
    EXPECT_TRUE(texts.write(car, 1, std::array{0U, 4U}, text).error().is(faults::bad_member));  // a name stands once
}

TEST(DirectorText, RefusesAnImageThatNobodyHandedIn) {
    const auto texts = *DirectorText::make(images(), later);
    std::string text;
    EXPECT_TRUE(texts.write(car, 1, std::array{5U}, text).error().is(faults::bad_member));
    EXPECT_TRUE(texts.write(car, 1, std::vector<std::uint32_t>(101, 0), text).error().is(faults::bad_member));
    const NamedTarget nobodys = named("a.img", image("x"));
    EXPECT_TRUE(DirectorText::make({&nobodys, 1}, later).error().is(faults::bad_member));
}

}  // namespace
}  // namespace pitstop::uptane
