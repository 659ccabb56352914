// The messages of service 0x29, Authentication, with exchange of certificates (APCE) and with challenge and response
// (ACR), as a tester sends and an ECU reads them and the other way round: ISO 14229-1:2020, service 0x29. ECU profile.
//
// What is read views the message; what is written goes into lent storage, whole messages with their first byte. Every
// length field must agree with the message's end: reading an answer gives nothing where it does not, reading a request
// the code to refuse it with. Sub-function bytes are read without the suppress bit.
#pragma once

#include "core/base/bytes.h"
#include "core/uds/application.h"
#include "core/uds/services.h"

#include <array>
#include <cstdint>
#include <expected>
#include <optional>

namespace pitstop::uds {

// authenticationReturnParameter (table B.5 of the standard).
enum class AuthenticationResult : std::uint8_t {
    request_accepted = 0x00,
    certificate_exchange = 0x02,  // authenticationConfiguration: APCE is how one gets in here
    de_authenticated = 0x10,
    ownership_proof_needed = 0x11,   // the certificate is believed
    authentication_complete = 0x12,  // and so is its holder
    certificate_verified = 0x13,     // of TransmitCertificate
};

inline constexpr std::uint8_t no_secured_communication = 0x00;  // communicationConfiguration

// 29 01 and 29 02: certificate and challenge of the client.
struct VerifyCertificate {
    AuthenticationTask task = AuthenticationTask::verify_certificate_unidirectional;
    std::uint8_t communication = no_secured_communication;
    View certificate = {};
    View challenge = {};  // may be empty in 29 01
};
// 29 03
struct ProofOfOwnership {
    View proof = {};
    View ephemeral_key = {};  // only for secured communication
};
// 69 01 and 69 02; the certificate and proof of the server are in 69 02 only.
struct ServerChallenge {
    AuthenticationTask task = AuthenticationTask::verify_certificate_unidirectional;
    AuthenticationResult result = AuthenticationResult::ownership_proof_needed;
    View challenge = {};
    View certificate = {}, proof = {};
    View ephemeral_key = {};
};
// 69 03
struct ProofResult {
    AuthenticationResult result = AuthenticationResult::authentication_complete;
    View session_key_info = {};
};
// 29 04
struct TransmitCertificate {
    std::uint16_t evaluation = 0;  // certificateEvaluationId: what the data is
    View data = {};
};
// algorithmIndicator: an object identifier in DER, zeros behind it.
using Algorithm = std::array<std::uint8_t, 16>;
// 29 05
struct RequestChallenge {
    std::uint8_t communication = no_secured_communication;
    Algorithm algorithm{};
};
// 69 05
struct GivenChallenge {
    Algorithm algorithm{};
    View challenge = {};
    View needed_parameter = {};
};
// 29 06
struct ProofForChallenge {
    Algorithm algorithm{};
    View proof = {};
    View challenge = {};  // of the client
    View parameter = {};
};
// 69 06
struct ChallengeResult {
    AuthenticationResult result = AuthenticationResult::authentication_complete;
    Algorithm algorithm{};
    View session_key_info = {};
};
// 69 00, 69 04 and 69 08
struct AuthenticationStatus {
    AuthenticationTask task = AuthenticationTask::authentication_configuration;
    AuthenticationResult result = AuthenticationResult::certificate_exchange;
};

void write(const VerifyCertificate& request, Reply& out);
void write(const ProofOfOwnership& request, Reply& out);
void write(const TransmitCertificate& request, Reply& out);
void write(const RequestChallenge& request, Reply& out);
void write(const ProofForChallenge& request, Reply& out);
void write(const ServerChallenge& answer, Reply& out);
void write(const ProofResult& answer, Reply& out);
void write(const GivenChallenge& answer, Reply& out);
void write(const ChallengeResult& answer, Reply& out);
void write(const AuthenticationStatus& answer, Reply& out);

// How long the message gets.
[[nodiscard]] std::size_t size_bytes(const VerifyCertificate& request);
[[nodiscard]] std::size_t size_bytes(const ProofOfOwnership& request);
[[nodiscard]] std::size_t size_bytes(const TransmitCertificate& request);
[[nodiscard]] std::size_t size_bytes(const RequestChallenge& request);
[[nodiscard]] std::size_t size_bytes(const ProofForChallenge& request);

// Bring a message with this service and sub-function.
[[nodiscard]] std::expected<VerifyCertificate, Nrc> read_verify_certificate(View request);
[[nodiscard]] std::expected<ProofOfOwnership, Nrc> read_proof_of_ownership(View request);
[[nodiscard]] std::expected<TransmitCertificate, Nrc> read_transmit_certificate(View request);
[[nodiscard]] std::expected<RequestChallenge, Nrc> read_request_challenge(View request);
[[nodiscard]] std::expected<ProofForChallenge, Nrc> read_proof_for_challenge(View request);
[[nodiscard]] std::optional<ServerChallenge> read_server_challenge(View answer);
[[nodiscard]] std::optional<ProofResult> read_proof_result(View answer);
[[nodiscard]] std::optional<GivenChallenge> read_given_challenge(View answer);
[[nodiscard]] std::optional<ChallengeResult> read_challenge_result(View answer);
[[nodiscard]] std::optional<AuthenticationStatus> read_authentication_status(View answer);

}  // namespace pitstop::uds
