// Paths through the models, as spin's simulation prints them, walked by the code that the models are of.
//
// A path is lines of numbers, "what happened | what is so now"; event 0 begins another. What comes back of a walk: the
// lines that were walked, or the first that came out otherwise.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace pitstop::paths {

struct Step {
    std::vector<int> event;  // its first: which
    std::vector<int> after;
};
using Path = std::vector<Step>;

[[nodiscard]] std::string to_string(const std::vector<int>& numbers);

// models/set_transaction.pml: update::decide.
[[nodiscard]] std::expected<void, std::string> walk_set(const Path& path);

// models/ab_install.pml: flash::Slots with flash::decide, on a memory whose power is cut. A cut of the model is looked
// for among all places in which the operation can be cut.
[[nodiscard]] std::expected<void, std::string> walk_install(const Path& path);

}  // namespace pitstop::paths
