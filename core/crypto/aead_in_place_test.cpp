#include "core/crypto/aead_in_place.h"

#include "core/crypto/faults.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pitstop::crypto::aes_256_gcm {
namespace {

const Key key = [] {
    Key made;
    made.fill(0x42);
    return made;
}();

Nonce nonce(std::uint8_t number) { return Nonce{number}; }

Bytes with_room_for_a_tag(std::string_view text) {
    Bytes bytes(text.begin(), text.end());
    bytes.resize(bytes.size() + tag_size_bytes);
    return bytes;
}

InPlace ready() {
    InPlace made;
    EXPECT_TRUE(made.set_key(key));
    return made;
}

TEST(Aes256GcmInPlace, MakesTheSameBytesAsTheOtherForm) {
    InPlace cipher = ready();
    for (std::uint8_t number = 0; number < 3; ++number) {
        Bytes bytes = with_room_for_a_tag("four wheels and a spare one");
        ASSERT_TRUE(cipher.seal(nonce(number), view_of("context"), bytes));
        EXPECT_EQ(bytes, *seal(key, nonce(number), view_of("context"), view_of("four wheels and a spare one")));
        ASSERT_TRUE(cipher.open(nonce(number), view_of("context"), bytes));
        EXPECT_EQ(text_of(bytes).substr(0, 27), "four wheels and a spare one");
    }
}

TEST(Aes256GcmInPlace, LeavesNothingOfWhatItRefuses) {
    InPlace cipher = ready();
    Bytes sealed = with_room_for_a_tag("four wheels");
    ASSERT_TRUE(cipher.seal(nonce(1), {}, sealed));
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        Bytes altered = sealed;
        altered[at] ^= 0x80;
        ASSERT_TRUE(cipher.open(nonce(1), {}, altered).error().is(faults::not_authentic)) << at;
        ASSERT_TRUE(std::all_of(altered.begin(), altered.begin() + 11, [](auto byte) { return byte == 0; })) << at;
    }
    ASSERT_TRUE(cipher.open(nonce(1), {}, sealed)) << "a refusal harms nothing";
}

TEST(Aes256GcmInPlace, SealsNothingIntoATagAlone) {
    InPlace cipher = ready();
    Bytes tag = with_room_for_a_tag("");
    ASSERT_TRUE(cipher.seal(nonce(9), view_of("context"), tag));
    EXPECT_EQ(tag, *seal(key, nonce(9), view_of("context"), {}));
    EXPECT_TRUE(cipher.open(nonce(9), view_of("context"), tag));
    EXPECT_TRUE(cipher.open(nonce(9), view_of("Context"), tag).error().is(faults::not_authentic));
}

TEST(Aes256GcmInPlace, RefusesOtherSizes) {
    InPlace cipher = ready();
    Bytes much(message_bytes_max + tag_size_bytes + 1);
    EXPECT_TRUE(cipher.seal(nonce(1), {}, much).error().is(faults::too_long));
    EXPECT_TRUE(cipher.open(nonce(1), {}, much).error().is(faults::too_long));
    EXPECT_TRUE(cipher.open(nonce(1), {}, Room(much).first(15)).error().is(faults::not_authentic));
    EXPECT_TRUE(cipher.set_key(View(key).first(16)).error().is(faults::bad_key));
}

}  // namespace
}  // namespace pitstop::crypto::aes_256_gcm
