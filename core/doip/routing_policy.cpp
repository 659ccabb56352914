#include "core/doip/routing_policy.h"

namespace pitstop::doip {

RoutingRules::RoutingRules() {
    support(ActivationType::default_);
    support(ActivationType::regulated);
}

bool RoutingRules::supports(ActivationType type) { return supported_[static_cast<std::uint8_t>(type)]; }

Authentication RoutingRules::authentication(const Applicant& applicant) {
    const bool proved = applicant.proof == Proof::certificate;
    const bool wanted = authenticated_[static_cast<std::uint8_t>(applicant.type)];
    return wanted && !proved ? Authentication::missing : Authentication::given;
}

Confirmation RoutingRules::confirmation(const Applicant& applicant) {
    return confirmed_[static_cast<std::uint8_t>(applicant.type)] ? answer_ : Confirmation::given;
}

}  // namespace pitstop::doip
