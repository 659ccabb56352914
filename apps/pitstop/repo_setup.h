// A new repository: keys, both Roots and an empty Image repository.
//
// Roles whose signers are named get their public keys and threshold; all others get one pair of keys made on the spot.
// Roots and Targets that people elsewhere must sign wait in staged/. Faults: cli.already-there, those of
// repo_publication.h; uptane.bad-threshold for one that its keys cannot reach.
#pragma once

#include "apps/pitstop/repo_publication.h"

#include <cstdint>
#include <vector>

namespace pitstop::cli {

// Each family reaches the threshold by itself.
struct Signers {
    std::vector<NamedKey> keys;  // empty: a pair made here
    std::uint32_t threshold = 1;
};

struct SetupOrder {
    Signers root, director_root, targets;  // director_root: as root where nobody is named
};

// Empty `waiting` in what comes back: everything is published.
[[nodiscard]] Result<Published> init_repository(const RepoOrder& order, const SetupOrder& setup = {});

}  // namespace pitstop::cli
