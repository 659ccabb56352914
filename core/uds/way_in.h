// The tester's way into an ECU, as a pure state machine: 0x29 with the certificates that it has, 0x27 where the ECU
// knows only that, nothing where the ECU is open. For Linux. The ECU is asked which it is (29 08). With a return chain
// the tester leaves a ticket where it came in by certificates, and comes back by it; where that fails, by certificates.
//
// Bring what the tester has (Papers: views that outlive this) and which ECU it talks to. Ask next(), do what it says,
// tell the outcome, ask again:
//
//     Ask      → send `request`; on_answer(positive) or on_refusal(nrc). Nothing came: the same again, or restart()
//     NeedProof → sign `text` with the key of that kind (crypto::Prover); on_proof(signature)
//     Inside   → the end: the tester may do what its papers give it
//     Outside  → the end: it may not
//
// Faults: uds.no-way-in, uds.refused, uds.strange-answer. What is signed: authentication_text.h.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/crypto/prover.h"
#include "core/uds/authentication.h"
#include "core/uds/authentication_text.h"
#include "core/uds/return_chain.h"

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

namespace pitstop::uds {

// What a tester can show, beside the keys themselves.
struct Papers {
    enum class SymmetricKey : std::uint8_t { none, held };

    View classical_chain, post_quantum_chain;  // empty: none
    SymmetricKey symmetric = SymmetricKey::none;
    std::array<std::uint8_t, 32> challenge{};  // random, new for each ECU and day's work
    std::uint8_t level = 0x11;                 // of 0x27: security_access.h
    ReturnChain* returns = nullptr;            // to this ECU; null: it does not come back

    [[nodiscard]] bool empty() const {
        return classical_chain.empty() && post_quantum_chain.empty() && symmetric == SymmetricKey::none;
    }
};
// Of what the prover has.
[[nodiscard]] Papers papers_of(const crypto::Prover& prover, const std::array<std::uint8_t, 32>& challenge);

struct NeedProof {
    crypto::ProofKind kind;
    View text;  // lives until the next call
};

class WayIn {
public:
    struct Ask {
        View request;  // lives until the next call
    };
    enum class Through : std::uint8_t { certificates, return_ticket, security_key, open_door };
    struct Inside {
        Through through;
    };
    struct Outside {
        Error why;
    };
    using Action = std::variant<Ask, NeedProof, Inside, Outside>;

    WayIn(const Papers& papers, const Door& door);

    [[nodiscard]] Action next() const;
    [[nodiscard]] bool has_another_way() const;  // a refusal now is not the end of it
    void on_answer(View positive);
    void on_refusal(Nrc nrc);
    void on_proof(View proof);
    void on_error(const Error& error);  // the proof could not be made
    void restart();                     // the ECU was silent, and may have forgotten everything

private:
    enum class Step : std::uint8_t {
        configuration,
        expected_link,
        link,
        certificate,
        proof,
        ticket,
        seed,
        key,
        inside,
        outside,
    };

    void come_back();
    void show_link(View answer);
    void show_certificates();
    void show_certificate(crypto::ProofKind kind);
    void leave_ticket();
    void next_family();
    void ask_for_seed();
    void enter(Through through);
    void fail_with(const Error& error);
    void judge_configuration(View answer);
    void judge_certificate(View answer);
    void judge_proof(View answer);
    void judge_return(View answer);
    void judge_ticket(View answer);
    void judge_seed(View answer);
    void need_proof(ProofPurpose purpose, std::uint8_t level, View ecu_challenge, View tester_challenge);

    Papers papers_;
    Door door_;
    Step step_ = Step::configuration;
    crypto::ProofKind kind_ = crypto::ProofKind::classical;
    Bytes request_;
    std::optional<ProofText> text_;  // to be signed
    Through through_ = Through::open_door;
    std::optional<Error> why_;
};

}  // namespace pitstop::uds
