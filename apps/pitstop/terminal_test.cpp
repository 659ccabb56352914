#include "apps/pitstop/terminal.h"

#include <gtest/gtest.h>

namespace pitstop::cli {
namespace {

TEST(Terminal, IsNotSteeredByWhatAVehicleSays) {
    EXPECT_EQ(printable("\033[2Jdone\r\n\x7F"), "?[2Jdone???");
    EXPECT_EQ(printable("\u009B31m"), "?31m");  // the one-character form of ESC [
    EXPECT_EQ(printable("Türsteuergerät"), "Türsteuergerät");
    EXPECT_EQ(printable("\xC2"), "\xC2");  // cut off in the middle
    EXPECT_EQ(shown({{"detail", "a\033b"}}, "detail"), "a?b");
}

TEST(Terminal, ShowsWhatIsMissingAsADash) {
    const json::Object object{{"text", ""}, {"number", 7}, {"none", nullptr}, {"list", json::Array{1, json::Object{}}}};
    for (const char* name : {"text", "none", "list", "absent"}) EXPECT_EQ(shown(object, name), "-") << name;
    EXPECT_EQ(shown(object, "number"), "7");
    EXPECT_EQ(objects(object, "list").size(), 1U);
    EXPECT_TRUE(objects(object, "number").empty());
    EXPECT_EQ(object_or_null(object, "text"), nullptr);
}

TEST(Terminal, DrawsABarThatNeverRunsOver) {
    EXPECT_EQ(bar(0, 4 << 20), "[                    ]   0 %  0.0 of 4.0 MiB");
    EXPECT_EQ(bar(3 << 20, 4 << 20), "[###############     ]  75 %  3.0 of 4.0 MiB");
    EXPECT_EQ(bar(5, 4), "[####################] 100 %  0.0 of 0.0 MiB");
    EXPECT_EQ(bar(0, 0), "[####################] 100 %  0.0 of 0.0 MiB");
}

}  // namespace
}  // namespace pitstop::cli
