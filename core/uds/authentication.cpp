#include "core/uds/authentication.h"

namespace pitstop::uds {
namespace {

constexpr auto service = static_cast<std::uint8_t>(Service::authentication);
constexpr std::size_t length_field_bytes = 2;
constexpr std::size_t behind_task = 2;  // service and sub-function

AuthenticationTask task_of(View message) {
    return static_cast<AuthenticationTask>(message[1] & ~suppress_positive_bit);
}

void put_head(Reply& out, std::uint8_t first, AuthenticationTask task) {
    out.put_u8(first);
    out.put_u8(static_cast<std::uint8_t>(task));
}
void put_answer_head(Reply& out, AuthenticationTask task, AuthenticationResult result) {
    put_head(out, service + positive_offset, task);
    out.put_u8(static_cast<std::uint8_t>(result));
}
void put_sized(Reply& out, View field) {
    out.put_u16(static_cast<std::uint16_t>(field.size()));
    out.put(field);
}

// Takes fields from the front of a message; once one does not fit, nothing does.
class Fields {
public:
    explicit Fields(View message, std::size_t from) : left_(message.subspan(std::min(from, message.size()))) {}

    std::uint8_t u8() {
        const View byte = take(1);
        return byte.empty() ? std::uint8_t{0} : byte[0];
    }
    std::uint16_t u16() {
        const View bytes = take(length_field_bytes);
        return bytes.empty() ? std::uint16_t{0} : load_be<std::uint16_t>(bytes.data());
    }
    View sized() { return take(u16()); }
    Algorithm algorithm() {
        Algorithm read{};
        std::ranges::copy(take(read.size()), read.begin());
        return read;
    }
    [[nodiscard]] bool end_here() const { return fits_ && left_.empty(); }

private:
    View take(std::size_t size) {
        fits_ = fits_ && size <= left_.size();
        if (!fits_) return {};
        const View taken = left_.first(size);
        left_ = left_.subspan(size);
        return taken;
    }

