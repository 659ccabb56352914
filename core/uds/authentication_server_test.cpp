#include "core/uds/door_on_the_desk_test.h"

#include <gtest/gtest.h>

namespace pitstop::uds {
namespace {

using namespace desk;
using certificates::CertificateWish;

const Bytes programs{0x34, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 1, 0};

class AuthenticationServerTest : public testing::Test {
protected:
    DoorOnTheDesk ecu;
    DeskTester gateway{{}};

    bool may_program(DoorOnTheDesk& at) {
        return at.access->judge(programs, Session::programming) == Nrc::positive_response;
    }
    bool may_program() { return may_program(ecu); }

    static Bytes certificate_message(View chain, View challenge = {}) {
        return message_of(VerifyCertificate{.certificate = chain, .challenge = challenge});
    }
    static Bytes proof_message(View proof) { return message_of(ProofOfOwnership{.proof = proof, .ephemeral_key = {}}); }
    static Nrc nrc_of(const Bytes& answer) {
        return answer[0] == negative_response_sid ? static_cast<Nrc>(answer[2]) : Nrc::positive_response;
    }
    Bytes show(ProofKind kind, DeskTester& tester) { return ecu.ask(certificate_message(tester.chain(kind))); }
    // The proof that this tester makes for a challenge at this door.
    static Bytes prove(DeskTester& tester, ProofKind kind, const Bytes& challenge_answer,
                       const Door& door = door_of(0x0011)) {
        const auto read = read_server_challenge(challenge_answer);
        const ProofText text(ProofPurpose::certificate_holder, 0, door, read->challenge, {});
        return *tester.prove(kind, text.view());
    }
};

TEST_F(AuthenticationServerTest, LetsInWhoProvesBothFamilies) {
    EXPECT_FALSE(may_program());
    EXPECT_EQ(enter(ecu, gateway), WayIn::Through::certificates);
    EXPECT_TRUE(may_program());
}

TEST_F(AuthenticationServerTest, AnEcuWithCertificatesOnlyHasNoSecurityAccess) {
    EXPECT_TRUE(ecu.access->offers(Service::authentication));
    EXPECT_FALSE(ecu.access->offers(Service::security_access));
    EXPECT_EQ(ecu.ask(Bytes{0x27, 0x11}), (Bytes{0x7F, 0x27, 0x11}));
}

TEST_F(AuthenticationServerTest, ChecksAfterTellingThatItTakesLong) {
    DoorOnTheDesk slow({.checking = CheckingTakes::longer_than_p2});
    EXPECT_EQ(enter(slow, gateway), WayIn::Through::certificates);
    EXPECT_TRUE(may_program(slow));
}

TEST_F(AuthenticationServerTest, OneFamilyIsNotEnoughWhereBothAreWanted) {
    for (const ProofKind lost : {ProofKind::classical, ProofKind::post_quantum}) {
        DoorOnTheDesk fresh;
        DeskTester half{{}};
        half.lose(lost);
        EXPECT_TRUE(enter(fresh, half).error().is(faults::no_way_in));
        EXPECT_FALSE(may_program(fresh));
    }
}

TEST_F(AuthenticationServerTest, OneFamilyIsEnoughByPolicy) {
    DoorOnTheDesk classical({.wanted = WantedProofs::classical});
    EXPECT_EQ(enter(classical, gateway), WayIn::Through::certificates);
    EXPECT_TRUE(may_program(classical));
    DoorOnTheDesk post_quantum({.wanted = WantedProofs::post_quantum});
    EXPECT_EQ(enter(post_quantum, gateway), WayIn::Through::certificates) << "passes over the unwanted certificate";
    EXPECT_TRUE(may_program(post_quantum));
}

TEST_F(AuthenticationServerTest, GivesTheRolesThatBothCertificatesHave) {
    DeskTester reader{{.units = {"role=diagnostic"}}};
    EXPECT_EQ(enter(ecu, reader), WayIn::Through::certificates);
    EXPECT_FALSE(may_program());
    EXPECT_TRUE(ecu.allows({0x2F, 0x01, 0x00, 0x03}));
}

TEST_F(AuthenticationServerTest, TwoTestersTogetherAreNobody) {
    DeskTester other{{.name = "workshop"}};
    prove(gateway, ProofKind::classical, show(ProofKind::classical, gateway));
    const Bytes first = show(ProofKind::classical, gateway);
    ASSERT_EQ(nrc_of(ecu.ask(proof_message(prove(gateway, ProofKind::classical, first)))), Nrc::positive_response);
    EXPECT_EQ(nrc_of(show(ProofKind::post_quantum, other)), Nrc::certificate_invalid_scope);

    DeskTester same_name_other_role{{.units = {"role=development"}}};
    const Bytes second = show(ProofKind::post_quantum, same_name_other_role);
    const Bytes proof = prove(same_name_other_role, ProofKind::post_quantum, second);
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(proof))), Nrc::setting_access_rights_failed) << "no role in both";
    EXPECT_FALSE(may_program());
}

