// The tester's side of a return ticket (return_ticket.h): the chain whose links it shows one by one. For Linux.
//
// Bring randomness that outlives it, and keep one chain for each ECU as long as the program runs. A tester that lost
// its chain, or met an ECU that lost its ticket, shows its certificates again.
#pragma once

#include "core/crypto/randomness.h"
#include "core/uds/return_ticket.h"

#include <optional>

namespace pitstop::uds {

class ReturnChain {
public:
    explicit ReturnChain(crypto::Randomness& randomness) : randomness_(randomness) {}

    // The end of a new chain, for the ECU to keep. Nothing where there is no randomness: then nothing is left there.
    [[nodiscard]] std::optional<ReturnLink> offer(const Door& door);
    void taken();  // by the ECU: the chain that was offered last counts

    [[nodiscard]] bool is_there() const { return first_.has_value(); }
    // The link before the one that the ECU expects; nothing where that is of another chain.
    [[nodiscard]] std::optional<ReturnLink> link_before(View expected, const Door& door) const;

private:
    crypto::Randomness& randomness_;
    std::optional<ReturnLink> offered_, first_;  // links that are shown last
};

}  // namespace pitstop::uds
