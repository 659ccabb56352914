#include "core/base/form.h"

#include "core/base/faults.h"

#include <gtest/gtest.h>

namespace pitstop {
namespace {

TEST(Form, HasOneTextAndOneDataFormatForEachCombination) {
    for (const char* text : {"plain", "gzip", "zstd", "delta", "plain+hpke", "gzip+hpke", "zstd+hpke", "delta+hpke"}) {
        const auto form = Form::parse(text);
        ASSERT_TRUE(form) << text;
        EXPECT_EQ(form->str(), text);
        EXPECT_EQ(form_of_data_format(data_format_of(*form)), *form) << text;
    }
    EXPECT_EQ(data_format_of(*Form::parse("delta+hpke")), 0x31);
    EXPECT_EQ(data_format_of({}), 0);
}

TEST(Form, RefusesWhatIsNoForm) {
    for (const char* text : {"", "zip", "zstd+delta", "hpke", "delta+", "Plain"})
        EXPECT_TRUE(Form::parse(text).error().is(faults::bad_form)) << text;
    EXPECT_FALSE(form_of_data_format(0x40));
    EXPECT_FALSE(form_of_data_format(0x02));
}

TEST(Openings, AreWordsAndAWindow) {
    const auto openings = Openings::parse("gzip delta window=8192");
    ASSERT_TRUE(openings);
    EXPECT_TRUE(openings->can_open(*Form::parse("gzip")));
    EXPECT_TRUE(openings->can_open(*Form::parse("delta")));
    EXPECT_FALSE(openings->can_open(*Form::parse("zstd")));
    EXPECT_FALSE(openings->can_open(*Form::parse("gzip+hpke")));
    EXPECT_EQ(openings->window_bytes, 8192U);
    EXPECT_EQ(Openings::parse(openings->str()), *openings);
    EXPECT_EQ(Openings{}.str(), "plain");
    EXPECT_EQ(Openings::parse("plain"), Openings{});
    EXPECT_TRUE(Openings{}.can_open({}));
}

TEST(Openings, RefuseWhatNobodyCanOpen) {
    for (const char* text : {"rar", "zstd window=", "zstd window=12x", "zstd window=1023", "zstd window=8388609"})
        EXPECT_TRUE(Openings::parse(text).error().is(faults::bad_form)) << text;
}

}  // namespace
}  // namespace pitstop
