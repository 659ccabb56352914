#include "core/crypto/xwing_text.h"

#include "core/crypto/faults.h"

#include <gtest/gtest.h>

namespace pitstop::crypto::xwing {
namespace {

const PrivateKey key = *PrivateKey::from_seed(Bytes(32, 0x11));

TEST(XWingText, GivesTheKeysBack) {
    EXPECT_EQ(*public_from_text(to_text(key.public_key())), key.public_key());
    EXPECT_EQ(*public_from_text("Name: brakes\n" + to_text(key.public_key())), key.public_key());
    EXPECT_EQ(private_from_text(seed_to_text(key))->seed(), key.seed());
    EXPECT_EQ(seed_to_text(key),
              "-----BEGIN PITSTOP X-WING SEED-----\n"
              "ERERERERERERERERERERERERERERERERERERERERERE=\n"
              "-----END PITSTOP X-WING SEED-----\n");
    EXPECT_TRUE(is_seed_text(seed_to_text(key)));
    EXPECT_FALSE(is_seed_text(to_text(key.public_key())));
}

TEST(XWingText, RefusesAnyOtherForm) {
    const std::string seed = seed_to_text(key), open = to_text(key.public_key());
    const auto refused = [](std::string_view text) {
        const auto as_private = private_from_text(text);
        const auto as_public = public_from_text(text);
        return !as_private && as_private.error().is(faults::bad_key) && !as_public &&
               as_public.error().is(faults::bad_key);
    };
    EXPECT_TRUE(refused(""));
    EXPECT_TRUE(refused("Dear Bob"));
    EXPECT_TRUE(refused("-----BEGIN PITSTOP X-WING SEED-----\n-----END PITSTOP X-WING SEED-----\n"));
    EXPECT_TRUE(refused("-----END PITSTOP X-WING KEY----------BEGIN PITSTOP X-WING KEY-----"));
    EXPECT_TRUE(refused(seed + "and more"));
    EXPECT_TRUE(refused(open + "and more"));
    EXPECT_TRUE(refused(open + open));
    EXPECT_TRUE(refused(std::string(4096, ' ') + seed));
    EXPECT_TRUE(refused(std::string(4096, ' ') + open));
    for (std::size_t size = 0; size + 2 < seed.size(); ++size) ASSERT_TRUE(refused(seed.substr(0, size))) << size;
    for (std::size_t size = 0; size + 2 < open.size(); size += 7) ASSERT_TRUE(refused(open.substr(0, size))) << size;
    std::string shorter = seed;
    shorter.replace(seed.find('\n') + 1, 4, "");
    EXPECT_TRUE(refused(shorter)) << "29 bytes";
    std::string damaged = seed;
    damaged[seed.find('\n') + 5] = '*';
    EXPECT_TRUE(refused(damaged));
    std::string changed = open;
    changed.replace(open.find('\n') + 1, 64, std::string(64, '/'));
    EXPECT_TRUE(refused(changed)) << "coefficients of 4095";
}

}  // namespace
}  // namespace pitstop::crypto::xwing
