#include "core/crypto/mac.h"

#include "core/crypto/digest.h"
#include "core/crypto/faults.h"

#include <gtest/gtest.h>

namespace pitstop::crypto {
namespace {

TEST(Hmac, GivesTheValuesOfRfc4231) {
    EXPECT_EQ(to_hex(hmac_sha256(Bytes(20, 0x0b), view_of("Hi There"))),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(to_hex(hmac_sha256(view_of("Jefe"), view_of("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    // A key longer than the block is hashed first.
    EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, 0xaa), view_of("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, TakesAnEmptyKeyAndMessage) {
    EXPECT_EQ(to_hex(hmac_sha256({}, {})), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hmac, IsNotAHashWithTheKeyAppended) {
    EXPECT_NE(hmac_sha256(view_of("key"), view_of("message")), sha256(view_of("messagekey")));
}

TEST(Hkdf, GivesTheValuesOfRfc5869) {
    const Bytes secret(22, 0x0b);
    const auto salt = *from_hex("000102030405060708090a0b0c");
    const auto info = *from_hex("f0f1f2f3f4f5f6f7f8f9");
    EXPECT_EQ(to_hex(*hkdf_sha256(secret, salt, info, 42)),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    EXPECT_EQ(to_hex(*hkdf_sha256(secret, {}, {}, 42)),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, RefusesMoreThanTheRfcAllows) {
    EXPECT_EQ(hkdf_sha256(view_of("secret"), {}, {}, hkdf_size_bytes_max)->size(), hkdf_size_bytes_max);
    EXPECT_TRUE(hkdf_sha256(view_of("secret"), {}, {}, hkdf_size_bytes_max + 1).error().is(faults::too_long));
    EXPECT_TRUE(hkdf_sha256(view_of("secret"), {}, {}, 0).error().is(faults::too_long));
}

TEST(SameInConstantTime, TellsEqualFromAlmostEqual) {
    EXPECT_TRUE(same_in_constant_time(view_of("token"), view_of("token")));
    EXPECT_TRUE(same_in_constant_time({}, {}));
    EXPECT_FALSE(same_in_constant_time(view_of("token"), view_of("tokeN")));
    EXPECT_FALSE(same_in_constant_time(view_of("token"), view_of("toke")));
    EXPECT_FALSE(same_in_constant_time(view_of("token"), {}));
}

}  // namespace
}  // namespace pitstop::crypto
