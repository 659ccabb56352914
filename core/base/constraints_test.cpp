#include "core/base/constraints.h"

#include "core/base/faults.h"

#include <gtest/gtest.h>

namespace pitstop {
namespace {

TEST(VersionRange, ComesBackAsItWasWritten) {
    for (const char* text : {"ECU_012", "ECU_012>=1.1.0", "ECU_012<2.0.0", "ECU_012>=1.1.0<2.0.0", "ECU_100>=0.0.0.1"})
        EXPECT_EQ(VersionRange::parse(text)->str(), text);
}

TEST(VersionRange, HoldsItsLowerEndAndNotItsUpper) {
    const VersionRange range = *VersionRange::parse("ECU_012>=1.9.0<1.11.0");
    EXPECT_FALSE(range.contains({1, 8, 9}));
    EXPECT_TRUE(range.contains({1, 9, 0}));
    EXPECT_TRUE(range.contains({1, 10, 0}));  // numbers, not texts
    EXPECT_FALSE(range.contains({1, 11, 0}));
    EXPECT_TRUE(VersionRange::parse("ECU_012")->contains({}));
}

TEST(VersionRange, RefusesWhatNobodyCanMean) {
    for (const char* text : {"", "ECU_12", "ECU_012 >= 1.0.0", ">=1.0.0", "<1.0.0"})
        EXPECT_TRUE(VersionRange::parse(text).error().is(faults::bad_ecu_id)) << text;
    for (const char* text :
         {"ECU_012>=", "ECU_012<", "ECU_012>=1.0", "ECU_012<1.0.0>=0.1.0", "ECU_012>=1.0.0<2.0.0<3.0.0"})
        EXPECT_TRUE(VersionRange::parse(text).error().is(faults::bad_version)) << text;
    EXPECT_TRUE(VersionRange::parse("ECU_012>=2.0.0<2.0.0").error().is(faults::wrong_type));
}

TEST(Constraints, ComeBackFromJsonAndAreLeftOutWhenEmpty) {
    const Constraints all{*version_ranges_from("ECU_012>=1.1.0,ECU_013"), *version_ranges_from("ECU_014<1.0.0")};
    json::Object written;
    write_constraints(all, written);
    EXPECT_EQ(constraints_from_json(written), all);
    json::Object none;
    write_constraints({}, none);
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(constraints_from_json(none), Constraints{});
}

TEST(Constraints, AreBoundedAndAreTexts) {
    json::Array many;
    for (std::size_t i = 0; i <= Constraints::ranges_max; ++i) many.emplace_back("ECU_012");
    EXPECT_TRUE(constraints_from_json({{"conflicts", many}}).error().is(faults::wrong_type));
    EXPECT_TRUE(constraints_from_json({{"dependencies", json::Array{7}}}).error().is(faults::wrong_type));
    std::string words = "ECU_012";
    for (std::size_t i = 0; i < Constraints::ranges_max; ++i) words += ",ECU_012";
    EXPECT_TRUE(version_ranges_from(words).error().is(faults::wrong_type));
    EXPECT_TRUE(version_ranges_from("ECU_012,").error().is(faults::bad_ecu_id));
}

}  // namespace
}  // namespace pitstop
