// Who may be routed: the questions of routing activation that the protocol leaves to the vehicle. ISO 13400-2:2019
// figure 12 asks, in this order: is the type supported (else 0x06), has the tester authenticated itself (else 0x04),
// has somebody in the vehicle confirmed (awaited 0x11, rejected 0x05). ECU profile.
#pragma once

#include "core/doip/payloads.h"

#include <bitset>
#include <cstdint>

namespace pitstop::doip {

enum class Channel : std::uint8_t { plain, tls };
enum class Proof : std::uint8_t { none, certificate };  // by which the connection itself has shown who the tester is

struct Applicant {
    std::uint16_t source = 0;
    ActivationType type = ActivationType::default_;
    Proof proof = Proof::none;
};

enum class Authentication : std::uint8_t { given, missing };
enum class Confirmation : std::uint8_t { given, rejected, awaited };

// The port of Entity. What is missing or awaited may come later: a tester that is told 0x04 asks again, and the one who
// confirms tells Entity::on_confirmed().
class RoutingPolicy {
public:
    [[nodiscard]] virtual bool supports(ActivationType type) = 0;
    [[nodiscard]] virtual Authentication authentication(const Applicant& applicant) = 0;
    [[nodiscard]] virtual Confirmation confirmation(const Applicant& applicant) = 0;

protected:
    // Never deleted through this class, as crypto::Hasher.
    RoutingPolicy() = default;
    RoutingPolicy(const RoutingPolicy&) = default;
    RoutingPolicy& operator=(const RoutingPolicy&) = default;
    ~RoutingPolicy() = default;
};

// The policy of a settings file: which types there are, which want a tester's certificate, which want a confirmation.
class RoutingRules final : public RoutingPolicy {
public:
    RoutingRules();  // default and regulated, for everybody

    void support(ActivationType type) { supported_[static_cast<std::uint8_t>(type)] = true; }
    void authenticate(ActivationType type) { authenticated_[static_cast<std::uint8_t>(type)] = true; }
    void confirm(ActivationType type) { confirmed_[static_cast<std::uint8_t>(type)] = true; }
    void answer_confirmation(Confirmation with) { answer_ = with; }  // the default: awaited

    [[nodiscard]] bool supports(ActivationType type) override;
    [[nodiscard]] Authentication authentication(const Applicant& applicant) override;
    [[nodiscard]] Confirmation confirmation(const Applicant& applicant) override;

private:
    using Types = std::bitset<256>;
    Types supported_, authenticated_, confirmed_;
    Confirmation answer_ = Confirmation::awaited;
};

}  // namespace pitstop::doip
