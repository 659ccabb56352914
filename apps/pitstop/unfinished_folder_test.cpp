#include "apps/pitstop/unfinished_folder.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <format>
#include <fstream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

class Unfinished : public testing::Test {
protected:
    const fs::path place = fs::path(testing::TempDir()) / std::format("pitstop-unfinished-{}", ::getpid());
    const fs::path folder = place / "Campaign_OTA-1";
    void SetUp() override { fs::create_directories(place); }
    void TearDown() override { fs::remove_all(place); }

    [[nodiscard]] std::ptrdiff_t entries() const { return std::distance(fs::directory_iterator(place), {}); }
};

TEST_F(Unfinished, IsTakenAwayByTheNextOneWhenItsMakerWasStopped) {
    const pid_t maker = ::fork();
    ASSERT_GE(maker, 0);
    if (maker == 0) {
        const auto begun = UnfinishedFolder::begin(folder);
        if (begun) std::ofstream(begun->path() / "full_package.bin") << "half of it";
        ::raise(SIGKILL);
    }
    ASSERT_EQ(::waitpid(maker, nullptr, 0), maker);
    ASSERT_EQ(entries(), 1);
    auto next = UnfinishedFolder::begin(folder);
    ASSERT_TRUE(next) << next.error().str();
    EXPECT_EQ(entries(), 1);
    ASSERT_TRUE(next->finish());
    EXPECT_EQ(entries(), 1);
    EXPECT_TRUE(fs::is_directory(folder));
}

TEST_F(Unfinished, IsLeftAloneWhileItsMakerLivesAndSoAreOthersFiles) {
    const auto first = UnfinishedFolder::begin(folder);
    ASSERT_TRUE(first);
    fs::create_directory(place / ".Campaign_OTA-2.0123456789abcdef.new");
    {
        const auto second = UnfinishedFolder::begin(folder);
        ASSERT_TRUE(second);
        EXPECT_EQ(entries(), 3);
    }
    EXPECT_EQ(entries(), 2) << "what was not finished goes with its owner";
    EXPECT_TRUE(fs::exists(first->path()));
}

}  // namespace
}  // namespace pitstop::cli