TEST_F(AuthenticationServerTest, RefusesAForeignAuthority) {
    const Authorities foreign;
    DeskTester stranger{{}, foreign};
    const Nrc nrc = nrc_of(show(ProofKind::classical, stranger));
    EXPECT_TRUE(nrc == Nrc::certificate_invalid_signature || nrc == Nrc::certificate_invalid_chain_of_trust);
}

TEST_F(AuthenticationServerTest, TellsWhatIsWrongWithACertificate) {
    ecu.time = ecu.time + std::chrono::hours(48);
    EXPECT_EQ(nrc_of(show(ProofKind::post_quantum, gateway)), Nrc::certificate_invalid_time_period);
    ecu.time = certificates::certificates_now;
    const auto told = [&](const CertificateWish& wish) {
        return nrc_of(
            ecu.ask(certificate_message(certificates::issue(KeyType::ecdsa_p256, wish, &maker().classical).der())));
    };
    EXPECT_EQ(told({.units = {}}), Nrc::certificate_invalid_content);
    EXPECT_EQ(told({.units = {"role=programming", "vin=ANOTHERCAR"}}), Nrc::certificate_invalid_scope);
    EXPECT_EQ(told({.purpose = "serverAuth"}), Nrc::certificate_invalid_type);
    EXPECT_EQ(nrc_of(ecu.ask(certificate_message(Bytes{1, 2, 3}))), Nrc::certificate_invalid_format);
}

TEST_F(AuthenticationServerTest, RefusesAReplayedProof) {
    const Bytes proof = prove(gateway, ProofKind::classical, show(ProofKind::classical, gateway));
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(proof))), Nrc::positive_response);
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(proof))), Nrc::request_sequence_error) << "a challenge is good for one";
    show(ProofKind::classical, gateway);
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(proof))), Nrc::ownership_verification_failed);
}

TEST_F(AuthenticationServerTest, AWrongProofTakesTheChallengeAway) {
    const Bytes challenge = show(ProofKind::classical, gateway);
    Bytes wrong = prove(gateway, ProofKind::classical, challenge);
    wrong.back() ^= 1;
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(wrong))), Nrc::ownership_verification_failed);
    const Bytes right = prove(gateway, ProofKind::classical, challenge);
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(right))), Nrc::request_sequence_error);
}

TEST_F(AuthenticationServerTest, RefusesAProofForAnotherDoorOrAnotherChallenge) {
    for (const Door& other : {door_of(0x0012), door_of(0x0011, "WPTSTP00000000002")}) {
        const Bytes challenge = show(ProofKind::classical, gateway);
        const Bytes proof = prove(gateway, ProofKind::classical, challenge, other);
        EXPECT_EQ(nrc_of(ecu.ask(proof_message(proof))), Nrc::ownership_verification_failed);
    }
    const Bytes first = show(ProofKind::classical, gateway);
    show(ProofKind::classical, gateway);
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(prove(gateway, ProofKind::classical, first)))),
              Nrc::ownership_verification_failed)
        << "the newest challenge counts";
    const Bytes mine{5, 5, 5};
    const Bytes with_mine = ecu.ask(certificate_message(gateway.chain(ProofKind::classical), mine));
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(prove(gateway, ProofKind::classical, with_mine)))),
              Nrc::ownership_verification_failed)
        << "the tester's challenge is signed too";
}

TEST_F(AuthenticationServerTest, RefusesAnotherHoldersKey) {
    DeskTester thief{{}};
    const Bytes challenge = show(ProofKind::classical, gateway);
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(prove(thief, ProofKind::classical, challenge)))),
              Nrc::ownership_verification_failed);
    const Bytes other_family = show(ProofKind::post_quantum, gateway);
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(prove(gateway, ProofKind::classical, other_family)))),
              Nrc::ownership_verification_failed);
}

