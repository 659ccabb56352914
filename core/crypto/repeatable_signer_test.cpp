#include "core/crypto/repeatable_signer.h"

#include <gtest/gtest.h>

#include <string>

namespace pitstop::crypto {
namespace {

TEST(RepeatableSigner, SignsTheSameTheSameAndEverybodyCanVerifyIt) {
    for (const KeyType type : {KeyType::ecdsa_p256, KeyType::ed25519, KeyType::ml_dsa_65}) {
        const PrivateKey key = *generate(type);
        RepeatableSigner once(key), again(key);
        const auto first = once.sign(view_of("a message"));
        ASSERT_TRUE(first) << to_string(type);
        EXPECT_EQ(*first, *again.sign(view_of("a message"))) << to_string(type);
        EXPECT_TRUE(verify(key.public_key(), view_of("a message"), *first)) << to_string(type);
        const auto other = once.sign(view_of("another message"));
        EXPECT_NE(*first, *other);
        EXPECT_FALSE(verify(key.public_key(), view_of("a message"), *other));
    }
}

// RFC 6979, A.2.5: P-256, SHA-256, message "sample".
TEST(RepeatableSigner, UsesTheNonceOfRfc6979) {
    const Bytes r = *from_hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
    const Bytes pkcs8 = *from_hex(
        "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420"
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
        "a14403420004"
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    const std::string pem =
        "-----BEGIN PRIVATE"
        " KEY-----\n" +
        to_base64(pkcs8) +
        "\n-----END PRIVATE"
        " KEY-----\n";
    const auto key = private_from_pem(pem);
    ASSERT_TRUE(key) << key.error().str();
    RepeatableSigner signer(*key);
    const Bytes signature = *signer.sign(view_of("sample"));
    // DER: SEQUENCE, INTEGER of 33 bytes (its first bit is set), then r.
    ASSERT_GT(signature.size(), 37U);
    EXPECT_EQ(Bytes(signature.begin() + 5, signature.begin() + 37), r);
}

}  // namespace
}  // namespace pitstop::crypto
