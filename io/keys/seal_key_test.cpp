#include "io/keys/seal_key.h"

#include "core/crypto/faults.h"
#include "io/keys/faults.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <format>
#include <fstream>
#include <sstream>

namespace pitstop::io::keys {
namespace {

namespace fs = std::filesystem;
using crypto::xwing::PrivateKey;

struct SealKey : testing::Test {
    const fs::path folder = fs::path(testing::TempDir()) / std::format("pitstop-seal-key-{}", ::getpid());
    const fs::path file = folder / "ecu.key", public_file = folder / "ecu.seal";
    const PrivateKey key = *PrivateKey::generate();

    void SetUp() override { fs::create_directories(folder); }
    void TearDown() override { fs::remove_all(folder); }

    static std::string text_in(const fs::path& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }
    void write(std::string_view text) const {
        std::ofstream(file, std::ios::trunc) << text;
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    }
};

TEST_F(SealKey, ComesBackFromItsFiles) {
    ASSERT_TRUE(save_seal_key(file, key));
    ASSERT_TRUE(save_public_seal_key(public_file, key.public_key(), "Name: brakes\n"));
    EXPECT_EQ(load_seal_key(file)->seed(), key.seed());
    EXPECT_EQ(*load_public_seal_key(public_file), key.public_key());
    EXPECT_TRUE(text_in(public_file).starts_with("Name: brakes\n-----BEGIN PITSTOP X-WING KEY-----\n"));
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(SealKey, IsRefusedWhereOthersCanReadIt) {
    ASSERT_TRUE(save_seal_key(file, key));
    fs::permissions(file, fs::perms::others_read, fs::perm_options::add);
    EXPECT_TRUE(load_seal_key(file).error().is(faults::exposed));
    EXPECT_TRUE(load_seal_key(folder / "nothing.key").error().is(faults::unreadable));
    EXPECT_EQ(load_public_seal_key(folder / "nothing.seal").error().code(), "files.not-there");
}

TEST_F(SealKey, IsRefusedInAnyOtherFormAndTheFileIsNamed) {
    ASSERT_TRUE(save_seal_key(file, key));
    EXPECT_TRUE(load_public_seal_key(file).error().is(crypto::faults::bad_key));
    ASSERT_TRUE(save_public_seal_key(public_file, key.public_key()));
    fs::permissions(public_file, fs::perms::owner_read | fs::perms::owner_write);
    const auto refused = load_public_seal_key(file);
    const auto unreadable = load_seal_key(public_file);
    EXPECT_TRUE(refused.error().detail().contains("ecu.key"));
    EXPECT_EQ(unreadable.error().code(), "keys.unreadable") << "more bytes than a secret has";
    write("Dear Bob");
    EXPECT_TRUE(load_seal_key(file).error().is(crypto::faults::bad_key));
    EXPECT_TRUE(load_seal_key(file).error().detail().contains("ecu.key"));
}

}  // namespace
}  // namespace pitstop::io::keys