    View left_;
    bool fits_ = true;
};

bool is_answer(View answer, std::size_t size_min) {
    return answer.size() >= size_min && answer[0] == service + positive_offset;
}
bool is_answer_to(View answer, AuthenticationTask task) {
    return is_answer(answer, behind_task + 1) && task_of(answer) == task;
}

template <class Request>
std::expected<Request, Nrc> if_whole(bool is_whole, const Request& read) {
    if (is_whole) return read;
    return std::unexpected(Nrc::incorrect_message_length_or_invalid_format);
}

}  // namespace

std::size_t size_bytes(const VerifyCertificate& request) {
    return behind_task + 1 + length_field_bytes + request.certificate.size() + length_field_bytes +
           request.challenge.size();
}
std::size_t size_bytes(const ProofOfOwnership& request) {
    return behind_task + length_field_bytes + request.proof.size() + length_field_bytes + request.ephemeral_key.size();
}

std::size_t size_bytes(const TransmitCertificate& request) {
    return behind_task + sizeof request.evaluation + length_field_bytes + request.data.size();
}
std::size_t size_bytes(const RequestChallenge& request) { return behind_task + 1 + request.algorithm.size(); }
std::size_t size_bytes(const ProofForChallenge& request) {
    return behind_task + request.algorithm.size() + 3 * length_field_bytes + request.proof.size() +
           request.challenge.size() + request.parameter.size();
}

void write(const VerifyCertificate& request, Reply& out) {
    put_head(out, service, request.task);
    out.put_u8(request.communication);
    put_sized(out, request.certificate);
    put_sized(out, request.challenge);
}

void write(const ProofOfOwnership& request, Reply& out) {
    put_head(out, service, AuthenticationTask::proof_of_ownership);
    put_sized(out, request.proof);
    put_sized(out, request.ephemeral_key);
}

void write(const TransmitCertificate& request, Reply& out) {
    put_head(out, service, AuthenticationTask::transmit_certificate);
    out.put_u16(request.evaluation);
    put_sized(out, request.data);
}

void write(const RequestChallenge& request, Reply& out) {
    put_head(out, service, AuthenticationTask::request_challenge);
    out.put_u8(request.communication);
    out.put(request.algorithm);
}

void write(const ProofForChallenge& request, Reply& out) {
    put_head(out, service, AuthenticationTask::verify_proof_of_ownership_unidirectional);
    out.put(request.algorithm);
    put_sized(out, request.proof);
    put_sized(out, request.challenge);
    put_sized(out, request.parameter);
}

void write(const ServerChallenge& answer, Reply& out) {
    put_answer_head(out, answer.task, answer.result);
    put_sized(out, answer.challenge);
    if (answer.task == AuthenticationTask::verify_certificate_bidirectional) {
        put_sized(out, answer.certificate);
        put_sized(out, answer.proof);
    }
    put_sized(out, answer.ephemeral_key);
}

void write(const ProofResult& answer, Reply& out) {
    put_answer_head(out, AuthenticationTask::proof_of_ownership, answer.result);
    put_sized(out, answer.session_key_info);
}

void write(const GivenChallenge& answer, Reply& out) {
    put_answer_head(out, AuthenticationTask::request_challenge, AuthenticationResult::request_accepted);
    out.put(answer.algorithm);
    put_sized(out, answer.challenge);
    put_sized(out, answer.needed_parameter);
}

void write(const ChallengeResult& answer, Reply& out) {
    put_answer_head(out, AuthenticationTask::verify_proof_of_ownership_unidirectional, answer.result);
    out.put(answer.algorithm);
    put_sized(out, answer.session_key_info);
}

void write(const AuthenticationStatus& answer, Reply& out) { put_answer_head(out, answer.task, answer.result); }

std::expected<VerifyCertificate, Nrc> read_verify_certificate(View request) {
    VerifyCertificate read{.task = task_of(request)};
    Fields fields(request, behind_task);
    read.communication = fields.u8();
    read.certificate = fields.sized();
    read.challenge = fields.sized();
    const bool needs_challenge = read.task == AuthenticationTask::verify_certificate_bidirectional;
    return if_whole(fields.end_here() && !read.certificate.empty() && !(needs_challenge && read.challenge.empty()),
                    read);
}

std::expected<ProofOfOwnership, Nrc> read_proof_of_ownership(View request) {
    ProofOfOwnership read;
    Fields fields(request, behind_task);
    read.proof = fields.sized();
    read.ephemeral_key = fields.sized();
    return if_whole(fields.end_here() && !read.proof.empty(), read);
}

std::expected<TransmitCertificate, Nrc> read_transmit_certificate(View request) {
    TransmitCertificate read;
    Fields fields(request, behind_task);
    read.evaluation = fields.u16();
    read.data = fields.sized();
    return if_whole(fields.end_here() && !read.data.empty(), read);
}

std::expected<RequestChallenge, Nrc> read_request_challenge(View request) {
    RequestChallenge read;
    Fields fields(request, behind_task);
    read.communication = fields.u8();
    read.algorithm = fields.algorithm();
    return if_whole(fields.end_here(), read);
}

std::expected<ProofForChallenge, Nrc> read_proof_for_challenge(View request) {
    ProofForChallenge read;
    Fields fields(request, behind_task);
    read.algorithm = fields.algorithm();
    read.proof = fields.sized();
    read.challenge = fields.sized();
    read.parameter = fields.sized();
    return if_whole(fields.end_here() && !read.proof.empty(), read);
}

std::optional<ServerChallenge> read_server_challenge(View answer) {
    if (!is_answer(answer, behind_task + 1)) return std::nullopt;
    ServerChallenge read{.task = task_of(answer)};
    const bool is_bidirectional = read.task == AuthenticationTask::verify_certificate_bidirectional;
    if (!is_bidirectional && read.task != AuthenticationTask::verify_certificate_unidirectional) return std::nullopt;
    Fields fields(answer, behind_task);
    read.result = static_cast<AuthenticationResult>(fields.u8());
    read.challenge = fields.sized();
    if (is_bidirectional) {
        read.certificate = fields.sized();
        read.proof = fields.sized();
    }
    read.ephemeral_key = fields.sized();
    return fields.end_here() && !read.challenge.empty() ? std::optional(read) : std::nullopt;
}

std::optional<ProofResult> read_proof_result(View answer) {
    if (!is_answer_to(answer, AuthenticationTask::proof_of_ownership)) return std::nullopt;
    ProofResult read;
    Fields fields(answer, behind_task);
    read.result = static_cast<AuthenticationResult>(fields.u8());
    read.session_key_info = fields.sized();
    return fields.end_here() ? std::optional(read) : std::nullopt;
}

std::optional<GivenChallenge> read_given_challenge(View answer) {
    if (!is_answer_to(answer, AuthenticationTask::request_challenge)) return std::nullopt;
    GivenChallenge read;
    Fields fields(answer, behind_task);
    const auto result = static_cast<AuthenticationResult>(fields.u8());
    read.algorithm = fields.algorithm();
    read.challenge = fields.sized();
    read.needed_parameter = fields.sized();
    const bool is_whole = fields.end_here() && result == AuthenticationResult::request_accepted;
    return is_whole && !read.challenge.empty() ? std::optional(read) : std::nullopt;
}

std::optional<ChallengeResult> read_challenge_result(View answer) {
    if (!is_answer_to(answer, AuthenticationTask::verify_proof_of_ownership_unidirectional)) return std::nullopt;
    ChallengeResult read;
    Fields fields(answer, behind_task);
    read.result = static_cast<AuthenticationResult>(fields.u8());
    read.algorithm = fields.algorithm();
    read.session_key_info = fields.sized();
    return fields.end_here() ? std::optional(read) : std::nullopt;
}

std::optional<AuthenticationStatus> read_authentication_status(View answer) {
    if (!is_answer(answer, behind_task + 1) || answer.size() != behind_task + 1) return std::nullopt;
    return AuthenticationStatus{task_of(answer), static_cast<AuthenticationResult>(answer[behind_task])};
}

}  // namespace pitstop::uds
