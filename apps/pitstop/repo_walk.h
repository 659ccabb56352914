// A whole client's verification of a repository, step by step, by the same TrustSet that decides in the car.
//
// Bring the first Root, which is trusted as it is, where files come from, and the time. Every accepted file is told to
// the listener before the next is fetched. The Director's files below its Root are made for each vehicle; of that
// repository only the Roots are walked. Faults: those of TrustSet and of the fetching; uptane.expired is one of them.
#pragma once

#include "apps/pitstop/role_words.h"
#include "core/uptane/roles.h"

#include <functional>
#include <optional>
#include <string>

namespace pitstop::cli {

// Nothing: there is no such file. An error: could not ask.
using FetchFile = std::function<Result<std::optional<Bytes>>(const std::string& name, std::size_t size_bytes_max)>;

struct WalkStep {
    std::string file, words;  // "3.targets.json", "version 3, until …"
    Freshness freshness = Freshness::fine;
};
using OnStep = std::function<void(const WalkStep& step)>;

struct Walk {
    uptane::Repository repository = uptane::Repository::image;
    Bytes first_root;
    FetchFile fetch;
    UtcTime now;
    OnStep on_step;
};

[[nodiscard]] Result<void> walk(const Walk& order);

}  // namespace pitstop::cli
