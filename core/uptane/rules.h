// How strictly, and in which words, a repository's files are read.
//
// Pitstop's own repositories: the defaults. The other two dialects exist so that outside test suites can drive the same
// code: plain TUF 1.0, and the JSON that repositories of the aktualizr family serve.
#pragma once

#include "core/base/ids.h"
#include "core/crypto/key.h"

#include <cstdint>
#include <optional>

namespace pitstop::uptane {

enum class Repository : std::uint8_t { director, image };

enum class Dialect : std::uint8_t {
    pitstop,    // TUF 1.0 with every member that DESIGN §6 makes mandatory
    tuf,        // TUF 1.0: custom members, lengths and most hashes are optional, names are any text
    aktualizr,  // capital _type, base64 signatures with `method`, unversioned names, a Director without listing roles
};

// Hybrid: each family of algorithms reaches its own threshold. Classic: one threshold over all keys.
enum class Policy : std::uint8_t { hybrid, classic };

struct Rules {
    Dialect dialect = Dialect::pitstop;
    Policy policy = Policy::hybrid;
    crypto::KeyRules keys = {};
    // Whose vehicle asks the Director: files of another are refused before anything of them is remembered.
    std::optional<Vin> vin = {};
    std::uint32_t roots_per_cycle_max = 1024;  // twenty years of weekly rotation
    std::uint32_t roles_per_search_max = 32;   // delegated roles that one target's search may look into

    // Whether a file's name may carry its version (TUF §7: consistent snapshots). Root's always does.
    [[nodiscard]] bool has_versioned_names() const { return dialect != Dialect::aktualizr; }
    [[nodiscard]] bool is_strict() const { return dialect == Dialect::pitstop; }
    // Whether Timestamp and Snapshot stand between Root and Targets.
    [[nodiscard]] bool has_listing_roles(Repository repository) const {
        return !(dialect == Dialect::aktualizr && repository == Repository::director);
    }
};

}  // namespace pitstop::uptane
