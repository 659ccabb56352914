// How far a request comes before its service looks at it: the order of ISO 14229-1:2020 §8.7 (figures 5 to 7), in one
// place. ECU profile.
//
//   1 busy with another request          0x21   (uds::Server; TesterPresent without answer passes)
//   2 the service exists here            0x11
//   3 in this session (table 23)         0x7F
//   4 the tester is authenticated        0x34   (Access)
//   5 the tester has unlocked it         0x33   (Access)
//   6 there is a sub-function byte       0x13   (services that have one)
//   7 the sub-function exists            0x12   (0x7E is never said: none of ours depends on the session)
//   8 the length that every such request has at least    0x13
//   RoutineControl is not guarded as a whole but routine by routine: 4 and 5 come after 8 there, with its identifier.
//   then the service's own, in the order of its figure: format and identifiers 0x31, the exact length 0x13,
//   values 0x31, sequence 0x24, conditions 0x22, what the work itself finds, an answer that does not fit 0x14.
//
// A functional request hears nothing of 0x11, 0x12, 0x31, 0x7E and 0x7F, unless a 0x78 went before.
#pragma once

#include "core/base/bytes.h"
#include "core/uds/services.h"

#include <cstdint>

namespace pitstop::uds {

enum class Offered : std::uint8_t { in_every_session, not_in_the_default_session };
enum class AccessBy : std::uint8_t { service, identifier };

struct ServiceRule {
    Service service;
    Offered offered;
    std::uint8_t request_bytes_min;
    std::uint32_t sub_functions = 0;  // bit n: n is supported; of services that have none: 0
    AccessBy access = AccessBy::service;

    [[nodiscard]] bool is_offered_in(Session session) const {
        return offered == Offered::in_every_session || session != Session::default_;
    }
    [[nodiscard]] bool knows_sub_function(std::uint8_t sub_function) const {
        return sub_function < 32 && (sub_functions >> sub_function & 1) != 0;
    }
};

// Null for a service that Pitstop does not have.
[[nodiscard]] const ServiceRule* rule_of(std::uint8_t service);

// Steps 6 to 8 for a request whose service is `rule`'s.
[[nodiscard]] Nrc judge_form(const ServiceRule& rule, View request);

// The refusals that a functional request does not hear: it reaches every ECU, also those that it does not concern.
[[nodiscard]] bool is_unsaid_when_functional(Nrc nrc);

}  // namespace pitstop::uds
