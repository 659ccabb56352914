// What a vehicle would install after one cycle: the Director's word, confirmed by the Image repository.
//
// For our own dialect this is match() (core/uptane/match.h); the aktualizr family names ECUs by serial and is matched
// here, for outside suites only. Faults: those of match().
#pragma once

#include "core/uptane/trust_set.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::conformance {

// Nothing given: the vehicle has every ECU that the Director names.
struct OnlyEcu {
    std::string serial, hardware;
};

struct ChosenImage {
    uptane::TargetPath name;
    uptane::TargetInfo promised;  // with the digests of both repositories
};

// Makes the Image repository's TrustSet ready to look this target up.
using Search = std::function<Result<void>(const uptane::TargetPath& name, const HardwareId& hardware)>;

[[nodiscard]] Result<std::vector<ChosenImage>> choose_images(const uptane::TrustSet& director,
                                                             const uptane::TrustSet& image,
                                                             const std::optional<OnlyEcu>& only, const Search& search);

}  // namespace pitstop::conformance
