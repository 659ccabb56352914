#include "apps/server/freshness.h"

#include <gtest/gtest.h>

namespace pitstop::server {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr UtcTime now{1'800'000'000};

TEST(Freshness, ShowsWhatIsLeftAsAGauge) {
    io::metrics::Registry registry;
    Freshness freshness(registry);
    const std::vector<DatedFile> files{{"image", "root", now + days(90), SignedBy::people, offline_warning},
                                       {"director", "root", now + hours(-1), SignedBy::people, offline_warning}};
    EXPECT_EQ(freshness.look(files, now).size(), 1U);
    const std::string shown = registry.render();
    EXPECT_NE(shown.find(R"(pitstop_metadata_expires_seconds{repository="image",role="root"} 7776000)"),
              std::string::npos)
        << shown;
    EXPECT_NE(shown.find(R"({repository="director",role="root"} -3600)"), std::string::npos) << shown;
}

TEST(Freshness, TellsOnceADayFromAMonthBeforeUntilItIsSignedAnew) {
    io::metrics::Registry registry;
    Freshness freshness(registry);
    DatedFile file{"image", "targets", now + days(40), SignedBy::people, offline_warning};
    int told = 0;
    for (int hour = 0; hour < 40 * 24; ++hour)
        told += static_cast<int>(freshness.look(std::span(&file, 1), now + hours(hour)).size());
    EXPECT_EQ(told, 30);
    file.expires = now + days(400);
    EXPECT_TRUE(freshness.look(std::span(&file, 1), now + days(40)).empty());
}

TEST(Freshness, SaysWhatToDo) {
    const DatedFile root{"image", "root", now + days(12), SignedBy::people, offline_warning};
    EXPECT_NE(in_one_sentence(root, now).find("image repository's root expires in 12 days"), std::string::npos);
    EXPECT_NE(in_one_sentence(root, now + days(12) + hours(-3)).find("in 3 hours"), std::string::npos);
    EXPECT_NE(in_one_sentence(root, now + days(12)).find("has expired"), std::string::npos);
    const DatedFile timestamp{"image", "timestamp", now + days(1), SignedBy::server, days(3)};
    EXPECT_NE(in_one_sentence(timestamp, now).find("this server"), std::string::npos);
}

}  // namespace
}  // namespace pitstop::server
