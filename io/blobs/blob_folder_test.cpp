#include "io/blobs/blob_folder.h"
#include "core/crypto/digest.h"
#include "io/blobs/faults.h"

#include <gtest/gtest.h>
#include <cstdlib>
#include <fstream>

namespace pitstop::io::blobs {
namespace {

namespace fs = std::filesystem;

class Blobs : public testing::Test {
protected:
    Blobs() {
        std::string pattern = (fs::temp_directory_path() / "pitstop-blobs-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~Blobs() override { fs::remove_all(folder_); }

    [[nodiscard]] std::size_t files_in_folder() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }
    Result<Blob> put(std::string_view text) {
        TRY(const auto blobs, BlobFolder::open(folder_));
        TRY(auto writer, blobs.begin(1000));
        ENSURE(writer.write(view_of(text)));
        return writer.finish(std::nullopt);
    }

    fs::path folder_;
};

TEST_F(Blobs, RefuseBytesThatAreNotTheAnnouncedOnesAndKeepNothingOfThem) {
    const auto blobs = BlobFolder::open(folder_);
    {
        auto writer = blobs->begin(100);
        ASSERT_TRUE(writer && writer->write(view_of("something else")));
        EXPECT_TRUE(writer->finish(crypto::sha256(view_of("announced"))).error().is(faults::wrong_digest));
    }
    EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(Blobs, RefuseMoreThanIsAllowed) {
    const auto blobs = BlobFolder::open(folder_);
    auto writer = blobs->begin(8);
    ASSERT_TRUE(writer && writer->write(view_of("12345678")));
    EXPECT_TRUE(writer->write(view_of("9")).error().is(faults::too_large));
}

TEST_F(Blobs, AreFoundUnderTheDigestOfTheirBytesOnlyWhenTheyAreWhole) {
    const auto blobs = BlobFolder::open(folder_);
    const auto digest = crypto::sha256(view_of("firmware"));
    auto writer = blobs->begin(100);
    ASSERT_TRUE(writer && writer->write(view_of("firm")) && writer->write(view_of("ware")));
    EXPECT_FALSE(blobs->find(digest)->has_value());
    const auto blob = writer->finish(digest);
    ASSERT_TRUE(blob) << blob.error().str();
    EXPECT_EQ(blob->size_bytes, 8U);
    const auto found = blobs->find(digest);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->path, blob->path);
    EXPECT_EQ((*found)->size_bytes, 8U);
    EXPECT_EQ(blobs->list()->size(), 1U);
}

TEST_F(Blobs, MayBeWrittenTwice) {
    ASSERT_TRUE(put("same") && put("same") && put("other"));
    EXPECT_EQ(BlobFolder::open(folder_)->list()->size(), 2U);
}

TEST_F(Blobs, LeftUnfinishedByACrashAreClearedAtStart) {
    std::ofstream(folder_ / ".incoming.0123456789abcdef.new") << "half a pack";
    std::ofstream(folder_ / "README") << "a person's file stays";
    const auto blobs = BlobFolder::open(folder_);
    ASSERT_TRUE(blobs);
    EXPECT_EQ(files_in_folder(), 1U);
    EXPECT_TRUE(blobs->list()->empty());
}

TEST_F(Blobs, ThatDecayedAreNoticedAndMendedByWritingThemAgain) {
    const auto blob = put("firmware");
    ASSERT_TRUE(blob);
    const auto blobs = BlobFolder::open(folder_);
    EXPECT_TRUE(blobs->check(blob->digest));
    std::ofstream(blob->path) << "firmwarE";
    EXPECT_TRUE(blobs->check(blob->digest).error().is(faults::damaged));
    ASSERT_TRUE(put("firmware"));
    EXPECT_TRUE(blobs->check(blob->digest));
}

TEST_F(Blobs, CanBeRemovedTwice) {
    const auto blob = put("old");
    const auto blobs = BlobFolder::open(folder_);
    ASSERT_TRUE(blob && blobs->remove(blob->digest) && blobs->remove(blob->digest));
    EXPECT_FALSE(blobs->find(blob->digest)->has_value());
    EXPECT_TRUE(blobs->check(blob->digest).error().is(faults::damaged));
}

TEST_F(Blobs, SayWhenTheirFolderCannotBe) {
    std::ofstream(folder_ / "file") << "x";
    EXPECT_TRUE(BlobFolder::open(folder_ / "file").error().is(faults::unusable_folder));
}

}  // namespace
}  // namespace pitstop::io::blobs
