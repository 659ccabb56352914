// The table of attacks. Each has a name that reports and seeds speak of, and changes one thing about what the
// repositories were about to publish, or about how it reaches the car. Several may be applied to one step.
#pragma once

#include "tests/hostile/publisher.h"

#include <span>
#include <string_view>

namespace pitstop::hostile {

// One step before it is pressed.
struct Scene {
    Rng& rng;
    Keyring& keys;
    std::array<Publisher, 2>& honest;
    std::array<Plan, 2>& plans;
    Shelf& images;
    const std::array<Known, 2>& trusted;
    const std::vector<Served>& history;
    const Car& car;
    const Dates& dates;
    bool certain = true;  // whether the car will surely look at what was changed

    Side side() { return rng.percent(50) ? director : image; }
    // Any file, by role letters: r root (made where there is none), t timestamp, s snapshot, g targets, d delegated.
    Draft& file(std::string_view letters = "rtsggd");
    Draft& root(Side of);
    // The entry of an image that the Director assigns, and the file that holds it on that side. Null: none is assigned.
    struct Target {
        Draft* draft = nullptr;
        std::string name;
    };
    Target target(Side of);
    // A delegation on the way to an assigned image: the file that holds it. Null: this world has none.
    Draft* delegator();
};

// What the author of the mutation expects where nothing else is wrong: a check of the oracle itself.
enum class Alone : std::uint8_t { refused, accepted, either };

struct Mutation {
    std::string name;
    Alone alone = Alone::either;
    std::function<bool(Scene&)> apply;  // false: not possible in this scene, nothing was changed
};

void add_signature_mutations(std::vector<Mutation>& table);
void add_member_mutations(std::vector<Mutation>& table);
void add_target_mutations(std::vector<Mutation>& table);
void add_root_mutations(std::vector<Mutation>& table);
void add_delegation_mutations(std::vector<Mutation>& table);
void add_text_mutations(std::vector<Mutation>& table);
void add_network_mutations(std::vector<Mutation>& table);
[[nodiscard]] std::vector<Mutation> all_mutations();

// One member of a body. `value` is JSON, or one of the words <absent> <flip> <upper> <add N> <subtract N>.
void set_member(json::value& body, const std::string& pointer, const std::string& value);
[[nodiscard]] std::string escaped(std::string_view name);  // for a JSON pointer

}  // namespace pitstop::hostile
