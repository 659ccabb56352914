#include "core/crypto/xwing.h"

#include "core/crypto/faults.h"
#include "core/crypto/sha3.h"
#include "core/crypto/xwing_vectors_test.h"

#include <gtest/gtest.h>

namespace pitstop::crypto::xwing {
namespace {

PrivateKey key_from(std::string_view seed_hex) { return *PrivateKey::from_seed(*from_hex(seed_hex)); }

Bytes flipped(View bytes, std::size_t at) {
    Bytes altered(bytes.begin(), bytes.end());
    altered[at] ^= 1;
    return altered;
}

TEST(Sha3, GivesThePublishedValues) {
    EXPECT_EQ(to_hex(sha3_256({})), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    EXPECT_EQ(to_hex(sha3_256(view_of("abc"))), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
    Bytes squeezed(32);
    shake256({}, squeezed);
    EXPECT_EQ(to_hex(squeezed), "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f");
}

TEST(XWing, GivesThePublishedValues) {
    for (const auto& vector : vectors::x_wing) {
        const PrivateKey key = key_from(vector.seed);
        EXPECT_EQ(to_hex(sha3_256(key.public_key().bytes())), vector.public_key_sha3);
        const auto made = key.public_key().encapsulate_derand(*from_hex(vector.randomness));
        EXPECT_EQ(to_hex(sha3_256(made->ciphertext)), vector.ciphertext_sha3);
        EXPECT_EQ(to_hex(made->secret.view()), vector.secret);
        EXPECT_EQ(to_hex(key.decapsulate(made->ciphertext)->view()), vector.secret);
    }
    const PrivateKey first = key_from(vectors::x_wing[0].seed);
    EXPECT_EQ(to_hex(first.public_key().bytes()), vectors::first_public_key);
    EXPECT_EQ(to_hex(first.decapsulate(*from_hex(vectors::first_ciphertext))->view()), vectors::x_wing[0].secret);
}

TEST(XWing, GivesTheSecretOfTheHpkeDraft) {
    const PrivateKey key = key_from(vectors::hpke_pq::seed);
    const auto made = key.public_key().encapsulate_derand(*from_hex(vectors::hpke_pq::randomness));
    EXPECT_EQ(to_hex(made->secret.view()), vectors::hpke_pq::secret);
}

TEST(XWing, AgreesOnAFreshSecretEachTime) {
    const PrivateKey key = *PrivateKey::generate();
    const PublicKey known = *PublicKey::from_bytes(key.public_key().bytes());
    EXPECT_EQ(known, key.public_key());
    const auto one = known.encapsulate(), two = known.encapsulate();
    EXPECT_EQ(*key.decapsulate(one->ciphertext), one->secret);
    EXPECT_EQ(*key.decapsulate(two->ciphertext), two->secret);
    EXPECT_FALSE(one->secret == two->secret);
    EXPECT_FALSE(*PrivateKey::generate()->decapsulate(one->ciphertext) == one->secret);
    EXPECT_FALSE(PrivateKey::generate()->public_key() == known);
}

TEST(XWing, ComesBackFromItsSeed) {
    const PrivateKey key = *PrivateKey::generate();
    EXPECT_EQ(PrivateKey::from_seed(key.seed().view())->public_key(), key.public_key());
}

// Both halves are hashed into the secret, ML-KEM's by implicit rejection, X25519's also as it stands.
TEST(XWing, GivesAnotherSecretForEveryChangedByte) {
    const PrivateKey key = key_from(vectors::x_wing[0].seed);
    const Bytes ciphertext = *from_hex(vectors::first_ciphertext);
    for (std::size_t at = 0; at < ciphertext.size(); ++at) {
        const auto secret = key.decapsulate(flipped(ciphertext, at));
        ASSERT_TRUE(secret.has_value()) << at;
        ASSERT_NE(to_hex(secret->view()), vectors::x_wing[0].secret) << at;
    }
}

TEST(XWing, RefusesOtherLengths) {
    const PrivateKey key = key_from(vectors::x_wing[0].seed);
    const Bytes much(2000);
    for (const std::size_t size : {0, 1, 32, 1184, 1215, 1217, 2000})
        EXPECT_TRUE(PublicKey::from_bytes(View(much).first(size)).error().is(faults::bad_key)) << size;
    for (const std::size_t size : {0, 1, 32, 1088, 1119, 1121, 2000})
        EXPECT_TRUE(key.decapsulate(View(much).first(size)).error().is(faults::bad_key)) << size;
    for (const std::size_t size : {0, 31, 33, 64})
        EXPECT_TRUE(PrivateKey::from_seed(View(much).first(size)).error().is(faults::bad_key)) << size;
    for (const std::size_t size : {0, 63, 65})
        EXPECT_TRUE(key.public_key().encapsulate_derand(View(much).first(size)).error().is(faults::bad_key)) << size;
}

// FIPS 203 §7.2: coefficients of 12 bits must be below 3329.
TEST(XWing, RefusesAPublicKeyThatIsNotReduced) {
    const PrivateKey key = key_from(vectors::x_wing[0].seed);
    for (const std::size_t at : {0, 3, 600, 1149}) {
        for (const int coefficient : {3329, 4095}) {
            Bytes bytes(key.public_key().bytes().begin(), key.public_key().bytes().end());
            bytes[at] = static_cast<std::uint8_t>(coefficient);
            bytes[at + 1] = static_cast<std::uint8_t>((bytes[at + 1] & 0xF0) | coefficient >> 8);
            ASSERT_TRUE(PublicKey::from_bytes(bytes).error().is(faults::bad_key)) << at << ' ' << coefficient;
        }
    }
}

// RFC 7748 §6.1: with points of small order everybody knows the result, zeros.
constexpr std::array small_order{
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

TEST(XWing, RefusesPointsOfSmallOrder) {
    const PrivateKey key = key_from(vectors::x_wing[0].seed);
    for (const std::string_view hex : small_order) {
        const Bytes point = *from_hex(hex);
        Bytes public_key(key.public_key().bytes().begin(), key.public_key().bytes().end());
        std::ranges::copy(point, public_key.end() - 32);
        EXPECT_TRUE(PublicKey::from_bytes(public_key)->encapsulate().error().is(faults::bad_key)) << hex;
        Bytes ciphertext = *from_hex(vectors::first_ciphertext);
        std::ranges::copy(point, ciphertext.end() - 32);
        EXPECT_TRUE(key.decapsulate(ciphertext).error().is(faults::not_authentic)) << hex;
    }
}

TEST(Secret, IsOverwrittenWhenItEnds) {
    alignas(Secret<32>) std::array<std::uint8_t, sizeof(Secret<32>)> place{};
    auto* secret = new (place.data()) Secret<32>(Bytes(32, 0xA5));
    EXPECT_EQ(place[31], 0xA5);
    secret->~Secret<32>();
    EXPECT_TRUE(std::ranges::all_of(place, [](std::uint8_t byte) { return byte == 0; }));
}

TEST(Secret, AgreesOnlyWhereEveryByteDoes) {
    const Bytes bytes(32, 7);
    EXPECT_TRUE(agree(bytes, Bytes(32, 7)));
    EXPECT_TRUE(agree({}, {}));
    EXPECT_FALSE(agree(bytes, View(bytes).first(31)));
    for (std::size_t at = 0; at < bytes.size(); ++at) EXPECT_FALSE(agree(bytes, flipped(bytes, at))) << at;
}

}  // namespace
}  // namespace pitstop::crypto::xwing
