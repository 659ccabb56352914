#include "core/uptane/partial_text.h"

#include "core/crypto/private_key.h"

#include <gtest/gtest.h>

#include <random>

namespace pitstop::uptane {
namespace {

json_text::String text_of_plain(std::string_view text) { return json_text::String(view_of(text)); }

std::string damaged(std::string text, std::mt19937_64& chance, std::string_view alphabet) {
    for (std::size_t changes = chance() % 3; changes > 0 && !text.empty(); --changes) {
        const std::size_t at = chance() % text.size();
        switch (chance() % 4) {
            case 0: text.erase(at, 1); break;
            case 1: text.insert(at, 1, alphabet[chance() % alphabet.size()]); break;
            default: text[at] = alphabet[chance() % alphabet.size()];
        }
    }
    return text;
}

TEST(PartialText, ReadsTimesLikeTheOtherReader) {
    std::mt19937_64 chance(1);
    std::size_t read = 0;
    for (int i = 0; i < 20'000; ++i) {
        const UtcTime some{static_cast<std::int64_t>(chance() % 8'000'000'000) - 2'000'000'000};
        const std::string text = damaged(some.str(), chance, "0123456789-:TZ ");
        const auto expected = UtcTime::parse(text);
        const auto found = read_time(text_of_plain(text));
        ASSERT_EQ(found.has_value(), expected.has_value()) << text;
        if (!found) continue;
        ASSERT_EQ(*found, *expected) << text;
        ++read;
    }
    EXPECT_GT(read, 5000U);
    EXPECT_EQ(read_time(text_of_plain("0000-01-01T00:00:00Z"))->seconds, -62'167'219'200);
    EXPECT_EQ(read_time(text_of_plain("9999-12-31T23:59:59Z"))->seconds, 253'402'300'799);
    EXPECT_FALSE(read_time(text_of_plain("2026-02-29T00:00:00Z")));
    EXPECT_FALSE(read_time(text_of_plain("")));
}

TEST(PartialText, ReadsVersionsAndEcuIdsLikeTheOtherReader) {
    std::mt19937_64 chance(2);
    for (int i = 0; i < 20'000; ++i) {
        const auto part = [&] { return static_cast<std::uint16_t>(chance() % 4 == 0 ? chance() : chance() % 12); };
        const std::string text = damaged(Version{part(), part(), part(), part()}.str(), chance, "0123456789. -");
        const auto expected = Version::parse(text);
        const auto found = read_software_version(text_of_plain(text));
        ASSERT_EQ(found.has_value(), expected.has_value()) << text;
        if (found) {
            ASSERT_EQ(*found, *expected) << text;
        }
        const std::string id = damaged("ECU_0" + std::to_string(chance() % 100), chance, "0123456789ECU_e");
        const auto expected_id = EcuId::parse(id);
        const auto found_id = read_ecu_number(text_of_plain(id));
        ASSERT_EQ(found_id.has_value(), expected_id.has_value()) << id;
        if (found_id) {
            ASSERT_EQ(*found_id, expected_id->number()) << id;
        }
    }
    EXPECT_EQ(read_ecu_number(text_of_plain("ECU_100")), 100);
    EXPECT_FALSE(read_software_version(text_of_plain("1.2.65536")));
    EXPECT_EQ(*read_software_version(text_of_plain("65535.65535.65535.65535")), (Version{65535, 65535, 65535, 65535}));
}

TEST(PartialText, ReadsHexIntoLentStorage) {
    std::array<std::uint8_t, 3> room{};
    EXPECT_EQ(to_hex(*read_hex(text_of_plain("01aBfF"), room)), "01abff");
    EXPECT_EQ(read_hex(text_of_plain(""), room)->size(), 0U);
    for (const std::string_view wrong : {"0", "010", "0g", "g0", "01020304", " 01", "0x01"})
        EXPECT_FALSE(read_hex(text_of_plain(wrong), room)) << wrong;
    EXPECT_TRUE(read_exact_hex(text_of_plain("010203"), room));
    EXPECT_FALSE(read_exact_hex(text_of_plain("0102"), room));
}

TEST(PartialText, KnowsItsSpecification) {
    for (const std::string_view right : {"1.0", "1.0.0", "1.0.31", "1.0.9999"})
        EXPECT_TRUE(is_spec_version(text_of_plain(right))) << right;
    for (const std::string_view wrong : {"", "1", "1.0.", "1.1", "1.0.3a", "1.0.12345", "2.0", "1.0.31.1"})
        EXPECT_FALSE(is_spec_version(text_of_plain(wrong))) << wrong;
}

TEST(PartialText, ReadsKeysLikeTheOtherReader) {
    std::mt19937_64 chance(3);
    const auto key = crypto::generate(crypto::KeyType::ecdsa_p256)->public_key();
    Bytes room(200);
    EXPECT_TRUE(std::ranges::equal(*read_pem(text_of_plain(key.pem()), room), key.der()));
    std::size_t read = 0;
    for (int i = 0; i < 5000; ++i) {
        const std::string pem = damaged(key.pem(), chance, "ABCabc019+/=-\n\r ");
        const auto found = read_pem(text_of_plain(pem), room);
        const auto expected = crypto::PublicKey::from_pem(pem);
        if (expected) {
            ASSERT_TRUE(found && std::ranges::equal(*found, expected->der())) << pem;
            ++read;
        } else if (found) {  // what decodes and is no key is found by whoever looks at its bytes
            ASSERT_FALSE(crypto::PublicKey::from_der(*found)) << pem;
        }
    }
    EXPECT_GT(read, 1000U);
    EXPECT_FALSE(read_pem(text_of_plain(key.pem()), Room(room).first(90)));
}

TEST(PartialText, ReadsBase64AsStrictlyAsTheOtherReader) {
    std::mt19937_64 chance(4);
    Bytes room(64);
    for (int i = 0; i < 30'000; ++i) {
        Bytes bytes(chance() % 7);
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(chance());
        const std::string text = damaged(to_base64(bytes), chance, "AQgw019+/==");
        const auto expected = from_base64(text);
        const std::string pem = "-----BEGIN PUBLIC KEY-----" + text + "-----END PUBLIC KEY-----";
        const auto found = read_pem(text_of_plain(pem), room);
        ASSERT_EQ(found.has_value(), expected.has_value()) << text;
        if (found) {
            ASSERT_TRUE(std::ranges::equal(*found, *expected)) << text;
        }
    }
}

}  // namespace
}  // namespace pitstop::uptane
