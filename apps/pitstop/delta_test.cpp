#include "apps/pitstop/commands.h"
#include "core/base/json.h"
#include "io/files/atomic_file.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <format>
#include <fstream>
#include <sstream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

class DeltaDesk : public testing::Test {
protected:
    const fs::path folder = fs::path(testing::TempDir()) / std::format("pitstop-delta-{}", ::getpid());
    const std::string old_image = (folder / "old.bin").string(), new_image = (folder / "new.bin").string(),
                      delta = (folder / "a.delta").string(), out_image = (folder / "out.bin").string();
    std::ostringstream out, err;

    void SetUp() override {
        fs::create_directories(folder);
        std::string text;
        for (int i = 0; i < 20'000; ++i) text += std::format("line {}\n", i * 7919 % 10'007);
        write(old_image, text);
        write(new_image, "a new beginning\n" + text);
    }
    void TearDown() override { fs::remove_all(folder); }

    static void write(const fs::path& file, std::string_view bytes) {
        std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    static Bytes read(const fs::path& file) { return *io::files::read_file(file, std::size_t{1} << 26); }

    int run(std::vector<std::string> words) {
        out.str("");
        err.str("");
        std::vector<const char*> arguments{"pitstop", "delta"};
        for (const std::string& word : words) arguments.push_back(word.c_str());
        return run_pitstop(arguments, UtcTime{1'790'000'000}, out, err);
    }
};

TEST_F(DeltaDesk, MakesAndAppliesADeltaBothWays) {
    for (const bool in_place : {false, true}) {
        std::vector<std::string> words{"make", old_image, new_image, delta, "--json"};
        if (in_place) words.emplace_back("--in-place");
        ASSERT_EQ(run(words), 0) << err.str();
        const auto said = json::parse(view_of(out.str()), 4096);
        ASSERT_TRUE(said) << out.str();
        EXPECT_EQ(said->at("delta_size").to_number<std::uint64_t>(), fs::file_size(delta));
        EXPECT_LT(fs::file_size(delta), in_place ? 5000U : 500U);
        EXPECT_LE(said->at("memory").to_number<std::uint64_t>(), 128U * 1024);
        ASSERT_EQ(run({"apply", old_image, delta, out_image}), 0) << err.str();
        EXPECT_EQ(read(out_image), read(new_image));
        ASSERT_EQ(run({"show", delta}), 0) << err.str();
        EXPECT_NE(out.str().find(in_place ? "in place" : "beside"), std::string::npos) << out.str();
    }
}

TEST_F(DeltaDesk, LeavesNoFileWhenTheOldImageIsAnotherOrTheDeltaIsDamaged) {
    ASSERT_EQ(run({"make", old_image, new_image, delta}), 0) << err.str();
    EXPECT_EQ(run({"apply", new_image, delta, out_image}), 1);
    EXPECT_NE(err.str().find("delta.other-base"), std::string::npos) << err.str();
    Bytes damaged = read(delta);
    damaged[60] ^= 1;  // of the new image's digest
    write(delta, text_of(damaged));
    EXPECT_EQ(run({"apply", old_image, delta, out_image}), 1);
    EXPECT_NE(err.str().find("delta.damaged"), std::string::npos) << err.str();
    for (const auto& left : fs::directory_iterator(folder))
        EXPECT_TRUE(left.path() == old_image || left.path() == new_image || left.path() == delta) << left.path();
}

TEST_F(DeltaDesk, SaysWhichOptionOrFileIsWrong) {
    EXPECT_EQ(run({"make", old_image, new_image, delta, "--window", "5000"}), 1);
    EXPECT_NE(err.str().find("delta.impossible-options"), std::string::npos) << err.str();
    EXPECT_EQ(run({"make", old_image, (folder / "none").string(), delta}), 1);
    EXPECT_NE(err.str().find("files.not-there"), std::string::npos) << err.str();
    EXPECT_EQ(run({"show", old_image}), 1);
    EXPECT_NE(err.str().find("delta.not-this-version"), std::string::npos) << err.str();
    EXPECT_EQ(run({"make", old_image}), 2);
}

}  // namespace
}  // namespace pitstop::cli
