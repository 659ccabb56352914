#include "io/files/atomic_file.h"
#include "io/files/descriptor.h"
#include "io/files/faults.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>

namespace pitstop::io::files {
namespace {

namespace fs = std::filesystem;

class AtomicFile : public testing::Test {
protected:
    AtomicFile() {
        std::string pattern = (fs::temp_directory_path() / "pitstop-files-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~AtomicFile() override { fs::remove_all(folder_); }

    [[nodiscard]] fs::path at(std::string_view name) const { return folder_ / name; }
    [[nodiscard]] std::size_t files_in_folder() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }

    fs::path folder_;
};

TEST_F(AtomicFile, GivesBackWhatWasWrittenAndReplacesItWhole) {
    ASSERT_TRUE(write_atomically(at("state"), view_of("first, and rather long"), FileMode::shared));
    ASSERT_TRUE(write_atomically(at("state"), view_of("second"), FileMode::shared));
    EXPECT_EQ(text_of(*read_file(at("state"), 100)), "second");
    EXPECT_EQ(files_in_folder(), 1U);
}

TEST_F(AtomicFile, KeepsSecretsPrivateWhateverTheUmaskSays) {
    const mode_t before = ::umask(0);
    ASSERT_TRUE(write_atomically(at("key"), view_of("secret"), FileMode::private_));
    ::umask(077);
    ASSERT_TRUE(write_atomically(at("page"), view_of("public"), FileMode::shared));
    ::umask(before);
    struct stat about{};
    ASSERT_EQ(::stat(at("key").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777U, 0600U);
    ASSERT_EQ(::stat(at("page").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777U, 0644U);
}

TEST_F(AtomicFile, ReplacesALinkInsteadOfWritingThroughIt) {
    ASSERT_TRUE(write_atomically(at("victim"), view_of("untouched"), FileMode::shared));
    fs::create_symlink(at("victim"), at("link"));
    ASSERT_TRUE(write_atomically(at("link"), view_of("new"), FileMode::shared));
    EXPECT_EQ(text_of(*read_file(at("victim"), 100)), "untouched");
}

TEST_F(AtomicFile, KnowsMissingFromUnreadable) {
    EXPECT_TRUE(read_file(at("absent"), 100).error().is(faults::not_there));
    EXPECT_EQ(*read_if_there(at("absent"), 100), std::nullopt);
    EXPECT_TRUE(read_if_there(folder_, 100).error().is(faults::unreadable));
    ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
    EXPECT_TRUE(read_if_there(at("pipe"), 100).error().is(faults::unreadable));
}

TEST_F(AtomicFile, RefusesAFileThatIsLargerThanAllowedBeforeReadingIt) {
    ASSERT_TRUE(write_atomically(at("big"), view_of("12345"), FileMode::shared));
    EXPECT_TRUE(read_file(at("big"), 5));
    EXPECT_TRUE(read_file(at("big"), 4).error().is(faults::too_large));
}

TEST_F(AtomicFile, KeepsTheOldFileWhenTheNewOneDoesNotFit) {
    ASSERT_TRUE(write_atomically(at("state"), view_of("old"), FileMode::shared));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    auto* handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit tight = before;
    tight.rlim_cur = 16;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    const auto written = write_atomically(at("state"), Bytes(100, 'x'), FileMode::shared);
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(written);
    EXPECT_TRUE(written.error().is(faults::unwritable));
    EXPECT_EQ(text_of(*read_file(at("state"), 100)), "old");
    EXPECT_EQ(files_in_folder(), 1U);
}

TEST_F(AtomicFile, SaysWhereItCannotWrite) {
    const auto written = write_atomically(at("no-such-folder") / "x", view_of("x"), FileMode::shared);
    EXPECT_TRUE(written.error().is(faults::unwritable));
    EXPECT_NE(written.error().detail().find("no-such-folder"), std::string_view::npos);
}

TEST_F(AtomicFile, AFailedSyncStopsTheProcess) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const Descriptor reader(ends[0]);
    const Descriptor writer(ends[1]);
    const auto synced = sync_file(writer.get(), "a pipe has no disk");  // the system answers EINVAL
    ASSERT_FALSE(synced);
    EXPECT_TRUE(synced.error().is(faults::not_synced));
    EXPECT_EQ(synced.error().remedy(), Remedy::stop);
    EXPECT_TRUE(sync_folder(at("absent")).error().is(faults::not_synced));
}

TEST_F(AtomicFile, TellsItsTemporaryNamesFromOthers) {
    EXPECT_TRUE(is_temporary(temporary_beside(at("x"))));
    EXPECT_EQ(temporary_beside(at("x")).parent_path(), folder_);
    EXPECT_NE(temporary_beside(at("x")), temporary_beside(at("x")));
    EXPECT_FALSE(is_temporary("x.new"));
}

}  // namespace
}  // namespace pitstop::io::files
