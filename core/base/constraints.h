// What an image asks of the other ECUs of its vehicle: which versions it needs beside it, and which it cannot stand.
//
// Written as an engineer writes it, on the command line, in campaign_metadata.json and in signed Targets alike:
// "ECU_012>=1.1.0", "ECU_012>=1.1.0<2.0.0" (from, and below), "ECU_012<2.0.0", "ECU_012" (whatever it runs).
// Faults: base.bad-ecu-id, bad-version; base.wrong-type for a range that nothing can be in, or for too many.
#pragma once

#include "core/base/ids.h"
#include "core/base/json.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop {

struct VersionRange {
    EcuId ecu;
    Version at_least;              // included
    std::optional<Version> below;  // excluded

    [[nodiscard]] static Result<VersionRange> parse(std::string_view text);
    [[nodiscard]] std::string str() const;
    [[nodiscard]] bool contains(const Version& version) const {
        return version >= at_least && !(below && version >= *below);
    }
    bool operator==(const VersionRange&) const = default;
};

struct Constraints {
    static constexpr std::size_t ranges_max = 32;  // of each kind: a third of the ECUs that a vehicle can have

    std::vector<VersionRange> dependencies;  // each must hold after the update
    std::vector<VersionRange> conflicts;     // none may hold after the update
    bool operator==(const Constraints&) const = default;
};

// "ECU_012>=1.1.0,ECU_013": what a command line carries.
[[nodiscard]] Result<std::vector<VersionRange>> version_ranges_from(std::string_view text);

// The members "dependencies" and "conflicts", lists of such texts; each may be absent.
[[nodiscard]] Result<Constraints> constraints_from_json(const json::Object& from);
void write_constraints(const Constraints& constraints, json::Object& into);  // what is empty is left out

}  // namespace pitstop
