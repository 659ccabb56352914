#include "core/crypto/hpke.h"

#include "core/crypto/faults.h"
#include "core/crypto/xwing_vectors_test.h"

#include <gtest/gtest.h>

namespace pitstop::crypto::hpke {
namespace {

using xwing::PrivateKey;

PrivateKey key_from(std::string_view seed_hex) { return *PrivateKey::from_seed(*from_hex(seed_hex)); }

struct Wrapped {
    PrivateKey key = key_from(vectors::x_wing[1].seed);
    Bytes sealed = *seal_derand(key.public_key(), view_of(vectors::hpke_js::info), view_of(vectors::hpke_js::context),
                                view_of(vectors::hpke_js::message), *from_hex(vectors::x_wing[1].randomness));

    [[nodiscard]] Result<Bytes> opened(View bytes) const {
        return open(key, view_of(vectors::hpke_js::info), view_of(vectors::hpke_js::context), bytes);
    }
};

TEST(Hpke, GivesTheKeyScheduleOfTheDraft) {
    using namespace vectors::hpke_pq;
    const auto schedule = key_schedule(*from_hex(secret), *from_hex(info), aead);
    EXPECT_EQ(to_hex(schedule.key.view()), key);
    EXPECT_EQ(to_hex(schedule.nonce), nonce);
}

TEST(Hpke, GivesWhatAnotherImplementationMade) {
    const Wrapped wrapped;
    EXPECT_EQ(to_hex(View(wrapped.sealed).subspan(xwing::ciphertext_size_bytes)), vectors::hpke_js::ciphertext);
    EXPECT_EQ(text_of(*wrapped.opened(wrapped.sealed)), vectors::hpke_js::message);
}

TEST(Hpke, OpensForItsRecipientOnly) {
    const PrivateKey mine = *PrivateKey::generate(), other = *PrivateKey::generate();
    const Bytes sealed = *seal(mine.public_key(), view_of("info"), view_of("context"), view_of("key"));
    ASSERT_EQ(sealed.size(), overhead_bytes + 3);
    EXPECT_EQ(text_of(*open(mine, view_of("info"), view_of("context"), sealed)), "key");
    EXPECT_TRUE(open(other, view_of("info"), view_of("context"), sealed).error().is(faults::not_authentic));
    EXPECT_TRUE(open(mine, view_of("Info"), view_of("context"), sealed).error().is(faults::not_authentic));
    EXPECT_TRUE(open(mine, view_of("info"), view_of("Context"), sealed).error().is(faults::not_authentic));
    EXPECT_TRUE(open(mine, {}, {}, sealed).error().is(faults::not_authentic));
    EXPECT_NE(*seal(mine.public_key(), {}, {}, {}), *seal(mine.public_key(), {}, {}, {}));
}

TEST(Hpke, NoticesEveryFlippedBit) {
    const Wrapped wrapped;
    for (std::size_t bit = 0; bit < wrapped.sealed.size() * 8; ++bit) {
        Bytes altered = wrapped.sealed;
        altered[bit / 8] = static_cast<std::uint8_t>(altered[bit / 8] ^ (1 << (bit % 8)));
        const auto opened = wrapped.opened(altered);
        ASSERT_FALSE(opened.has_value()) << "bit " << bit;
        ASSERT_TRUE(opened.error().is(faults::not_authentic)) << opened.error().str();
    }
}

TEST(Hpke, NoticesOtherLengths) {
    const Wrapped wrapped;
    for (std::size_t size = 0; size < wrapped.sealed.size(); ++size)
        ASSERT_TRUE(wrapped.opened(View(wrapped.sealed).first(size)).error().is(faults::not_authentic)) << size;
    Bytes longer = wrapped.sealed;
    longer.push_back(0);
    EXPECT_TRUE(wrapped.opened(longer).error().is(faults::not_authentic));
}

TEST(Hpke, WrapsKeysNotFiles) {
    const Wrapped wrapped;
    const Bytes most(message_bytes_max), more(message_bytes_max + 1);
    const Bytes sealed = *seal(wrapped.key.public_key(), {}, {}, most);
    EXPECT_EQ(*open(wrapped.key, {}, {}, sealed), most);
    EXPECT_TRUE(seal(wrapped.key.public_key(), {}, {}, more).error().is(faults::too_long));
    EXPECT_TRUE(wrapped.opened(Bytes(overhead_bytes + more.size())).error().is(faults::too_long));
}

}  // namespace
}  // namespace pitstop::crypto::hpke
