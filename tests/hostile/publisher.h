// An honest repository, as plain data: who may sign, what is released, which versions are used up.
#pragma once

#include "tests/hostile/draft.h"

#include <array>
#include <set>

namespace pitstop::hostile {

// How the Image repository hands names on. One world each, so that every kind of delegation is attacked.
enum class Layout : std::uint8_t { flat, paths, terminating, prefixes, bins, hardware, nested, diamond };
inline constexpr std::size_t layouts = 8;

struct Release {
    std::string ecu, hardware, name, content, version;
    std::uint64_t counter = 0;
};

struct Signers {
    std::set<std::size_t> keys;
    std::size_t classical = 1, post_quantum = 1;
    bool batches = false;
};

inline constexpr std::array top_roles{"root", "timestamp", "snapshot", "targets"};
// Pairs of keys: of the top-level roles of both repositories, of delegated roles, of nobody that anybody trusts.
inline constexpr std::size_t candidates = 6, delegates_first_pair = 2 * 4 * candidates,
                             attackers_first_pair = delegates_first_pair + 8, key_pairs = attackers_first_pair + 4;

struct Dates {
    std::string soon, far;  // when listing roles and when the others end
};

class Publisher {
public:
    Publisher(Keyring& keys, Side side, Layout layout, Rng& rng);

    // What the factory puts into the car.
    [[nodiscard]] std::string first_root(const Dates& dates);

    // The next publication. Director: `releases` are assigned to `vin`; Image: they are added.
    // `rotated`: roles that get new keys for certain; without any, chance decides.
    [[nodiscard]] Plan next(Rng& rng, const std::vector<Release>& releases, const std::string& vin, const Dates& dates,
                            const std::set<std::string>& rotated = {});
    // One more Root at the end of the plan's chain.
    Draft& add_root(Plan& plan, const Dates& dates, const std::set<std::string>& rotated = {}, bool all_keys = true);
    // After an attack: goes on from what the car now trusts, whatever the attacker used up. True where only new keys
    // help.
    [[nodiscard]] bool catch_up(const Known& trusted);

    [[nodiscard]] const Signers& of(const std::string& role) const { return roles_.at(role); }
    [[nodiscard]] std::vector<Pen> pens_of(const std::set<std::size_t>& keys) const;
    [[nodiscard]] std::string holder(const std::string& target) const;  // the role that speaks for it
    [[nodiscard]] static std::set<std::size_t> pair(std::size_t number) { return {2 * number, 2 * number + 1}; }
    [[nodiscard]] static std::size_t pair_of_delegate(const std::string& role);

private:
    struct Edge {
        std::string from, to;
        std::vector<std::string> paths, prefixes, hardware;
        bool terminating = false;
    };
    [[nodiscard]] json::object root_body(std::uint64_t version, const Dates& dates) const;
    [[nodiscard]] json::object role_entry(const Signers& signers, json::object& keys) const;
    [[nodiscard]] json::object delegations_of(const std::string& role) const;
    [[nodiscard]] json::object targets_body(const std::string& role, const std::vector<Release>& releases) const;
    void finish(Draft& draft, const std::string& role, const Dates& dates);
    void draft_roots(Plan& plan, Rng& rng, const Dates& dates, std::set<std::string> rotated);
    void draft_delegated(Plan& plan, const std::vector<Release>& releases, const Dates& dates);

    Keyring* keys_;
    Side side_;
    Layout layout_;
    std::vector<Edge> edges_;
    std::map<std::string, Signers> roles_;
    std::map<std::string, std::size_t> generation_;  // of each role's keys
    std::uint64_t root_version_ = 1;
    std::string root_expires_;
    std::map<std::string, std::uint64_t> versions_;    // used up, by role
    std::map<std::string, json::value> published_;     // the body last published
    std::map<std::string, json::value> other_listed_;  // entries of the trusted Snapshot that are not ours
    bool untouched_ = true;                            // nobody interfered since the last publication
};

}  // namespace pitstop::hostile
