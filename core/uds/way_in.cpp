#include "core/uds/way_in.h"

#include "core/uds/authentication_request.h"
#include "core/uds/exchange.h"
#include "core/uds/faults.h"
#include "core/uds/security_access.h"

#include <algorithm>

namespace pitstop::uds {
namespace {

using crypto::ProofKind;

constexpr std::size_t answer_head_bytes = 2;  // service and sub-function

bool is_unknown_to_ecu(Nrc nrc) {
    return nrc == Nrc::service_not_supported || nrc == Nrc::sub_function_not_supported ||
           nrc == Nrc::service_not_supported_in_active_session;
}

Bytes two_bytes(Service service, std::uint8_t sub_function) {
    return {static_cast<std::uint8_t>(service), sub_function};
}

Error strange(std::string_view what) { return Error(faults::strange_answer, what); }

}  // namespace

Papers papers_of(const crypto::Prover& prover, const std::array<std::uint8_t, 32>& challenge) {
    return {.classical_chain = prover.chain(ProofKind::classical),
            .post_quantum_chain = prover.chain(ProofKind::post_quantum),
            .symmetric = prover.has(ProofKind::symmetric) ? Papers::SymmetricKey::held : Papers::SymmetricKey::none,
            .challenge = challenge};
}

WayIn::WayIn(const Papers& papers, const Door& door) : papers_(papers), door_(door) { restart(); }

void WayIn::restart() {
    step_ = Step::configuration;
    kind_ = ProofKind::classical;
    text_.reset();
    request_ =
        two_bytes(Service::authentication, static_cast<std::uint8_t>(AuthenticationTask::authentication_configuration));
}

WayIn::Action WayIn::next() const {
    if (step_ == Step::inside) return Inside{through_};
    if (step_ == Step::outside) return Outside{*why_};
    if (text_) return NeedProof{kind_, text_->view()};
    return Ask{request_};
}

bool WayIn::has_another_way() const {
    return step_ == Step::expected_link || step_ == Step::link || step_ == Step::ticket;
}

void WayIn::on_answer(View positive) {
    switch (step_) {
        case Step::configuration: return judge_configuration(positive);
        case Step::expected_link: return show_link(positive);
        case Step::link: return judge_return(positive);
        case Step::certificate: return judge_certificate(positive);
        case Step::proof: return judge_proof(positive);
        case Step::ticket: return judge_ticket(positive);
        case Step::seed: return judge_seed(positive);
        case Step::key: return enter(Through::security_key);
        case Step::inside:
        case Step::outside: return;
    }
}

void WayIn::on_refusal(Nrc nrc) {
    if (step_ == Step::configuration && is_unknown_to_ecu(nrc)) return ask_for_seed();
    if (step_ == Step::seed && is_unknown_to_ecu(nrc)) return enter(Through::open_door);
    if (step_ == Step::expected_link || step_ == Step::link) return show_certificates();
    if (step_ == Step::ticket) return enter(Through::certificates);
    // An ECU that wants one family only says so of the other's certificate.
    const bool unwanted = step_ == Step::certificate && nrc == Nrc::certificate_invalid_type;
    if (unwanted && kind_ == ProofKind::classical && !papers_.post_quantum_chain.empty()) return next_family();
    fail_with(to_error(request_.front(), nrc));
}

void WayIn::on_error(const Error& error) { fail_with(error); }

void WayIn::on_proof(View proof) {
    if (!text_) return;
    text_.reset();
    if (kind_ != ProofKind::symmetric) {
        step_ = Step::proof;
        request_ = message_of(ProofOfOwnership{.proof = proof, .ephemeral_key = {}});
        return;
    }
    step_ = Step::key;
    request_ = two_bytes(Service::security_access, static_cast<std::uint8_t>(papers_.level + 1));
    const View key = proof.first(std::min(proof.size(), security_key_bytes));
    request_.insert(request_.end(), key.begin(), key.end());
}

void WayIn::judge_configuration(View answer) {
    const auto status = read_authentication_status(answer);
    if (!status) return fail_with(strange("authentication configuration"));
    if (status->result != AuthenticationResult::certificate_exchange) return ask_for_seed();
    papers_.returns != nullptr&& papers_.returns->is_there() ? come_back() : show_certificates();
}

void WayIn::come_back() {
    step_ = Step::expected_link;
    request_ = message_of(RequestChallenge{.algorithm = sha256_chain});
}

void WayIn::show_link(View answer) {
    const auto read = read_given_challenge(answer);
    const auto link = read && read->algorithm == sha256_chain ? papers_.returns->link_before(read->challenge, door_)
                                                              : std::optional<ReturnLink>();
    if (!link) return show_certificates();
    step_ = Step::link;
    request_ = message_of(ProofForChallenge{.algorithm = sha256_chain, .proof = *link});
}

void WayIn::judge_return(View answer) {
    const auto read = read_challenge_result(answer);
    if (!read || read->result != AuthenticationResult::authentication_complete)
        return fail_with(strange("result of the return"));
    enter(Through::return_ticket);
}

void WayIn::show_certificates() {
    show_certificate(papers_.classical_chain.empty() ? ProofKind::post_quantum : ProofKind::classical);
}

void WayIn::show_certificate(ProofKind kind) {
    const View chain = kind == ProofKind::classical ? papers_.classical_chain : papers_.post_quantum_chain;
    if (chain.empty())
        return fail_with(Error(faults::no_way_in, "the ECU asks for certificates that this tester does not have"));
    kind_ = kind;
    step_ = Step::certificate;
    request_ = message_of(VerifyCertificate{.certificate = chain, .challenge = papers_.challenge});
}

void WayIn::next_family() {
    if (kind_ == ProofKind::classical) return show_certificate(ProofKind::post_quantum);
    fail_with(Error(faults::no_way_in, "the ECU asks for more proofs than this tester has"));
}

void WayIn::judge_certificate(View answer) {
    const auto read = read_server_challenge(answer);
    const bool fits = read && read->task == AuthenticationTask::verify_certificate_unidirectional &&
                      read->result == AuthenticationResult::ownership_proof_needed &&
                      read->challenge.size() <= challenge_bytes_max;
    if (!fits) return fail_with(strange("challenge of the ECU"));
    need_proof(ProofPurpose::certificate_holder, 0, read->challenge, papers_.challenge);
}

void WayIn::judge_proof(View answer) {
    const auto read = read_proof_result(answer);
    if (!read) return fail_with(strange("result of the proof"));
    if (read->result == AuthenticationResult::authentication_complete) return leave_ticket();
    if (read->result == AuthenticationResult::request_accepted) return next_family();
    fail_with(strange("result of the proof"));
}

void WayIn::leave_ticket() {
    const auto link = papers_.returns != nullptr ? papers_.returns->offer(door_) : std::nullopt;
    if (!link) return enter(Through::certificates);
    step_ = Step::ticket;
    request_ = message_of(TransmitCertificate{.evaluation = return_ticket_evaluation, .data = *link});
}

// An ECU that takes none lets the tester work all the same.
void WayIn::judge_ticket(View answer) {
    const auto read = read_authentication_status(answer);
    const bool taken = read && read->task == AuthenticationTask::transmit_certificate &&
                       read->result == AuthenticationResult::certificate_verified;
    if (taken) papers_.returns->taken();
    enter(Through::certificates);
}

void WayIn::ask_for_seed() {
    step_ = Step::seed;
    kind_ = ProofKind::symmetric;
    request_ = two_bytes(Service::security_access, papers_.level);
}

void WayIn::judge_seed(View answer) {
    const View seed = answer.subspan(std::min(answer.size(), answer_head_bytes));
    if (seed.empty() || seed.size() > challenge_bytes_max) return fail_with(strange("seed"));
    if (std::ranges::all_of(seed, [](std::uint8_t byte) { return byte == 0; })) return enter(Through::security_key);
    if (papers_.symmetric == Papers::SymmetricKey::none)
        return fail_with(Error(faults::no_way_in, "the ECU asks for a key that this tester does not have"));
    need_proof(ProofPurpose::security_key, papers_.level, seed, {});
}

void WayIn::need_proof(ProofPurpose purpose, std::uint8_t level, View ecu_challenge, View tester_challenge) {
    text_.emplace(purpose, level, door_, ecu_challenge, tester_challenge);
}

void WayIn::enter(Through through) {
    through_ = through;
    step_ = Step::inside;
}

void WayIn::fail_with(const Error& error) {
    why_ = error;
    text_.reset();
    step_ = Step::outside;
}

}  // namespace pitstop::uds
