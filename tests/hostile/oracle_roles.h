// The oracle's reading of Root and Targets: only the form, nothing is believed yet. Everything throws Refusal.
#pragma once

#include "tests/hostile/oracle_files.h"
#include "tests/hostile/served.h"

namespace pitstop::hostile::oracle {

inline constexpr std::uint64_t length_max = 0xFFFF'FFFF;  // of an image

struct Root {
    std::uint64_t version = 0;
    json::object body;
    KeyBook keys;
    std::map<std::string, RoleKeys> roles;
};

struct Delegation {
    std::string role;
    RoleKeys keys;
    bool terminating = false;
    std::vector<std::string> paths, prefixes, hardware;
};
struct Delegations {
    KeyBook keys;
    std::vector<Delegation> roles;
    std::string bin_prefix;  // TAP 15, instead of roles
    std::uint64_t bin_bits = 0;
    RoleKeys bin_keys;
};
struct Targets {
    std::uint64_t version = 0;
    json::object body;
    std::optional<Delegations> delegations;
};

[[nodiscard]] Root read_root(const Keyring& keys, const File& file);
[[nodiscard]] Targets read_targets(const Keyring& keys, const File& file, Side side);

}  // namespace pitstop::hostile::oracle
