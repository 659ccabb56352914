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
    View sized() {
        const View length = take(length_field_bytes);
        return length.empty() ? View{} : take(load_be<std::uint16_t>(length.data()));
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

}  // namespace

std::size_t size_bytes(const VerifyCertificate& request) {
    return behind_task + 1 + length_field_bytes + request.certificate.size() + length_field_bytes +
           request.challenge.size();
}
std::size_t size_bytes(const ProofOfOwnership& request) {
    return behind_task + length_field_bytes + request.proof.size() + length_field_bytes + request.ephemeral_key.size();
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

void write(const AuthenticationStatus& answer, Reply& out) { put_answer_head(out, answer.task, answer.result); }

std::expected<VerifyCertificate, Nrc> read_verify_certificate(View request) {
    VerifyCertificate read{.task = task_of(request)};
    Fields fields(request, behind_task);
    read.communication = fields.u8();
    read.certificate = fields.sized();
    read.challenge = fields.sized();
    const bool needs_challenge = read.task == AuthenticationTask::verify_certificate_bidirectional;
    if (!fields.end_here() || read.certificate.empty() || (needs_challenge && read.challenge.empty()))
        return std::unexpected(Nrc::incorrect_message_length_or_invalid_format);
    return read;
}

std::expected<ProofOfOwnership, Nrc> read_proof_of_ownership(View request) {
    ProofOfOwnership read;
    Fields fields(request, behind_task);
    read.proof = fields.sized();
    read.ephemeral_key = fields.sized();
    if (!fields.end_here() || read.proof.empty())
        return std::unexpected(Nrc::incorrect_message_length_or_invalid_format);
    return read;
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
    if (!is_answer(answer, behind_task + 1) || task_of(answer) != AuthenticationTask::proof_of_ownership)
        return std::nullopt;
    ProofResult read;
    Fields fields(answer, behind_task);
    read.result = static_cast<AuthenticationResult>(fields.u8());
    read.session_key_info = fields.sized();
    return fields.end_here() ? std::optional(read) : std::nullopt;
}

std::optional<AuthenticationStatus> read_authentication_status(View answer) {
    if (!is_answer(answer, behind_task + 1) || answer.size() != behind_task + 1) return std::nullopt;
    return AuthenticationStatus{task_of(answer), static_cast<AuthenticationResult>(answer[behind_task])};
}

}  // namespace pitstop::uds
