#include "core/uds/authentication.h"

#include "core/uds/authentication_text.h"

#include <gtest/gtest.h>

namespace pitstop::uds {
namespace {

template <class Message>
Bytes written(const Message& message) {
    Bytes storage(200);
    Reply out(storage);
    write(message, out);
    storage.resize(out.size());
    return storage;
}

const Bytes certificate{0x30, 0x01, 0xAA}, challenge{1, 2, 3, 4}, proof{9, 8}, key{7};

TEST(AuthenticationMessages, WritesAndReadsACertificateOneWay) {
    const VerifyCertificate request{.certificate = certificate, .challenge = challenge};
    const Bytes bytes{0x29, 0x01, 0x00, 0, 3, 0x30, 0x01, 0xAA, 0, 4, 1, 2, 3, 4};
    EXPECT_EQ(written(request), bytes);
    EXPECT_EQ(size_bytes(request), bytes.size());
    const auto read = read_verify_certificate(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->task, AuthenticationTask::verify_certificate_unidirectional);
    EXPECT_EQ(read->communication, no_secured_communication);
    EXPECT_EQ(Bytes(read->certificate.begin(), read->certificate.end()), certificate);
    EXPECT_EQ(Bytes(read->challenge.begin(), read->challenge.end()), challenge);
}

TEST(AuthenticationMessages, WritesAndReadsACertificateBothWays) {
    const VerifyCertificate request{.task = AuthenticationTask::verify_certificate_bidirectional,
                                    .communication = 0x01,
                                    .certificate = certificate,
                                    .challenge = challenge};
    const Bytes bytes{0x29, 0x02, 0x01, 0, 3, 0x30, 0x01, 0xAA, 0, 4, 1, 2, 3, 4};
    EXPECT_EQ(written(request), bytes);
    EXPECT_EQ(read_verify_certificate(bytes)->communication, 0x01);
    const Bytes without{0x29, 0x02, 0x01, 0, 3, 0x30, 0x01, 0xAA, 0, 0};
    EXPECT_EQ(read_verify_certificate(without).error(), Nrc::incorrect_message_length_or_invalid_format)
        << "an ECU that proves itself needs something to sign";

    const ServerChallenge answer{.task = AuthenticationTask::verify_certificate_bidirectional,
                                 .challenge = challenge,
                                 .certificate = certificate,
                                 .proof = proof,
                                 .ephemeral_key = key};
    const Bytes said{0x69, 0x02, 0x11, 0, 4, 1, 2, 3, 4, 0, 3, 0x30, 0x01, 0xAA, 0, 2, 9, 8, 0, 1, 7};
    EXPECT_EQ(written(answer), said);
    const auto read = read_server_challenge(said);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->result, AuthenticationResult::ownership_proof_needed);
    EXPECT_EQ(Bytes(read->proof.begin(), read->proof.end()), proof);
    EXPECT_EQ(Bytes(read->ephemeral_key.begin(), read->ephemeral_key.end()), key);
}

TEST(AuthenticationMessages, WritesAndReadsAChallenge) {
    const Bytes bytes{0x69, 0x01, 0x11, 0, 4, 1, 2, 3, 4, 0, 0};
    EXPECT_EQ(written(ServerChallenge{.challenge = challenge}), bytes);
    const auto read = read_server_challenge(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(Bytes(read->challenge.begin(), read->challenge.end()), challenge);
}

TEST(AuthenticationMessages, WritesAndReadsAProof) {
    const ProofOfOwnership request{.proof = proof, .ephemeral_key = key};
    const Bytes bytes{0x29, 0x03, 0, 2, 9, 8, 0, 1, 7};
    EXPECT_EQ(written(request), bytes);
    EXPECT_EQ(size_bytes(request), bytes.size());
    const auto read = read_proof_of_ownership(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(Bytes(read->proof.begin(), read->proof.end()), proof);

    const Bytes said{0x69, 0x03, 0x12, 0, 0};
    EXPECT_EQ(written(ProofResult{}), said);
    EXPECT_EQ(read_proof_result(said)->result, AuthenticationResult::authentication_complete);
}

TEST(AuthenticationMessages, WritesAndReadsStatus) {
    const Bytes configuration{0x69, 0x08, 0x02}, left{0x69, 0x00, 0x10};
    EXPECT_EQ(written(AuthenticationStatus{}), configuration);
    EXPECT_EQ(
        written(AuthenticationStatus{AuthenticationTask::de_authenticate, AuthenticationResult::de_authenticated}),
        left);
    EXPECT_EQ(read_authentication_status(configuration)->result, AuthenticationResult::certificate_exchange);
    EXPECT_EQ(read_authentication_status(left)->task, AuthenticationTask::de_authenticate);
    EXPECT_FALSE(read_authentication_status(Bytes{0x69, 0x08}));
    EXPECT_FALSE(read_authentication_status(Bytes{0x69, 0x08, 0x02, 0x00}));
}

TEST(AuthenticationMessages, WritesAndReadsATransmittedCertificate) {
    const Bytes bytes{0x29, 0x04, 0x00, 0x01, 0, 2, 9, 8};
    const TransmitCertificate request{.evaluation = 1, .data = proof};
    EXPECT_EQ(written(request), bytes);
    EXPECT_EQ(size_bytes(request), bytes.size());
    const auto read = read_transmit_certificate(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->evaluation, 1);
    EXPECT_EQ(Bytes(read->data.begin(), read->data.end()), proof);
    EXPECT_FALSE(read_transmit_certificate(Bytes{0x29, 0x04, 0x00, 0x01, 0, 0})) << "no certificate";
}

TEST(AuthenticationMessages, WritesAndReadsChallengeAndResponse) {
    const Algorithm sha256{0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
    const std::string indicator = "06096086480165030402010000000000";
    const RequestChallenge asks{.algorithm = sha256};
    EXPECT_EQ(to_hex(written(asks)), "290500" + indicator);
    EXPECT_EQ(size_bytes(asks), written(asks).size());
    EXPECT_EQ(read_request_challenge(written(asks))->algorithm, sha256);

    const GivenChallenge gives{.algorithm = sha256, .challenge = challenge};
    EXPECT_EQ(to_hex(written(gives)), "690500" + indicator + "0004010203040000");
    const Bytes given = written(gives);
    const auto read = read_given_challenge(given);
    ASSERT_TRUE(read);
    EXPECT_EQ(Bytes(read->challenge.begin(), read->challenge.end()), challenge);

    const ProofForChallenge proves{.algorithm = sha256, .proof = proof, .challenge = key};
    EXPECT_EQ(to_hex(written(proves)), "2906" + indicator + "000209080001070000");
    EXPECT_EQ(size_bytes(proves), written(proves).size());
    const Bytes proved = written(proves);
    EXPECT_EQ(Bytes(read_proof_for_challenge(proved)->proof.begin(), read_proof_for_challenge(proved)->proof.end()),
              proof);

    const Bytes result = written(ChallengeResult{.algorithm = sha256});
    EXPECT_EQ(to_hex(result), "690612" + indicator + "0000");
    EXPECT_EQ(read_challenge_result(result)->result, AuthenticationResult::authentication_complete);
}

// Every other length than the right one, and every length field that lies.
TEST(AuthenticationMessages, RefusesEveryLengthThatDoesNotAgree) {
    const Bytes verify = written(VerifyCertificate{.certificate = certificate, .challenge = challenge});
    const Bytes owns = written(ProofOfOwnership{.proof = proof, .ephemeral_key = key});
    const Bytes challenged =
        written(ServerChallenge{.challenge = challenge, .certificate = {}, .proof = {}, .ephemeral_key = key});
    const Bytes result = written(ProofResult{.session_key_info = key});
    const Bytes transmits = written(TransmitCertificate{.evaluation = 1, .data = certificate});
    const Bytes asks = written(RequestChallenge{});
    const Bytes given = written(GivenChallenge{.challenge = challenge, .needed_parameter = key});
    const Bytes proves = written(ProofForChallenge{.proof = proof, .challenge = challenge, .parameter = key});
    const Bytes ends = written(ChallengeResult{.session_key_info = key});
    const auto each_wrong = [](const Bytes& message, auto reads) {
        for (std::size_t size = 2; size < message.size(); ++size)
            EXPECT_FALSE(reads(View(message).first(size))) << size;
        Bytes longer = message;
        longer.push_back(0);
        EXPECT_FALSE(reads(View(longer)));
    };
    each_wrong(verify, [](View m) { return read_verify_certificate(m).has_value(); });
    each_wrong(owns, [](View m) { return read_proof_of_ownership(m).has_value(); });
    each_wrong(challenged, [](View m) { return read_server_challenge(m).has_value(); });
    each_wrong(result, [](View m) { return read_proof_result(m).has_value(); });
    each_wrong(transmits, [](View m) { return read_transmit_certificate(m).has_value(); });
    each_wrong(asks, [](View m) { return read_request_challenge(m).has_value(); });
    each_wrong(given, [](View m) { return read_given_challenge(m).has_value(); });
    each_wrong(proves, [](View m) { return read_proof_for_challenge(m).has_value(); });
    each_wrong(ends, [](View m) { return read_challenge_result(m).has_value(); });

    Bytes lies = verify;
    lies[3] = lies[4] = 0xFF;
    EXPECT_EQ(read_verify_certificate(lies).error(), Nrc::incorrect_message_length_or_invalid_format);
    const Bytes empty{0x29, 0x01, 0x00, 0, 0, 0, 0};
    EXPECT_FALSE(read_verify_certificate(empty)) << "no certificate";
    EXPECT_FALSE(read_proof_of_ownership(Bytes{0x29, 0x03, 0, 0, 0, 0})) << "no proof";
    EXPECT_FALSE(read_server_challenge(Bytes{0x69, 0x01, 0x11, 0, 0, 0, 0})) << "nothing to sign";
    EXPECT_FALSE(read_server_challenge(Bytes{0x69, 0x03, 0x11, 0, 1, 1, 0, 0})) << "another sub-function";
}

// The vector of docs/formats/access.md.
TEST(ProofText, IsTheOneOfThePage) {
    const Bytes ecu{0xE0, 0xE1}, tester{0xF0};
    const ProofText text(ProofPurpose::certificate_holder, 0, {0x0011, Text<17>("TESTCAR1")}, ecu, tester);
    EXPECT_EQ(to_hex(text.view()), "70697473746f702061636365737320314300001108544553544341523102e0e101f0");
}

TEST(ProofText, DiffersWhateverChanges) {
    const Bytes a{1, 2}, b{3};
    const Bytes joined{1, 2, 3};
    const Door door{0x0011, Text<17>("TESTCAR1")};
    const auto of = [](ProofPurpose purpose, std::uint8_t level, const Door& at, View ecu, View tester) {
        return to_hex(ProofText(purpose, level, at, ecu, tester).view());
    };
    const auto holder = ProofPurpose::certificate_holder;
    const std::string text = of(holder, 0, door, a, b);
    EXPECT_NE(text, of(ProofPurpose::security_key, 0, door, a, b));
    EXPECT_NE(text, of(holder, 1, door, a, b));
    EXPECT_NE(text, of(holder, 0, {0x0012, door.vin}, a, b));
    EXPECT_NE(text, of(holder, 0, {0x0011, Text<17>("TESTCAR2")}, a, b));
    EXPECT_NE(text, of(holder, 0, door, b, a));
    EXPECT_NE(text, of(holder, 0, door, joined, {})) << "the border between the challenges is signed too";
    const Bytes longest(challenge_bytes_max, 1);
    EXPECT_EQ(ProofText(holder, 0, {1, Text<17>("WPTSTP00000000001")}, longest, longest).view().size(),
              16U + 4 + 1 + 17 + 2 * 65);
}

}  // namespace
}  // namespace pitstop::uds
