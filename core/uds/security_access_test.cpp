#include "core/uds/door_on_the_desk_test.h"

#include <gtest/gtest.h>

namespace pitstop::uds {
namespace {

using namespace desk;
using std::chrono::milliseconds;

constexpr Locks old_ecu{.certificates = false, .security = true};
constexpr auto level = programming_level;

class SecurityAccessTest : public testing::Test {
protected:
    DoorOnTheDesk ecu{old_ecu};
    DeskTester tester;

    void SetUp() override { tester.key = ecu_key(); }

    Bytes seed(DoorOnTheDesk& at, std::uint8_t of = level) {
        const Bytes answer = at.ask(Bytes{0x27, of});
        return answer[0] == 0x67 ? Bytes(answer.begin() + 2, answer.end()) : answer;
    }
    Bytes right_key(const Bytes& to, std::uint8_t of = level, const Door& door = door_of(0x0011)) {
        const Bytes tag =
            *tester.prove(ProofKind::symmetric, ProofText(ProofPurpose::security_key, of, door, to, {}).view());
        return {tag.begin(), tag.begin() + security_key_bytes};
    }
    static Bytes send(DoorOnTheDesk& at, Bytes key, std::uint8_t of = level) {
        key.insert(key.begin(), {0x27, static_cast<std::uint8_t>(of + 1)});
        return at.ask(key);
    }
    static Bytes wrong_key() { return Bytes(security_key_bytes, 0x11); }
    static Bytes refusal(Nrc nrc) { return {0x7F, 0x27, static_cast<std::uint8_t>(nrc)}; }
    bool may_program(DoorOnTheDesk& at) { return at.allows({0x36, 0x01, 0x00}); }
};

TEST_F(SecurityAccessTest, OpensForTheRightKey) {
    EXPECT_EQ(ecu.access->judge(Bytes{0x36, 1, 0}, Session::programming), Nrc::security_access_denied);
    const Bytes given = seed(ecu);
    EXPECT_EQ(given.size(), 16U);
    EXPECT_EQ(send(ecu, right_key(given)), (Bytes{0x67, 0x12}));
    EXPECT_TRUE(may_program(ecu));
    EXPECT_EQ(seed(ecu), Bytes(16, 0)) << "zeros: it is unlocked already";
}

TEST_F(SecurityAccessTest, AProgrammersWayInTakesIt) {
    EXPECT_EQ(enter(ecu, tester), WayIn::Through::security_key);
    EXPECT_TRUE(may_program(ecu));
    EXPECT_EQ(enter(ecu, tester), WayIn::Through::security_key) << "unlocked already";
    DeskTester without;
    DoorOnTheDesk locked(old_ecu);
    EXPECT_TRUE(enter(locked, without).error().is(faults::no_way_in));
    DoorOnTheDesk open({.certificates = false});
    EXPECT_EQ(enter(open, without), WayIn::Through::open_door);
}

TEST_F(SecurityAccessTest, ALevelOpensItsOwnThings) {
    const Bytes given = seed(ecu, diagnostic_level);
    EXPECT_EQ(send(ecu, right_key(given, diagnostic_level), diagnostic_level), (Bytes{0x67, 0x02}));
    EXPECT_FALSE(may_program(ecu));
    EXPECT_TRUE(ecu.allows({0x2F, 1, 0, 3}));
    EXPECT_NE(seed(ecu, programming_level), Bytes(16, 0));
}

TEST_F(SecurityAccessTest, LocksWithEverySessionChange) {
    ASSERT_TRUE(enter(ecu, tester));
    ecu.access->session_changed(Session::programming);
    EXPECT_FALSE(may_program(ecu));
    const Bytes given = seed(ecu);
    ecu.access->session_changed(Session::extended);
    EXPECT_EQ(send(ecu, right_key(given)), refusal(Nrc::request_sequence_error)) << "the seed went with its session";
}

TEST_F(SecurityAccessTest, ASeedIsGoodForOneKeyOfItsLevelAtItsDoor) {
    Bytes given = seed(ecu);
    EXPECT_EQ(send(ecu, right_key(given), diagnostic_level), refusal(Nrc::request_sequence_error));
    EXPECT_EQ(send(ecu, right_key(given, diagnostic_level)), refusal(Nrc::invalid_key));
    EXPECT_EQ(send(ecu, right_key(given)), refusal(Nrc::request_sequence_error)) << "that seed is used";
    given = seed(ecu);
    EXPECT_EQ(send(ecu, right_key(given, level, door_of(0x0012))), refusal(Nrc::invalid_key));
    EXPECT_EQ(send(ecu, right_key(given)), refusal(Nrc::request_sequence_error));
    const Bytes first = seed(ecu);
    EXPECT_NE(first, seed(ecu));
}

TEST_F(SecurityAccessTest, WaitsAfterThreeWrongKeys) {
    for (int attempt = 1; attempt <= 2; ++attempt) {
        seed(ecu);
        EXPECT_EQ(send(ecu, wrong_key()), refusal(Nrc::invalid_key));
    }
    seed(ecu);
    EXPECT_EQ(send(ecu, wrong_key()), refusal(Nrc::exceeded_number_of_attempts));
    EXPECT_EQ(seed(ecu), refusal(Nrc::required_time_delay_not_expired));
    ecu.now = ecu.now + (SecurityAccess::delay - milliseconds(1));
    EXPECT_EQ(seed(ecu), refusal(Nrc::required_time_delay_not_expired));
    ecu.now = ecu.now + milliseconds(1);
    seed(ecu);
    EXPECT_EQ(send(ecu, wrong_key()), refusal(Nrc::exceeded_number_of_attempts)) << "one more, not three";
    ecu.now = ecu.now + SecurityAccess::delay;
    EXPECT_EQ(send(ecu, right_key(seed(ecu))), (Bytes{0x67, 0x12}));
    EXPECT_EQ(ecu.attempts.kept, 0);
}

TEST_F(SecurityAccessTest, AResetClearsNeitherCountNorDelay) {
    seed(ecu);
    send(ecu, wrong_key());
    ASSERT_EQ(ecu.attempts.kept, 1);
    DoorOnTheDesk again(old_ecu, door_of(0x0011), ecu.attempts.kept);
    EXPECT_EQ(seed(again), refusal(Nrc::required_time_delay_not_expired)) << "also after power-on";
    again.now = Tick{0} + SecurityAccess::delay;
    seed(again);
    EXPECT_EQ(send(again, wrong_key()), refusal(Nrc::invalid_key));
    EXPECT_EQ(again.attempts.kept, 2);
}

TEST_F(SecurityAccessTest, AnAttemptIsCountedBeforeTheKeyIsLookedAt) {
    const Bytes given = seed(ecu);
    ecu.attempts.fails = true;
    EXPECT_EQ(send(ecu, right_key(given)), refusal(Nrc::conditions_not_correct));
    EXPECT_FALSE(may_program(ecu)) << "an ECU that cannot count lets nobody try";
}

TEST_F(SecurityAccessTest, RefusesWhatTheStandardDoes) {
    EXPECT_EQ(ecu.ask(Bytes{0x27}), refusal(Nrc::incorrect_message_length_or_invalid_format));
    EXPECT_EQ(ecu.ask(Bytes{0x27, 0x03}), refusal(Nrc::sub_function_not_supported));
    EXPECT_EQ(ecu.ask(Bytes{0x27, 0x00}), refusal(Nrc::sub_function_not_supported));
    EXPECT_EQ(ecu.ask(Bytes{0x27, level, 0x00}), refusal(Nrc::incorrect_message_length_or_invalid_format));
    EXPECT_EQ(send(ecu, Bytes(15, 0)), refusal(Nrc::incorrect_message_length_or_invalid_format));
    EXPECT_EQ(send(ecu, wrong_key()), refusal(Nrc::request_sequence_error)) << "no seed was asked for";
    EXPECT_EQ(ecu.attempts.kept, 0) << "and that is no attempt";
    ecu.randomness.fails = true;
    EXPECT_EQ(seed(ecu), refusal(Nrc::conditions_not_correct));
}

// The vector of docs/formats/access.md.
TEST_F(SecurityAccessTest, TheKeyIsTheOneOfThePage) {
    const Bytes given = *from_hex("000102030405060708090a0b0c0d0e0f");
    const Door door{0x0011, Text<17>("TESTCAR1")};
    EXPECT_EQ(to_hex(right_key(given, 0x11, door)), "d02c06cf42c93739befc2c51ff6a1fb1");
}

TEST(AccessControl, SaysWhatNeedsWhat) {
    DoorOnTheDesk ecu;
    using Request = std::initializer_list<std::uint8_t>;
    for (const Request open : {Request{0x10, 0x02},
                               {0x11, 0x01},
                               {0x14, 0xFF, 0xFF, 0xFF},
                               {0x19, 0x02, 0xFF},
                               {0x22, 0xF1, 0x90},
                               {0x3E, 0x00},
                               {0x28, 0x00, 0x01},
                               {0x85, 0x01},
                               {0x31, 0x01, 0x02, 0x03},
                               {0x31, 0x01, 0xF0, 0x12},
                               {0x31, 0x01, 0xF0, 0x13},
                               {0x31, 0x01, 0xF0, 0x01},
                               {0x31, 0x01, 0xF0, 0x21},
                               {0x31, 0x01},
                               {0x29, 0x08},
                               {0x27, 0x01}})
        EXPECT_TRUE(ecu.allows(open)) << to_hex(Bytes(open));
    for (const Request closed : {Request{0x34, 0x00},
                                 {0x35, 0x00},
                                 {0x36, 0x01, 0x00},
                                 {0x37},
                                 {0x38, 0x01},
                                 {0x2E, 0xF1, 0x5A},
                                 {0x2F, 0x01, 0x00},
                                 {0x3D, 0x11},
                                 {0x23, 0x11},
                                 {0x31, 0x01, 0xFF, 0x00},
                                 {0x31, 0x01, 0xFF, 0x01},
                                 {0x31, 0x01, 0x02, 0x02},
                                 {0x31, 0x01, 0xF0, 0x10},
                                 {0x31, 0x01, 0xF0, 0x11},
                                 {0x31, 0x02, 0xFF, 0x00},
                                 {0x31, 0x81, 0xFF, 0x00},
                                 {0x31, 0x01, 0xF0, 0x20},
                                 {0x31, 0x01, 0xF0, 0x22},
                                 {0x31, 0x01, 0xF0, 0x23}})
        EXPECT_FALSE(ecu.allows(closed)) << to_hex(Bytes(closed));
    const Bytes download{0x34, 0x00};
    EXPECT_EQ(ecu.access->judge(download, Session::extended), Nrc::positive_response) << "metadata proves itself";
    EXPECT_EQ(ecu.access->judge(download, Session::programming), Nrc::authentication_required);
}

}  // namespace
}  // namespace pitstop::uds
