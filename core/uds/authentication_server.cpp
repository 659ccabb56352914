#include "core/uds/authentication_server.h"

#include <algorithm>
#include <utility>

namespace pitstop::uds {
namespace {

using crypto::CertificateFlaw;

constexpr Nrc accepted = Nrc::positive_response;
constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;

Nrc nrc_of(CertificateFlaw flaw) {
    switch (flaw) {
        case CertificateFlaw::outside_its_time: return Nrc::certificate_invalid_time_period;
        case CertificateFlaw::bad_signature: return Nrc::certificate_invalid_signature;
        case CertificateFlaw::bad_chain: return Nrc::certificate_invalid_chain_of_trust;
        case CertificateFlaw::wrong_type: return Nrc::certificate_invalid_type;
        case CertificateFlaw::malformed: return Nrc::certificate_invalid_format;
        case CertificateFlaw::bad_content: return Nrc::certificate_invalid_content;
        case CertificateFlaw::out_of_scope: return Nrc::certificate_invalid_scope;
    }
    return Nrc::certificate_invalid;
}

// The caller has put the service's byte.
template <class Answer>
Nrc answer_with(const Answer& answer, Reply& out) {
    out.cut_back_to(out.size() - 1);
    write(answer, out);
    return accepted;
}

}  // namespace

void AuthenticationServer::forget() {
    open_.reset();
    link_asked_ = has_returned_ = false;
    proved_ = {};
    roles_ = {};
}

bool AuthenticationServer::is_complete() const {
    return (proved_.classical || wanted_ == WantedProofs::post_quantum) &&
           (proved_.post_quantum || wanted_ == WantedProofs::classical);
}

bool AuthenticationServer::wants(crypto::SignatureKind kind) const {
    return wanted_ != (is_post_quantum(kind) ? WantedProofs::classical : WantedProofs::post_quantum);
}

AuthenticationServer::Handler AuthenticationServer::handler_of(AuthenticationTask task) const {
    using enum AuthenticationTask;
    if (task == verify_certificate_unidirectional) return &AuthenticationServer::verify_certificate;
    if (task == proof_of_ownership) return &AuthenticationServer::prove;
    if (!returns_) return nullptr;
    if (task == transmit_certificate) return &AuthenticationServer::take_ticket;
    if (task == request_challenge) return &AuthenticationServer::ask_for_link;
    if (task == verify_proof_of_ownership_unidirectional) return &AuthenticationServer::come_back;
    return nullptr;
}

// A challenge is given, and a proof taken, only in a session that ends by itself when nobody speaks.
Nrc AuthenticationServer::on_request(View request, Session session, Reply& out) {
    if (request.size() < 2) return wrong_length;
    const auto task = static_cast<AuthenticationTask>(request[1] & ~suppress_positive_bit);
    if (task == AuthenticationTask::de_authenticate) return request.size() == 2 ? leave(out) : wrong_length;
    if (task == AuthenticationTask::authentication_configuration) {
        if (request.size() != 2) return wrong_length;
        return answer_with(AuthenticationStatus{task, AuthenticationResult::certificate_exchange}, out);
    }
    const Handler handle = handler_of(task);
    if (handle == nullptr) return Nrc::sub_function_not_supported;
    if (session == Session::default_) return Nrc::sub_function_not_supported_in_active_session;
    return (this->*handle)(request, out);
}

Nrc AuthenticationServer::verify_certificate(View request, Reply& out) {
    open_.reset();
    const auto asked = read_verify_certificate(request);
    if (!asked) return asked.error();
    if (asked->challenge.size() > challenge_bytes_max) return wrong_length;
    if (asked->communication != no_secured_communication) return Nrc::configuration_data_usage_failed;
    const auto bearer = judge_.judge(asked->certificate);
    if (!bearer) return nrc_of(bearer.error());
    if (const Nrc nrc = admit(*bearer); nrc != accepted) return nrc;
    Open open{.bearer = *bearer, .tester_challenge_bytes = asked->challenge.size()};
    if (!randomness_.fill(open.challenge)) return Nrc::challenge_calculation_failed;
    std::ranges::copy(asked->challenge, open.tester_challenge.begin());
    open_ = open;
    return answer_with(ServerChallenge{.challenge = open_->challenge}, out);
}

// One tester at a time: the second family's certificate bears the name of the first.
Nrc AuthenticationServer::admit(const crypto::Bearer& bearer) {
    if (!wants(bearer.kind)) return Nrc::certificate_invalid_type;
    const bool again = is_post_quantum(bearer.kind) ? proved_.post_quantum : proved_.classical;
    if (again) forget();
    const bool is_second = proved_.classical || proved_.post_quantum;
    return is_second && !(bearer.name == name_) ? Nrc::certificate_invalid_scope : accepted;
}

Nrc AuthenticationServer::prove(View request, Reply& out) {
    const auto asked = read_proof_of_ownership(request);
    if (!asked) return asked.error();
    if (!open_) return Nrc::request_sequence_error;
    const Open open = *open_;
    open_.reset();
    const ProofText text(ProofPurpose::certificate_holder, 0, door_, open.challenge,
                         View(open.tester_challenge).first(open.tester_challenge_bytes));
    if (!judge_.signed_by_bearer(text.view(), asked->proof)) return Nrc::ownership_verification_failed;
    const bool is_first = !proved_.classical && !proved_.post_quantum;
    roles_ = is_first ? open.bearer.roles : roles_ & open.bearer.roles;
    until_ = is_first ? open.bearer.until : std::min(until_, open.bearer.until);
    name_ = open.bearer.name;
    (is_post_quantum(open.bearer.kind) ? proved_.post_quantum : proved_.classical) = true;
    if (roles_.empty()) {
        forget();
        return Nrc::setting_access_rights_failed;
    }
    return answer_with(ProofResult{.result = is_complete() ? AuthenticationResult::authentication_complete
                                                           : AuthenticationResult::request_accepted},
                       out);
}

Nrc AuthenticationServer::leave(Reply& out) {
    if (returns_ && !roles().empty() && !returns_->memory.keep(std::nullopt)) return Nrc::de_authentication_failed;
    forget();
    return answer_with(
        AuthenticationStatus{AuthenticationTask::de_authenticate, AuthenticationResult::de_authenticated}, out);
}

Nrc AuthenticationServer::take_ticket(View request, Reply& out) {
    const auto asked = read_transmit_certificate(request);
    if (!asked) return asked.error();
    if (asked->evaluation != return_ticket_evaluation) return Nrc::certificate_invalid_type;
    ReturnTicket ticket{.returns_left = returns_max, .roles = roles(), .until = until_};
    if (asked->data.size() != ticket.expects.size()) return Nrc::certificate_invalid_format;
    if (ticket.roles.empty() || has_returned_) return Nrc::authentication_required;
    std::ranges::copy(asked->data, ticket.expects.begin());
    if (!returns_->memory.keep(ticket)) return Nrc::conditions_not_correct;
    return answer_with(
        AuthenticationStatus{AuthenticationTask::transmit_certificate, AuthenticationResult::certificate_verified},
        out);
}

Nrc AuthenticationServer::ask_for_link(View request, Reply& out) {
    const auto asked = read_request_challenge(request);
    if (!asked) return asked.error();
    if (asked->communication != no_secured_communication || asked->algorithm != sha256_chain)
        return Nrc::configuration_data_usage_failed;
    const auto ticket = returns_->memory.ticket();
    if (!ticket) return Nrc::request_sequence_error;
    forget();
    link_asked_ = true;
    return answer_with(GivenChallenge{.algorithm = sha256_chain, .challenge = ticket->expects}, out);
}

// The link is spent before it opens: what is cut off here opens nothing a second time.
Nrc AuthenticationServer::come_back(View request, Reply& out) {
    const auto asked = read_proof_for_challenge(request);
    if (!asked) return asked.error();
    auto ticket = returns_->memory.ticket();
    if (!std::exchange(link_asked_, false) || !ticket) return Nrc::request_sequence_error;
    if (asked->algorithm != sha256_chain) return Nrc::configuration_data_usage_failed;
    if (asked->proof.size() != ticket->expects.size()) return Nrc::ownership_verification_failed;
    ReturnLink link{};
    std::ranges::copy(asked->proof, link.begin());
    if (link_after(link, door_, returns_->hasher) != ticket->expects) return Nrc::ownership_verification_failed;
    if (judge_.now() > ticket->until) return Nrc::certificate_invalid_time_period;
    const crypto::Roles roles = ticket->roles;
    ticket->expects = link;
    if (--ticket->returns_left == 0) ticket.reset();
    if (!returns_->memory.keep(ticket)) return Nrc::conditions_not_correct;
    proved_ = {.classical = true, .post_quantum = true};
    has_returned_ = true;
    roles_ = roles;
    return answer_with(ChallengeResult{.algorithm = sha256_chain}, out);
}

}  // namespace pitstop::uds
