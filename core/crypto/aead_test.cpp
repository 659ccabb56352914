#include "core/crypto/aead.h"

#include "core/crypto/faults.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pitstop::crypto::aes_256_gcm {
namespace {

template <class Array>
Array array_of(std::string_view hex) {
    Array array{};
    std::ranges::copy(*from_hex(hex), array.begin());
    return array;
}

// Test case 16 of the GCM submission to NIST (McGrew and Viega).
const auto key = array_of<Key>("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
const auto nonce = array_of<Nonce>("cafebabefacedbaddecaf888");
const auto context = *from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
const auto message = *from_hex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
    "b16aedf5aa0de657ba637b39");
const auto sealed = *from_hex(
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
    "c5f61e6393ba7a0abcc9f662"
    "76fc6ece0f4e1768cddf8853bb2d551b");

TEST(Aes256Gcm, GivesThePublishedValues) {
    EXPECT_EQ(*seal(key, nonce, context, message), sealed);
    EXPECT_EQ(*open(key, nonce, context, sealed), message);
}

TEST(Aes256Gcm, NoticesEveryFlippedBit) {
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        Bytes altered = sealed;
        altered[bit / 8] = static_cast<std::uint8_t>(altered[bit / 8] ^ (1 << (bit % 8)));
        const auto opened = open(key, nonce, context, altered);
        ASSERT_FALSE(opened.has_value()) << "bit " << bit;
        ASSERT_TRUE(opened.error().is(faults::not_authentic));
    }
}

TEST(Aes256Gcm, NoticesAnotherKeyNonceOrContext) {
    auto other_key = key;
    other_key[31] ^= 1;
    auto other_nonce = nonce;
    other_nonce[0] ^= 1;
    EXPECT_TRUE(open(other_key, nonce, context, sealed).error().is(faults::not_authentic));
    EXPECT_TRUE(open(key, other_nonce, context, sealed).error().is(faults::not_authentic));
    EXPECT_TRUE(open(key, nonce, {}, sealed).error().is(faults::not_authentic));
}

TEST(Aes256Gcm, NoticesATruncatedOrAllZeroTag) {
    for (std::size_t size = 0; size < sealed.size(); ++size)
        ASSERT_TRUE(open(key, nonce, context, View(sealed).first(size)).error().is(faults::not_authentic)) << size;
    Bytes zero_tag = sealed;
    std::fill(zero_tag.end() - tag_size_bytes, zero_tag.end(), std::uint8_t{0});
    EXPECT_TRUE(open(key, nonce, context, zero_tag).error().is(faults::not_authentic));
}

TEST(Aes256Gcm, SealsNothingIntoATagAlone) {
    const auto only_tag = seal(key, nonce, {}, {});
    ASSERT_EQ(only_tag->size(), tag_size_bytes);
    EXPECT_TRUE(open(key, nonce, {}, *only_tag)->empty());
    EXPECT_TRUE(open(key, nonce, view_of("x"), *only_tag).error().is(faults::not_authentic));
}

TEST(Aes256Gcm, RefusesMoreThanOneChunkMayHold) {
    const Bytes much(message_bytes_max + 1);
    EXPECT_TRUE(seal(key, nonce, {}, much).error().is(faults::too_long));
    EXPECT_TRUE(open(key, nonce, {}, Bytes(message_bytes_max + 1 + tag_size_bytes)).error().is(faults::too_long));
}

}  // namespace
}  // namespace pitstop::crypto::aes_256_gcm
