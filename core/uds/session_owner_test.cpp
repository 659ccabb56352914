#include "core/uds/session_owner.h"

#include <gtest/gtest.h>

namespace pitstop::uds {
namespace {

using namespace std::chrono_literals;
using enum SessionOwner::Verdict;

const Bytes extended{0x10, 0x03}, is_extended{0x50, 0x03, 0x00, 0x32, 0x01, 0xF4};
const Bytes by_default{0x10, 0x01}, is_by_default{0x50, 0x01, 0x00, 0x32, 0x01, 0xF4};
const Bytes read{0x22, 0xF1, 0x90}, awake{0x3E, 0x00}, awake_silently{0x3E, 0x80}, erase{0x31, 0x01, 0xFF, 0x00};
const Bytes show_certificate{0x29, 0x01, 0x00}, shown{0x69, 0x01, 0x11};

struct Owned : testing::Test {
    void ask(SessionOwner::Tester who, const Bytes& request, const Bytes& answer) {
        ASSERT_EQ(owner.judge(who, request), pass);
        owner.on_request(who, request, now);
        owner.on_answer(answer, now);
    }
    void later(std::chrono::milliseconds by) { now = now + by; }

    const char connections[2]{};
    SessionOwner::Tester first = &connections[0], second = &connections[1];
    SessionOwner owner;
    Tick now{1'000'000};
};

TEST_F(Owned, WhoOpensASessionKeepsOthersAwayButNotFromReading) {
    ask(first, extended, is_extended);
    EXPECT_EQ(owner.judge(first, erase), pass);
    for (const Bytes& request : {erase, extended, by_default, show_certificate, Bytes{0x27, 0x01}, Bytes{0x11, 0x01},
                                 Bytes{0x36, 0x01}, Bytes{0x14, 0xFF, 0xFF, 0xFF}})
        EXPECT_EQ(owner.judge(second, request), busy) << to_hex(request);
    EXPECT_EQ(owner.judge(second, read), pass);
    EXPECT_EQ(owner.judge(second, Bytes{0x19, 0x02, 0xFF}), pass);
}

TEST_F(Owned, AnotherTestersPresenceIsConfirmedButNotToldToTheEcu) {
    ask(first, extended, is_extended);
    EXPECT_EQ(owner.judge(second, awake), is_awake);
    EXPECT_EQ(to_hex(answer_instead(is_awake, awake)->view()), "7e00");
    EXPECT_EQ(owner.judge(second, awake_silently), is_awake);
    EXPECT_FALSE(answer_instead(is_awake, awake_silently));
    const Bytes wrong{0x3E, 0x01};
    EXPECT_EQ(owner.judge(second, wrong), busy);
    EXPECT_EQ(to_hex(answer_instead(busy, wrong)->view()), "7f3e21");
}

TEST_F(Owned, TheSessionIsTakenWithTheRequestNotWithItsAnswer) {
    owner.on_request(first, extended, now);
    EXPECT_EQ(owner.judge(second, extended), busy);
    owner.on_answer(Bytes{0x7F, 0x10, 0x78}, now);
    EXPECT_EQ(owner.judge(second, extended), busy);
    owner.on_answer(Bytes{0x7F, 0x10, 0x22}, now);
    EXPECT_EQ(owner.judge(second, extended), pass) << "it was refused";
}

TEST_F(Owned, SomeRequestsOwnNothing) {
    for (const Bytes& request : {read, erase, by_default, awake, Bytes{0x29, 0x08}, Bytes{}}) {
        owner.on_request(first, request, now);
        EXPECT_EQ(owner.judge(second, extended), pass) << to_hex(request);
    }
}

TEST_F(Owned, AnAuthenticationUnderWayIsNobodyElses) {
    ask(first, show_certificate, shown);
    EXPECT_EQ(owner.judge(second, show_certificate), busy);
    ask(first, Bytes{0x29, 0x03}, Bytes{0x7F, 0x29, 0x58});
    EXPECT_EQ(owner.judge(second, show_certificate), busy) << "only S3 tells that it will not be tried again";
}

TEST_F(Owned, ARefusalWithinTheSessionDoesNotGiveItAway) {
    owner.on_request(first, Bytes{0x10, 0x83}, now);  // nobody says that it was obeyed
    ask(first, erase, Bytes{0x7F, 0x31, 0x31});
    EXPECT_EQ(owner.judge(second, erase), busy);
}

TEST_F(Owned, TheDefaultSessionAndAResetSetFree) {
    for (const Bytes& answer : {is_by_default, Bytes{0x51, 0x01}}) {
        ask(first, extended, is_extended);
        ask(first, Bytes{static_cast<std::uint8_t>(answer[0] - 0x40), 0x01}, answer);
        EXPECT_EQ(owner.judge(second, extended), pass);
        EXPECT_FALSE(owner.deadline());
    }
}

TEST_F(Owned, AClosedConnectionsSessionIsEndedBeforeAnybodyHasATurn) {
    ask(first, extended, is_extended);
    EXPECT_FALSE(owner.on_closed(second, now));
    EXPECT_TRUE(owner.on_closed(first, now));
    EXPECT_EQ(owner.judge(first, erase), wait) << "the address may be another connection's by now";
    EXPECT_EQ(owner.judge(second, read), pass);
    ASSERT_TRUE(owner.ends_session(now));
    EXPECT_FALSE(owner.ends_session(now)) << "said once";
    owner.on_answer(is_extended, now);  // what the owner asked for last
    EXPECT_EQ(owner.judge(second, extended), wait);
    owner.on_answer(is_by_default, now);
    EXPECT_EQ(owner.judge(second, extended), pass);
}

TEST_F(Owned, AnEcuThatIsBusyIsAskedAgainUntilItHasEndedTheSession) {
    ask(first, extended, is_extended);
    owner.on_closed(first, now);
    for (int times = 0; times < 100; ++times) {
        ASSERT_TRUE(owner.ends_session(now));
        owner.on_answer(Bytes{0x7F, 0x10, 0x21}, now);
        EXPECT_FALSE(owner.ends_session(now));
        later(SessionOwner::end_again);
    }
    EXPECT_TRUE(owner.is_ending());
    owner.on_answer(is_by_default, now);
    EXPECT_FALSE(owner.is_ending());
}

TEST_F(Owned, ARequestThatIsLostOnItsWayBeginsTheTimeAnew) {
    owner.on_request_lost(now);
    EXPECT_EQ(owner.deadline(), std::nullopt) << "nobody's session";
    ask(first, extended, is_extended);
    later(6s);
    owner.on_request_lost(now);
    later(SessionOwner::s3 - 1ms);
    EXPECT_FALSE(owner.ends_session(now));
    later(1ms);
    EXPECT_TRUE(owner.ends_session(now));
}

TEST_F(Owned, AnEcuThatIsSilentHasEndedItByItself) {
    ask(first, extended, is_extended);
    owner.on_closed(first, now);
    int asked = 0;
    for (Tick at = now; owner.is_ending(); at = *owner.deadline()) {
        if (owner.ends_session(at)) ++asked;
        if (!owner.deadline()) now = at;
        if (!owner.deadline()) break;
    }
    EXPECT_EQ(asked, SessionOwner::s3 / SessionOwner::end_limit);
    EXPECT_EQ(now, Tick{1'000'000} + SessionOwner::s3);
    EXPECT_EQ(owner.judge(second, extended), pass);
}

TEST_F(Owned, SilenceForS3EndsItAndOnlyTheOwnersRequestsCount) {
    ask(first, extended, is_extended);
    later(4s);
    ask(second, read, Bytes{0x62, 0xF1, 0x90, 0x00});
    later(900ms);
    EXPECT_FALSE(owner.ends_session(now));
    later(100ms);
    EXPECT_TRUE(owner.ends_session(now)) << "the ECU may think that it was spoken to";
    EXPECT_EQ(owner.judge(first, erase), wait);
    owner.on_answer(is_by_default, now);
    EXPECT_EQ(owner.judge(second, extended), pass);
}

TEST_F(Owned, TheOwnersTesterPresentKeepsIt) {
    ask(first, extended, is_extended);
    for (int times = 0; times < 5; ++times) {
        later(4s);
        EXPECT_EQ(owner.judge(first, awake_silently), pass);
        owner.on_request(first, awake_silently, now);
        EXPECT_FALSE(owner.ends_session(now));
    }
}

TEST_F(Owned, AnEcuMayWorkForAsLongAsItSaysSo) {
    ask(first, extended, is_extended);
    owner.on_request(first, erase, now);
    for (int times = 0; times < 10; ++times) {
        later(10s);
        EXPECT_FALSE(owner.ends_session(now));
        owner.on_answer(Bytes{0x7F, 0x31, 0x78}, now);
    }
    later(SessionOwner::answer_limit);
    EXPECT_TRUE(owner.ends_session(now));
}

TEST_F(Owned, LeavingWithoutAnAnswerIsMadeSureOf) {
    ask(first, extended, is_extended);
    owner.on_request(first, Bytes{0x10, 0x81}, now);
    EXPECT_TRUE(owner.ends_session(now)) << "a busy ECU would not have obeyed";
}

}  // namespace
}  // namespace pitstop::uds
