#include "core/seal/frames.h"

#include "core/crypto/digest.h"
#include "core/crypto/mac.h"
#include "core/seal/faults.h"
#include "core/seal/openssl_opener.h"

#include <gtest/gtest.h>

#include <limits>

namespace pitstop::seal {
namespace {

const MasterKey master(Bytes(32, 0x4D));
constexpr FrameLink to_ecu{0x0011, Direction::to_ecu}, from_ecu{0x0011, Direction::from_ecu};

struct Link {
    explicit Link(const FrameLink& link = to_ecu, std::uint64_t counter = 0, const MasterKey& receiver_key = master)
        : sealer({cipher, hasher}, master, link, counter),
          opener({cipher, hasher}, receiver_key, link, counter) {}

    Bytes frame(std::string_view message, std::uint64_t answers = 0) {
        Bytes room(frame_overhead_bytes + message.size());
        const auto sealed = sealer.seal(view_of(message), answers, room);
        EXPECT_TRUE(sealed.has_value());
        return room;
    }
    Result<std::string> open(Bytes frame, std::uint64_t answers = 0) {
        TRY(const View message, opener.open(frame, answers));
        return std::string(text_of(message));
    }

    OpenSslChunkCipher cipher;
    crypto::Sha256 hasher;
    FrameSealer sealer;
    FrameOpener opener;
};

TEST(Frames, CarryMessagesInOrder) {
    Link link;
    for (const std::string_view message : {"unlock", "", "transfer"})
        EXPECT_EQ(*link.open(link.frame(message)), message);
    EXPECT_EQ(link.sealer.counter(), 3U);
    EXPECT_EQ(link.opener.counter(), 3U);
}

TEST(Frames, NoticeEveryFlippedBit) {
    Link link;
    const Bytes honest = link.frame("unlock");
    for (std::size_t bit = 0; bit < honest.size() * 8; ++bit) {
        Bytes altered = honest;
        altered[bit / 8] = static_cast<std::uint8_t>(altered[bit / 8] ^ (1 << (bit % 8)));
        const auto opened = link.open(altered);
        ASSERT_FALSE(opened.has_value()) << bit;
        const bool is_form = bit / 8 < 8 || (bit / 8 >= 24 && bit / 8 < 28);
        ASSERT_TRUE(opened.error().is(is_form ? faults::bad_frame : faults::frame_not_authentic)) << bit;
    }
    EXPECT_EQ(link.opener.counter(), 0U);
    EXPECT_EQ(*link.open(honest), "unlock") << "what was refused changed nothing";
}

TEST(Frames, NoticeOtherLengths) {
    Link link;
    const Bytes honest = link.frame("unlock");
    for (std::size_t size = 0; size < honest.size(); ++size)
        ASSERT_TRUE(link.open(Bytes(honest.begin(), honest.begin() + static_cast<std::ptrdiff_t>(size)))
                        .error()
                        .is(faults::bad_frame))
            << size;
    Bytes longer = honest;
    longer.push_back(0);
    EXPECT_TRUE(link.open(longer).error().is(faults::bad_frame));
    EXPECT_TRUE(link.open(Bytes(frame_overhead_bytes + frame_message_bytes_max + 1)).error().is(faults::bad_frame));
}

TEST(Frames, CountOnceAndNotTooFar) {
    Link link;
    const Bytes first = link.frame("one"), second = link.frame("two");
    EXPECT_EQ(*link.open(second), "two") << "a lost frame is no attack";
    EXPECT_TRUE(link.open(second).error().is(faults::frame_out_of_window)) << "repeated";
    EXPECT_TRUE(link.open(first).error().is(faults::frame_out_of_window)) << "late";
    for (std::uint64_t lost = 0; lost < frames_lost_max; ++lost) static_cast<void>(link.frame(""));
    EXPECT_TRUE(link.open(link.frame("far")).error().is(faults::frame_out_of_window));
    EXPECT_EQ(link.opener.counter(), 2U);
    Link last;
    for (std::uint64_t lost = 1; lost < frames_lost_max; ++lost) static_cast<void>(last.frame(""));
    EXPECT_EQ(*last.open(last.frame("as far as may be")), "as far as may be");
}

TEST(Frames, BelongToOneDirectionOfOneEcuUnderOneKey) {
    Link link, back(from_ecu), other_ecu({0x0012, Direction::to_ecu}), other_key(to_ecu, 0, MasterKey(Bytes(32, 1)));
    const Bytes frame = link.frame("unlock");
    EXPECT_TRUE(back.open(frame).error().is(faults::bad_frame));
    EXPECT_TRUE(other_ecu.open(frame).error().is(faults::bad_frame));
    EXPECT_TRUE(other_key.open(frame).error().is(faults::frame_not_authentic));

    Bytes reflected = frame;  // also where it says that it went the other way
    reflected[4] = 1;
    EXPECT_TRUE(back.open(reflected).error().is(faults::frame_not_authentic));
}

TEST(Frames, AnswerTheRequestThatWasSent) {
    Link request, answer(from_ecu);
    ASSERT_TRUE(request.open(request.frame("read")));
    const std::uint64_t asked = request.sealer.counter();
    EXPECT_TRUE(answer.open(answer.frame("42", asked + 1), asked).error().is(faults::not_the_answer));
    EXPECT_TRUE(answer.open(answer.frame("42"), asked).error().is(faults::not_the_answer));
    EXPECT_EQ(*answer.open(answer.frame("42", asked), asked), "42");
}

TEST(Frames, FitIntoTheirRoom) {
    Link link;
    Bytes room(frame_overhead_bytes + frame_message_bytes_max);
    EXPECT_TRUE(link.sealer.seal(Bytes(frame_message_bytes_max + 1), 0, room).error().is(faults::frame_too_long));
    EXPECT_TRUE(
        link.sealer.seal(Bytes(10), 0, Room(room).first(frame_overhead_bytes + 9)).error().is(faults::frame_too_long));
    EXPECT_EQ(link.sealer.counter(), 0U);
    const Bytes largest(frame_message_bytes_max, 0x77);
    ASSERT_TRUE(link.sealer.seal(largest, 0, room));
    EXPECT_TRUE(std::ranges::equal(*link.opener.open(room, 0), largest));
}

TEST(Frames, EndWithTheirCounter) {
    constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    Link link(to_ecu, last - 1);
    EXPECT_EQ(*link.open(link.frame("last")), "last");
    Bytes room(200);
    EXPECT_TRUE(link.sealer.seal(view_of("more"), 0, room).error().is(faults::counter_used_up));
}

TEST(Frames, AreBuiltFromStandardParts) {
    Link link;
    const Bytes frame = link.frame("unlock", 5);
    const Bytes info = *from_hex(to_hex(view_of("pitstop-frame-1")) + "000011");
    const Bytes keys = *crypto::hkdf_sha256(master.view(), {}, info, 68);
    EXPECT_EQ(to_hex(View(frame).first(28)),
              "505346310000001100000000000000010000000000000005"
              "00000006");
    crypto::aes_256_gcm::Key key;
    std::copy_n(keys.begin(), 32, key.begin());
    crypto::aes_256_gcm::Nonce nonce{};
    std::copy_n(keys.begin() + 64, 4, nonce.begin());
    nonce[11] = 1;
    const View body = View(frame).subspan(28, 6 + 16);
    EXPECT_EQ(text_of(*crypto::aes_256_gcm::open(key, nonce, View(frame).first(28), body)), "unlock");
    const auto mac = crypto::hmac_sha256(View(keys).subspan(32, 32), View(frame).first(50));
    EXPECT_TRUE(std::ranges::equal(mac, View(frame).last(32)));
}

// A MAC by who knows the MAC key alone: the inner tag holds by itself.
TEST(Frames, AreRefusedByTheInnerTagToo) {
    Link link;
    Bytes frame = link.frame("unlock");
    frame[30] ^= 1;
    const FrameKeys keys = frame_keys(link.hasher, master, to_ecu);
    std::ranges::copy(crypto::hmac_sha256(keys.mac_key.view(), View(frame).first(frame.size() - 32)), frame.end() - 32);
    EXPECT_TRUE(link.open(frame).error().is(faults::frame_not_authentic));
}

}  // namespace
}  // namespace pitstop::seal