TEST_F(AuthenticationServerTest, ForgetsWithTheDefaultSessionAndOnRequest) {
    ASSERT_TRUE(enter(ecu, gateway));
    ecu.access->session_changed(Session::extended);
    EXPECT_TRUE(may_program()) << "another session that a tester keeps alive";
    ecu.access->session_changed(Session::default_);
    EXPECT_FALSE(may_program());
    EXPECT_EQ(nrc_of(show(ProofKind::classical, gateway)), Nrc::sub_function_not_supported_in_active_session);
    EXPECT_EQ(ecu.ask(Bytes{0x29, 0x08}), (Bytes{0x69, 0x08, 0x02}));

    ecu.access->session_changed(Session::programming);
    ASSERT_TRUE(enter(ecu, gateway));
    EXPECT_EQ(ecu.ask(Bytes{0x29, 0x00}), (Bytes{0x69, 0x00, 0x10}));
    EXPECT_FALSE(may_program());
}

TEST_F(AuthenticationServerTest, ANewBeginningTakesTheRolesAway) {
    ASSERT_TRUE(enter(ecu, gateway));
    show(ProofKind::classical, gateway);
    EXPECT_FALSE(may_program());
}

TEST_F(AuthenticationServerTest, RefusesWhatTheMessageShouldNotSay) {
    EXPECT_EQ(nrc_of(ecu.ask(Bytes{0x29})), Nrc::incorrect_message_length_or_invalid_format);
    EXPECT_EQ(nrc_of(ecu.ask(Bytes{0x29, 0x08, 0x00})), Nrc::incorrect_message_length_or_invalid_format);
    EXPECT_EQ(nrc_of(ecu.ask(Bytes{0x29, 0x00, 0x00})), Nrc::incorrect_message_length_or_invalid_format);
    EXPECT_EQ(nrc_of(ecu.ask(Bytes{0x29, 0x05})), Nrc::sub_function_not_supported);
    EXPECT_EQ(nrc_of(ecu.ask(Bytes{0x29, 0x02, 0})), Nrc::sub_function_not_supported) << "it has no certificate";
    EXPECT_EQ(nrc_of(ecu.ask(proof_message(Bytes{1}))), Nrc::request_sequence_error);
    EXPECT_EQ(nrc_of(ecu.ask(Bytes(20000, 0x29))), Nrc::incorrect_message_length_or_invalid_format);
    Bytes secured = certificate_message(gateway.chain(ProofKind::classical));
    secured[2] = 0x01;
    EXPECT_EQ(nrc_of(ecu.ask(secured)), Nrc::configuration_data_usage_failed);
    const Bytes long_challenge(challenge_bytes_max + 1, 1);
    EXPECT_EQ(nrc_of(ecu.ask(certificate_message(gateway.chain(ProofKind::classical), long_challenge))),
              Nrc::incorrect_message_length_or_invalid_format);
    ecu.randomness.fails = true;
    EXPECT_EQ(nrc_of(show(ProofKind::classical, gateway)), Nrc::challenge_calculation_failed);
}

TEST_F(AuthenticationServerTest, ATesterReportsAStrangeEcu) {
    const auto told = [&](std::initializer_list<Bytes> answers) {
        WayIn way(gateway.papers(), door_of(0x0011));
        for (const Bytes& answer : answers) {
            if (const auto need = way.next(); std::holds_alternative<NeedProof>(need)) way.on_proof(Bytes{1});
            way.on_answer(answer);
        }
        const auto end = way.next();
        return std::holds_alternative<WayIn::Outside>(end) &&
               std::get<WayIn::Outside>(end).why.is(faults::strange_answer);
    };
    const Bytes exchange{0x69, 0x08, 0x02}, challenge{0x69, 0x01, 0x11, 0, 1, 5, 0, 0};
    EXPECT_TRUE(told({{0x69, 0x08}}));
    EXPECT_TRUE(told({exchange, {0x69, 0x01, 0x12, 0, 1, 5, 0, 0}})) << "let in without a proof";
    EXPECT_TRUE(told({exchange, {0x69, 0x01, 0x11, 0, 0, 0, 0}})) << "nothing to sign";
    EXPECT_TRUE(told({exchange, challenge, {0x69, 0x03, 0x13, 0, 0}}));
    EXPECT_FALSE(told({exchange, challenge, {0x69, 0x03, 0x12, 0, 0}}));
}

}  // namespace
}  // namespace pitstop::uds
