// One case: a car, two repositories and a network, over several steps, all of it following from one seed. In each
// attacked step the oracle and core/uptane judge the same bytes; both must come to the same verdict, the same images
// and the same trusted files. After a refusal an honest publication must be accepted again.
#pragma once

#include "tests/hostile/mutation.h"

#include <optional>

namespace pitstop::hostile {

struct Tally {
    struct Use {
        std::uint64_t times = 0, refused = 0;
    };
    explicit Tally(std::size_t mutations) : uses(mutations) {}

    std::uint64_t cases = 0, refused = 0, accepted = 0, honest = 0, wrongly_accepted = 0, wrongly_refused = 0;
    std::vector<Use> uses;  // by place in the table
    void add(const Tally& other);
};

enum class Loudness : std::uint8_t { quiet, loud };

// What went wrong; nothing when all went well.
[[nodiscard]] std::optional<std::string> travel(Keyring& keys, const std::vector<Mutation>& table, std::uint64_t seed,
                                                Tally& tally, Loudness loudness = Loudness::quiet);

}  // namespace pitstop::hostile
