// For tests: an ECU's door with both locks, and a tester with papers for it.
#pragma once

#include "core/crypto/certificates_on_the_desk_test.h"
#include "core/crypto/digest.h"
#include "core/crypto/mac.h"
#include "core/crypto/openssl_certificate_judge.h"
#include "core/uds/access_control.h"
#include "core/uds/authentication_request.h"
#include "core/uds/faults.h"
#include "core/uds/way_in.h"

#include <map>
#include <optional>
#include <string>

namespace pitstop::uds::desk {

namespace certificates = crypto::desk;
using crypto::KeyType;
using crypto::ProofKind;

inline Door door_of(std::uint16_t address, std::string_view vin = "WPTSTP00000000001") {
    return {address, Text<17>(vin)};
}

// Counts, so that no two challenges are the same.
class CountingRandomness final : public crypto::Randomness {
public:
    Result<void> fill(Room into) override {
        if (fails) return fail(faults::no_way_in);
        for (std::uint8_t& byte : into) byte = static_cast<std::uint8_t>(++count_ * 37);
        return {};
    }
    bool fails = false;

private:
    std::uint32_t count_ = 0;
};

class RamAttempts final : public AttemptMemory {
public:
    [[nodiscard]] std::uint8_t wrong_keys() const override { return kept; }
    [[nodiscard]] Result<void> remember(std::uint8_t wrong_keys) override {
        if (fails) return fail(faults::no_way_in);
        kept = wrong_keys;
        return {};
    }
    std::uint8_t kept = 0;
    bool fails = false;
};

class RamTicket final : public TicketMemory {
public:
    [[nodiscard]] std::optional<ReturnTicket> ticket() const override { return kept; }
    [[nodiscard]] Result<void> keep(const std::optional<ReturnTicket>& ticket) override {
        if (fails) return fail(faults::no_way_in);
        kept = ticket;
        return {};
    }
    std::optional<ReturnTicket> kept;
    bool fails = false;
};

// The authorities of a vehicle maker, of both families.
struct Authorities {
    certificates::Holder classical = certificates::make_authority(KeyType::ecdsa_p256);
    certificates::Holder post_quantum = certificates::make_authority(KeyType::ml_dsa_44);

    [[nodiscard]] std::array<X509*, 2> native() const {
        return {classical.certificate.get(), post_quantum.certificate.get()};
    }
};
// Making keys takes long: one for all tests.
inline const Authorities& maker() {
    static const Authorities authorities;
    return authorities;
}

inline EcuKey ecu_key() { return EcuKey(view_of("0123456789abcdef0123456789abcdef")); }

class DeskTester final : public crypto::Prover {
public:
    DeskTester() = default;
    explicit DeskTester(const certificates::CertificateWish& wish, const Authorities& by = maker()) {
        holders_.emplace(ProofKind::classical, certificates::issue(KeyType::ecdsa_p256, wish, &by.classical));
        holders_.emplace(ProofKind::post_quantum, certificates::issue(KeyType::ml_dsa_44, wish, &by.post_quantum));
        for (const auto& [kind, holder] : holders_) chains_[kind] = holder.der();
    }
    [[nodiscard]] View chain(ProofKind kind) const override {
        const auto found = chains_.find(kind);
        return found == chains_.end() ? View() : View(found->second);
    }
    [[nodiscard]] bool has(ProofKind kind) const override {
        return kind == ProofKind::symmetric ? key.has_value() : chains_.contains(kind);
    }
    Result<Bytes> prove(ProofKind kind, View text) override {
        if (kind != ProofKind::symmetric) return holders_.at(kind).sign(text);
        const auto tag = crypto::hmac_sha256(key->view(), text);
        return Bytes(tag.begin(), tag.end());
    }
    void lose(ProofKind kind) { chains_.erase(kind); }
    [[nodiscard]] Papers papers() {
        Papers papers = papers_of(*this, {1, 2, 3});
        papers.returns = comes_back ? &chain_of_links : nullptr;
        return papers;
    }

    std::optional<EcuKey> key;
    bool comes_back = false;
    CountingRandomness randomness;
    ReturnChain chain_of_links{randomness};

private:
    std::map<ProofKind, certificates::Holder> holders_;
    std::map<ProofKind, Bytes> chains_;
};

struct Locks {
    bool certificates = true, security = false, tickets = false;
    WantedProofs wanted = WantedProofs::both;
    CheckingTakes checking = CheckingTakes::less_than_p2;
};

// Access of one ECU from one start to the next.
class DoorOnTheDesk {
public:
    explicit DoorOnTheDesk(Locks locks = {}, const Door& door = door_of(0x0011), std::uint8_t wrong_keys = 0)
        : certificates_(judge_, randomness, door, locks.wanted,
                        locks.tickets ? std::optional(AuthenticationServer::Returns{ticket, hasher_}) : std::nullopt) {
        attempts.kept = wrong_keys;
        security_.emplace(ecu_key(), door, SecurityAccess::Parts{randomness, hasher_, attempts}, Tick{0});
        access.emplace(
            AccessControl::Ways{locks.certificates ? &certificates_ : nullptr, locks.security ? &*security_ : nullptr},
            storage_, locks.checking);
        access->session_changed(Session::programming);
    }

    // As uds::Server asks: the whole answer.
    Bytes ask(View request) {
        Bytes storage(16384);
        Reply out(storage);
        out.put_u8(static_cast<std::uint8_t>(request[0] + positive_offset));
        Outcome outcome = access->on_request(request, out, now);
        while (outcome.is_pending()) outcome = access->continue_pending(out, now);
        if (outcome.nrc() == Nrc::positive_response) return {out.written().begin(), out.written().end()};
        return {negative_response_sid, request[0], static_cast<std::uint8_t>(outcome.nrc())};
    }
    bool allows(std::initializer_list<std::uint8_t> request) {
        return access->judge(Bytes(request), Session::programming) == Nrc::positive_response;
    }

    UtcTime time = certificates::certificates_now;
    Tick now{};
    CountingRandomness randomness;
    RamAttempts attempts;
    RamTicket ticket;
    std::optional<AccessControl> access;

private:
    std::array<X509*, 2> authorities_ = maker().native();
    crypto::OpenSslCertificateJudge judge_{
        authorities_, {"WPTSTP00000000001", "brake-controller-2"}, [this] { return time; }};
    crypto::Sha256 hasher_;
    AuthenticationServer certificates_;
    std::optional<SecurityAccess> security_;
    std::array<std::uint8_t, 16384> storage_{};
};

// What a shell does with a WayIn.
inline Result<WayIn::Through> enter(DoorOnTheDesk& ecu, DeskTester& tester, const Door& door = door_of(0x0011)) {
    WayIn way(tester.papers(), door);
    for (;;) {
        const WayIn::Action action = way.next();
        if (const auto* ask = std::get_if<WayIn::Ask>(&action)) {
            const Bytes answer = ecu.ask(ask->request);
            answer[0] == negative_response_sid ? way.on_refusal(static_cast<Nrc>(answer[2])) : way.on_answer(answer);
        } else if (const auto* need = std::get_if<NeedProof>(&action)) {
            const auto proof = tester.prove(need->kind, need->text);
            proof ? way.on_proof(*proof) : way.on_error(proof.error());
        } else if (const auto* inside = std::get_if<WayIn::Inside>(&action)) {
            return inside->through;
        } else {
            return fail(std::get<WayIn::Outside>(action).why);
        }
    }
}

}  // namespace pitstop::uds::desk
