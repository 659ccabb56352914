#include "core/seal/derive.h"

#include "core/crypto/digest.h"
#include "core/crypto/mac.h"

#include <gtest/gtest.h>

namespace pitstop::seal {
namespace {

// The ECU's HMAC is our own, over a hash engine; OpenSSL's is its measure.
TEST(Derive, MakesTheSameHmacAsOpenSsl) {
    crypto::Sha256 hasher;
    for (const std::size_t key_size : {0, 1, 32, 63, 64}) {
        const Bytes key(key_size, 0x0B);
        EXPECT_EQ(hmac(hasher, key, {view_of("Hi "), {}, view_of("There")}),
                  crypto::hmac_sha256(key, view_of("Hi There")))
            << key_size;
    }
}

// RFC 4231 §4.3.
TEST(Derive, GivesThePublishedHmac) {
    crypto::Sha256 hasher;
    EXPECT_EQ(to_hex(hmac(hasher, view_of("Jefe"), {view_of("what do ya want for nothing?")})),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Derive, MakesTheSameHkdfAsOpenSsl) {
    crypto::Sha256 hasher;
    const Bytes secret(32, 0x0B), salt(32, 0x5A), context(32, 0xF0);
    constexpr std::string_view label = "label";
    Bytes info(label.begin(), label.end());
    info.insert(info.end(), context.begin(), context.end());
    for (const std::size_t size : {1, 31, 32, 33, 39, 64, 68, 96, 1000}) {
        Bytes derived(size);
        hkdf(hasher, secret, salt, label, context, derived);
        EXPECT_EQ(derived, *crypto::hkdf_sha256(secret, salt, info, size)) << size;
        hkdf(hasher, secret, {}, label, context, derived);
        EXPECT_EQ(derived, *crypto::hkdf_sha256(secret, {}, info, size)) << size;
    }
}

TEST(Derive, CommitsToTheContentKeyTheSaltAndTheHeader) {
    crypto::Sha256 hasher;
    const Bytes key(32, 1), other_key(32, 2), header(120, 3), other_header(120, 4);
    const Salt salt{5}, other_salt{6};
    const Commitment commitment = commitment_to(hasher, key, salt, header);
    EXPECT_EQ(commitment_to(hasher, key, salt, header), commitment);
    EXPECT_NE(commitment_to(hasher, other_key, salt, header), commitment);
    EXPECT_NE(commitment_to(hasher, key, other_salt, header), commitment);
    EXPECT_NE(commitment_to(hasher, key, salt, other_header), commitment);
}

}  // namespace
}  // namespace pitstop::seal
