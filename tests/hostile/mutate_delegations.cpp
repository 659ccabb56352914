// Delegations: who may speak for which names, in which order, by whose keys.
#include "tests/hostile/mutation.h"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace pitstop::hostile {
namespace {

constexpr auto refused = Alone::refused, accepted = Alone::accepted, either = Alone::either;

// A hook into the first (or any) delegation of a file that has some.
bool on_delegation(Scene& scene, const std::function<void(json::object& one, json::object& all)>& change) {
    Draft* draft = scene.delegator();
    if (!draft) return false;
    if (draft != &scene.plans[image].targets) scene.certain = false;
    draft->before_signing.emplace_back([change, which = scene.rng.below(4)](json::value& body) {
        json::value* all = body.as_object().if_contains("delegations");
        if (!all || !all->is_object()) return;
        json::object& object = all->get_object();
        if (object.contains("succinct_roles") && object["succinct_roles"].is_object())
            return change(object["succinct_roles"].get_object(), object);
        json::value* roles = object.if_contains("roles");
        if (!roles || !roles->is_array() || roles->get_array().empty()) return;
        json::value& one = roles->get_array()[which % roles->get_array().size()];
        if (one.is_object()) change(one.get_object(), object);
    });
    return true;
}

struct Row {
    const char* name;
    const char* pointer;
    const char* value;
    Alone alone;
};
// Of one delegation, or of the hash bins where this world has them instead.
constexpr Row rows[] = {
    {"delegation.threshold-zero", "/threshold", "0", refused},
    {"delegation.threshold-unreachable", "/threshold", "9", refused},
    {"delegation.family-threshold-unreachable", "/family_thresholds/classical", "2", refused},
    {"delegation.family-threshold-zero", "/family_thresholds/post_quantum", "0", refused},
    {"delegation.keyid-unknown", "/keyids", "[\"nobody\"]", refused},
    {"delegation.keyids-missing", "/keyids", "<absent>", refused},
};
// Of named roles only.
constexpr Row named_rows[] = {
    {"delegation.name-of-a-top-role", "/name", "\"snapshot\"", refused},
    {"delegation.name-targets", "/name", "\"targets\"", refused},
    {"delegation.name-path", "/name", "\"../oem\"", refused},
    {"delegation.name-hidden", "/name", "\".oem\"", refused},
    {"delegation.name-empty", "/name", "\"\"", refused},
    {"delegation.name-unknown", "/name", "\"nobody\"", either},
    {"delegation.terminating-missing", "/terminating", "<absent>", refused},
    {"delegation.terminating-text", "/terminating", "\"true\"", refused},
    {"delegation.terminating-more", "/terminating", "true", either},
    {"delegation.no-patterns", "/paths", "[]", either},
    {"delegation.paths-number", "/paths", "[7]", refused},
    {"delegation.paths-text", "/paths", "\"*\"", refused},
    {"delegation.pattern-all", "/paths", "[\"*\"]", either},
    {"delegation.pattern-deep", "/paths", "[\"**/**\"]", either},
    {"delegation.pattern-question-marks", "/paths",
     "[\"???"
     "/*.img\"]",
     either},
    {"delegation.pattern-question-mark-for-slash", "/paths", "[\"brk?ECU_011.img\",\"eng?*\"]", either},
    {"delegation.pattern-stars", "/paths", "[\"*b*r*k*/*E*C*U*_*0*1*1*\"]", either},
    {"delegation.pattern-other-case", "/paths", "[\"BRK/*\"]", either},
    {"delegation.hardware-empty", "/hardware_ids", "[]", refused},
    {"delegation.hardware-others", "/hardware_ids", "[\"OTHER-1\"]", either},
    {"delegation.hardware-path", "/hardware_ids", "[\"a/b\"]", refused},
    {"delegation.extra-member", "/x-contract", "\"2026-11\"", accepted},
};
constexpr Row bin_rows[] = {
    {"bins.bit-length-zero", "/bit_length", "0", refused},
    {"bins.bit-length-1", "/bit_length", "1", either},
    {"bins.bit-length-14", "/bit_length", "14", either},
    {"bins.bit-length-15", "/bit_length", "15", refused},
    {"bins.bit-length-33", "/bit_length", "33", refused},
    {"bins.bit-length-negative", "/bit_length", "-2", refused},
    {"bins.prefix-path", "/name_prefix", "\"../bin\"", refused},
    {"bins.prefix-other", "/name_prefix", "\"nib\"", either},
};

Mutation of_row(const Row& row, bool of_names, bool of_bins) {
    return {row.name, row.alone, [&row, of_names, of_bins](Scene& scene) {
                const json::value& top = scene.plans[image].targets.body;
                boost::system::error_code none;
                const bool bins = top.find_pointer("/delegations/succinct_roles", none) != nullptr;
                if (bins ? !of_bins : !of_names) return false;
                return on_delegation(scene, [&row](json::object& one, json::object&) {
                    json::value copy = one;
                    if (row.pointer == std::string_view("/paths") && copy.as_object().contains("path_hash_prefixes"))
                        copy.as_object().erase("path_hash_prefixes");
                    set_member(copy, row.pointer, row.value);
                    one = copy.as_object();
                });
            }};
}

void add_shapes(std::vector<Mutation>& table) {
    const auto add = [&table](const char* name, Alone alone, std::function<void(json::object&, json::object&)> change) {
        table.push_back(
            {name, alone, [change = std::move(change)](Scene& scene) { return on_delegation(scene, change); }});
    };
    add("delegation.both-paths-and-prefixes", either, [](json::object& one, json::object&) {
        one["paths"] = json::array{"*/*"};
        one["path_hash_prefixes"] = json::array{"0"};
    });
    add("delegation.neither-paths-nor-prefixes", either, [](json::object& one, json::object&) {
        one.erase("paths");
        one.erase("path_hash_prefixes");
    });
    add("delegation.prefixes-upper-case", either, [](json::object& one, json::object&) {
        one.erase("paths");
        one["path_hash_prefixes"] = json::array{"0", "1", "2", "3", "4", "5", "6", "7", "A", "B", "C", "D", "E", "F"};
    });
    add("delegation.prefix-empty", either, [](json::object& one, json::object&) {
        one.erase("paths");
        one["path_hash_prefixes"] = json::array{""};
    });
    add("delegation.twice", either, [](json::object& one, json::object& all) {
        const json::value copy = one;
        if (all.contains("roles")) all["roles"].as_array().push_back(copy);
    });
    add("delegation.roles-and-bins", either, [](json::object& one, json::object& all) {
        const json::value copy = one;
        all["roles"] = json::array{};
        all["succinct_roles"] = copy;
    });
    add("delegation.keys-missing", refused, [](json::object&, json::object& all) { all.erase("keys"); });
    add("delegation.roles-missing", refused, [](json::object&, json::object& all) {
        all.erase("roles");
        all.erase("succinct_roles");
    });
    add("delegation.257-roles", either, [](json::object& one, json::object& all) {
        if (!all.contains("roles")) return;
        json::object other = one;
        other.erase("path_hash_prefixes");
        other["paths"] = json::array{"nothing"};
        json::array& roles = all["roles"].as_array();
        for (int i = 0; roles.size() < 257; ++i) {
            other["name"] = "more-" + std::to_string(i);
            roles.push_back(other);
        }
    });
    add("delegation.last-becomes-first", either, [](json::object&, json::object& all) {
        if (all.contains("roles")) std::ranges::reverse(all["roles"].as_array());
    });
    add("delegation.1025-patterns", refused, [](json::object& one, json::object&) {
        json::array many;
        for (int i = 0; i < 1025; ++i) many.emplace_back("nothing");
        one["hardware_ids"] = json::array{"a"};
        if (one.contains("name_prefix"))
            one["keyids"] = std::move(many);
        else
            (one.contains("paths") ? one["paths"] : one["path_hash_prefixes"]) = std::move(many);
    });
}

json::object keys_json(Keyring& keys, const std::set<std::size_t>& numbers, json::array& ids) {
    json::object book;
    for (const std::size_t number : numbers) {
        const Key& key = keys[number];
        ids.emplace_back(key.id);
        book[key.id] = {{"keytype", key.post_quantum ? "ml-dsa" : "ecdsa"},
                        {"scheme", key.post_quantum ? "ml-dsa-44/1" : "ecdsa-sha2-nistp256"},
                        {"keyval", {{"public", key.pem}}}};
    }
    return book;
}

json::object delegation_to(const std::string& role, const json::array& ids, bool terminating) {
    return {{"name", role},
            {"keyids", ids},
            {"threshold", 2},
            {"family_thresholds", {{"classical", 1}, {"post_quantum", 1}}},
            {"terminating", terminating},
            {"paths", json::array{"*/*"}}};
}

// A role that the plan did not have; signed by the delegates' pair of its name.
Draft& new_role(Scene& scene, const std::string& role) {
    Plan& plan = scene.plans[image];
    Draft& draft = plan.delegated[role];
    draft.role = role;
    draft.version = 1;
    draft.body = json::object{{"_type", "targets"},
                              {"spec_version", "1.0.31"},
                              {"version", 1},
                              {"expires", scene.dates.far},
                              {"targets", json::object()}};
    draft.pens = scene.honest[image].pens_of(Publisher::pair(delegates_first_pair + 1));
    return draft;
}

// Top-level Targets hands everything to the first of `length` roles, each of them to the next, and the last one back.
bool chain(Scene& scene, std::size_t length, bool terminating) {
    Plan& plan = scene.plans[image];
    if (plan.targets.body.as_object().contains("delegations")) return false;
    json::array ids;
    const json::object keys = keys_json(scene.keys, Publisher::pair(delegates_first_pair + 1), ids);
    const auto link = [&](Draft& from, const std::string& to) {
        from.before_signing.emplace_back([=](json::value& body) {
            body.as_object()["delegations"] = {{"keys", keys},
                                               {"roles", json::array{delegation_to(to, ids, terminating)}}};
        });
    };
    link(plan.targets, "link-0");
    for (std::size_t i = 0; i < length; ++i)
        link(new_role(scene, "link-" + std::to_string(i)), "link-" + std::to_string((i + 1) % length));
    return true;
}

void add_trees(std::vector<Mutation>& table) {
    table.push_back({"delegation.circle", either,
                     [](Scene& scene) { return chain(scene, 1 + scene.rng.below(4), scene.rng.percent(50)); }});
    // The image is nowhere: the search has to come to an end, and refuses.
    table.push_back({"delegation.circle-without-the-image", refused, [](Scene& scene) {
                         const auto target = scene.target(image);
                         if (!target.draft || !chain(scene, 3, false)) return false;
                         target.draft->before_signing.emplace_back([name = target.name](json::value& body) {
                             set_member(body, "/targets/" + escaped(name), "<absent>");
                         });
                         return true;
                     }});
    for (const std::size_t length : {32, 33})
        table.push_back({"delegation.chain-of-" + std::to_string(length), length == 32 ? accepted : refused,
                         [length](Scene& scene) {
                             const auto target = scene.target(image);
                             if (!target.draft || !chain(scene, length, false)) return false;
                             const json::value info = target.draft->body.at("targets").at(target.name);
                             target.draft->before_signing.emplace_back([name = target.name](json::value& body) {
                                 set_member(body, "/targets/" + escaped(name), "<absent>");
                             });
                             Draft& last = scene.plans[image].delegated.at("link-" + std::to_string(length - 1));
                             last.body.as_object()["targets"].as_object()[target.name] = info;
                             return true;
                         }});
    table.push_back({"delegation.by-another-delegators-keys", either, [](Scene& scene) {
                         if (scene.plans[image].delegated.empty()) return false;
                         Draft& draft = scene.rng.pick(scene.plans[image].delegated).second;
                         draft.pens =
                             scene.honest[image].pens_of(Publisher::pair(delegates_first_pair + scene.rng.below(8)));
                         return true;
                     }});
    table.push_back({"delegation.stolen-by-the-first-role", either, [](Scene& scene) {
                         const auto target = scene.target(image);
                         auto& delegated = scene.plans[image].delegated;
                         if (!target.draft || delegated.empty()) return false;
                         json::value info = target.draft->body.at("targets").at(target.name);
                         set_member(info, "/hashes/sha256", "<flip>");
                         Draft& thief = scene.rng.pick(delegated).second;
                         thief.before_signing.emplace_back([info, name = target.name](json::value& body) {
                             if (json::value* list = body.as_object().if_contains("targets"); list && list->is_object())
                                 list->get_object()[name] = info;
                         });
                         return true;
                     }});
    table.push_back({"snapshot.delegated-role-dropped", either, [](Scene& scene) {
                         if (scene.plans[image].delegated.empty()) return false;
                         const std::string role = scene.rng.pick(scene.plans[image].delegated).first;
                         scene.plans[image].snapshot.before_signing.emplace_back(
                             [role](json::value& body) { set_member(body, "/meta/" + role + ".json", "<absent>"); });
                         return true;
                     }});
    for (const char* value : {"<subtract 1>", "<add 1>"})
        table.push_back({std::string("snapshot.delegated-role-") + (value[1] == 's' ? "lowered" : "raised"), either,
                         [value](Scene& scene) {
                             if (scene.plans[image].delegated.empty()) return false;
                             const std::string role = scene.rng.pick(scene.plans[image].delegated).first;
                             scene.plans[image].snapshot.before_signing.emplace_back([role, value](json::value& body) {
                                 set_member(body, "/meta/" + role + ".json/version", value);
                             });
                             return true;
                         }});
}

}  // namespace

void add_delegation_mutations(std::vector<Mutation>& table) {
    for (const Row& row : rows) table.push_back(of_row(row, true, true));
    for (const Row& row : named_rows) table.push_back(of_row(row, true, false));
    for (const Row& row : bin_rows) table.push_back(of_row(row, false, true));
    add_shapes(table);
    add_trees(table);
}

}  // namespace pitstop::hostile
