#include "core/uds/services.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <set>

namespace pitstop::uds {
namespace {

// ISO 14229-1:2020 annex A.1: the codes with a meaning, the ranges between them are reserved.
const std::vector<std::pair<int, int>> named = {{0x00, 0x00}, {0x10, 0x14}, {0x21, 0x22}, {0x24, 0x26},
                                                {0x31, 0x31}, {0x33, 0x3A}, {0x50, 0x5D}, {0x70, 0x73},
                                                {0x78, 0x78}, {0x7E, 0x7F}, {0x81, 0x8D}, {0x8F, 0x94}};

TEST(Words, HaveANameAndAClearTextForEveryCodeOfTheStandard) {
    std::set<std::string_view> names, texts;
    for (int code = 0; code <= 0xFF; ++code) {
        const auto nrc = static_cast<Nrc>(code);
        const bool is_named =
            std::ranges::any_of(named, [&](auto range) { return code >= range.first && code <= range.second; });
        if (is_named) {
            EXPECT_TRUE(names.insert(to_string(nrc)).second) << code;
            EXPECT_TRUE(texts.insert(clear_text(nrc)).second) << code;
        } else if (code >= 0xF0 && code <= 0xFE) {
            EXPECT_EQ(to_string(nrc), "vehicleManufacturerSpecificConditionsNotCorrect") << code;
        } else {
            EXPECT_EQ(to_string(nrc), "unknown") << code;
        }
    }
    EXPECT_EQ(to_string(Nrc::certificate_invalid_scope), "certificateVerificationFailed_InvalidScope");
    EXPECT_EQ(to_string(Nrc{0x5D}), "deAuthenticationFailed");
}

TEST(Words, KnowWhichServicesHaveASubFunction) {
    std::set<int> with;
    for (int service = 0; service <= 0xFF; ++service)
        if (has_sub_function(static_cast<std::uint8_t>(service))) with.insert(service);
    EXPECT_EQ(with, (std::set<int>{0x10, 0x11, 0x19, 0x27, 0x28, 0x29, 0x31, 0x3E, 0x85}));
    EXPECT_EQ(to_string(Service{0x2F}), "InputOutputControlByIdentifier");
    EXPECT_EQ(to_string(Service{0x00}), "");
    EXPECT_TRUE(suppresses_positive_answer(Bytes{0x3E, 0x80}));
    EXPECT_FALSE(suppresses_positive_answer(Bytes{0x22, 0xF1}));
    EXPECT_FALSE(suppresses_positive_answer(Bytes{0x3E}));
}

}  // namespace
}  // namespace pitstop::uds
