// Whose signatures a staged file needs, and which of them it has.
//
// A Root needs those of the Root in force and its own (TUF §5.3.4); Targets those that Root gives it; a delegated role
// those that its delegator names. Every signature is checked: one that does not belong to the content means that
// somebody altered the file after signing, and is never passed over as "missing". Faults: cli.altered, those of
// core/uptane.
#pragma once

#include "apps/pitstop/staged_file.h"

#include <string>
#include <vector>

namespace pitstop::cli {

struct Holder {
    crypto::PublicKey key;
    std::string keyid;
    bool has_signed = false;
};

// One set of keys that must be satisfied.
struct Demand {
    std::string whose;  // "Root 1, which is in force"
    uptane::RoleKeys role;
    std::vector<Holder> holders;

    [[nodiscard]] std::uint32_t signed_by(crypto::Family family) const;  // different keys
    [[nodiscard]] std::uint32_t needed(crypto::Family family) const;
    [[nodiscard]] bool is_met() const;
};

struct SigningStatus {
    std::vector<Demand> demands;

    [[nodiscard]] bool is_complete() const;
    [[nodiscard]] const Holder* holder(const crypto::PublicKey& key) const;  // null: may not sign
};

// The keys behind a delegated role's name, also of one of its hash bins; null: nobody delegates to it.
[[nodiscard]] const uptane::RoleKeys* delegated_keys(const uptane::Delegations& delegations, std::string_view role);

[[nodiscard]] Result<SigningStatus> status_of(const StagedFile& staged);

// "classical 1 of 2, post-quantum 2 of 2"
[[nodiscard]] std::string counted(const Demand& demand);
// Those who could still sign, each once, while something is missing.
[[nodiscard]] std::vector<std::string> still_to_sign(const SigningStatus& status, const Names& names);

}  // namespace pitstop::cli
