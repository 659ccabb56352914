// Root: who is trusted from now on, and how a chain of Roots may lie.
#include "tests/hostile/mutation.h"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace pitstop::hostile {
namespace {

constexpr auto refused = Alone::refused, accepted = Alone::accepted, either = Alone::either;

struct Row {
    const char* name;
    const char* pointer;  // {role} is any of the four
    const char* value;
    Alone alone;
};

constexpr Row rows[] = {
    {"root.threshold-zero", "/roles/{role}/threshold", "0", refused},
    {"root.threshold-negative", "/roles/{role}/threshold", "-1", refused},
    {"root.threshold-33", "/roles/{role}/threshold", "33", refused},
    {"root.threshold-unreachable", "/roles/{role}/threshold", "7", refused},
    {"root.threshold-text", "/roles/{role}/threshold", "\"1\"", refused},
    {"root.threshold-missing", "/roles/{role}/threshold", "<absent>", refused},
    {"root.classical-threshold-zero", "/roles/{role}/family_thresholds/classical", "0", refused},
    {"root.post-quantum-threshold-zero", "/roles/{role}/family_thresholds/post_quantum", "0", refused},
    {"root.post-quantum-threshold-unreachable", "/roles/{role}/family_thresholds/post_quantum", "4", refused},
    {"root.family-thresholds-missing", "/roles/{role}/family_thresholds", "<absent>", refused},
    {"root.keyids-empty", "/roles/{role}/keyids", "[]", refused},
    {"root.keyids-number", "/roles/{role}/keyids", "[7]", refused},
    {"root.keyids-missing", "/roles/{role}/keyids", "<absent>", refused},
    {"root.role-missing", "/roles/{role}", "<absent>", refused},
    {"root.role-extra-member", "/roles/{role}/x-note", "\"by hand\"", accepted},
    {"root.unknown-role", "/roles/mirrors", "{\"keyids\":[],\"threshold\":0}", accepted},
    {"root.time-role-broken", "/roles/time", "{\"keyids\":[],\"threshold\":1}", refused},
    {"root.keys-missing", "/keys", "<absent>", refused},
    {"root.keys-list", "/keys", "[]", refused},
    {"root.key-of-unknown-type", "/keys/abcdef",
     "{\"keytype\":\"falcon\",\"scheme\":\"falcon-512/1\",\"keyval\":{\"public\":\"x\"}}", accepted},
    {"root.key-of-unknown-scheme", "/keys/abcdef", "{\"keytype\":\"ml-dsa\",\"scheme\":\"ml-dsa-44/2\",\"keyval\":{}}",
     accepted},
    {"root.key-without-type", "/keys/abcdef", "{\"scheme\":\"ml-dsa-44/1\",\"keyval\":{\"public\":\"x\"}}", refused},
    {"root.key-not-pem", "/keys/abcdef",
     "{\"keytype\":\"ecdsa\",\"scheme\":\"ecdsa-sha2-nistp256\",\"keyval\":{\"public\":\"x\"}}", refused},
    {"root.key-ed25519-not-hex", "/keys/abcdef",
     "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"zz\"}}", refused},
    {"root.key-is-text", "/keys/abcdef", "\"key\"", refused},
    {"root.keyid-empty", "/keys/", "{\"keytype\":\"falcon\",\"scheme\":\"x\"}", refused},
    {"root.consistent-snapshot-false", "/consistent_snapshot", "false", refused},
    {"root.consistent-snapshot-missing", "/consistent_snapshot", "<absent>", refused},
    {"root.consistent-snapshot-text", "/consistent_snapshot", "\"true\"", refused},
    {"root.batches-of-root", "/roles/root/batch_signatures", "true", refused},
    {"root.batches-text", "/roles/{role}/batch_signatures", "\"false\"", refused},
    {"root.batches-false", "/roles/{role}/batch_signatures", "false", either},
    {"root.batches-null", "/roles/root/batch_signatures", "null", accepted},
    {"root.expired-long-ago", "/expires", "\"2019-01-01T00:00:00Z\"", either},
};

Mutation of_row(const Row& row) {
    return {row.name, row.alone, [&row](Scene& scene) {
                std::string pointer = row.pointer;
                if (const auto at = pointer.find("{role}"); at != pointer.npos)
                    pointer.replace(at, 6, top_roles[scene.rng.below(top_roles.size())]);
                scene.root(scene.side()).before_signing.emplace_back([pointer, &row](json::value& body) {
                    set_member(body, pointer, row.value);
                });
                return true;
            }};
}

json::object* member(json::value& body, std::string_view pointer) {
    boost::system::error_code problem;
    json::value* found = body.find_pointer(pointer, problem);
    return found ? found->if_object() : nullptr;
}

// A hook into a Root's body that sees one of its roles and all keys, where both still have their form.
bool role_and_keys(Scene& scene, const std::function<void(json::object& role, json::object& keys)>& change) {
    const std::string pointer = std::string("/roles/") + top_roles[scene.rng.below(top_roles.size())];
    scene.root(scene.side()).before_signing.emplace_back([pointer, change](json::value& body) {
        json::object *role = member(body, pointer), *keys = member(body, "/keys");
        const bool whole = role && keys && role->contains("keyids") && role->at("keyids").is_array() &&
                           !role->at("keyids").as_array().empty() && role->at("keyids").as_array()[0].is_string() &&
                           keys->contains(role->at("keyids").as_array()[0].as_string());
        if (whole) change(*role, *keys);
    });
    return true;
}

void add_keys(std::vector<Mutation>& table) {
    table.push_back({"root.keyid-without-key", refused, [](Scene& scene) {
                         return role_and_keys(scene, [](json::object& role, json::object&) {
                             role["keyids"].as_array().emplace_back("0123456789");
                         });
                     }});
    table.push_back({"root.one-key-under-two-ids", either, [](Scene& scene) {
                         return role_and_keys(scene, [](json::object& role, json::object& keys) {
                             const json::value first = role["keyids"].as_array()[0];
                             const json::value copy = keys.at(first.as_string());
                             keys["the-same-again"] = copy;
                             role["keyids"].as_array().emplace_back("the-same-again");
                         });
                     }});
    table.push_back({"root.threshold-by-one-key-under-two-ids", refused, [](Scene& scene) {
                         return role_and_keys(scene, [](json::object& role, json::object& keys) {
                             const json::value first = role["keyids"].as_array()[0];
                             const json::value copy = keys.at(first.as_string());
                             keys["the-same-again"] = copy;
                             role["keyids"].as_array().emplace_back("the-same-again");
                             role["threshold"] = role["keyids"].as_array().size();
                         });
                     }});
    table.push_back({"root.key-of-unknown-type-in-role", either, [](Scene& scene) {
                         return role_and_keys(scene, [](json::object& role, json::object& keys) {
                             keys["falcon-key"] = {
                                 {"keytype", "falcon"}, {"scheme", "falcon-512/1"}, {"keyval", {{"public", "x"}}}};
                             role["keyids"].as_array().emplace_back("falcon-key");
                         });
                     }});
    const auto broken_key = [&table](const char* name, const std::function<void(json::object & key)>& change) {
        table.push_back({name, refused, [change](Scene& scene) {
                             return role_and_keys(scene, [change](json::object& role, json::object& keys) {
                                 json::value& key = keys.at(role["keyids"].as_array()[0].as_string());
                                 if (key.is_object()) change(key.get_object());
                             });
                         }});
    };
    broken_key("root.key-under-another-type", [](json::object& key) {
        const bool ecdsa = key["keytype"] == "ecdsa";
        key["keytype"] = ecdsa ? "ml-dsa" : "ecdsa";
        key["scheme"] = ecdsa ? "ml-dsa-44/1" : "ecdsa-sha2-nistp256";
    });
    broken_key("root.key-under-another-strength", [](json::object& key) {
        key["keytype"] = "ml-dsa";
        key["scheme"] = "ml-dsa-65/1";
    });
    broken_key("root.key-cut", [](json::object& key) {
        const std::string pem(key["keyval"].as_object()["public"].as_string());
        key["keyval"].as_object()["public"] = pem.substr(0, pem.size() / 2);
    });
    broken_key("root.key-with-tail",
               [](json::object& key) { key["keyval"].as_object()["public"].as_string().append("and more"); });
    broken_key("root.key-without-value", [](json::object& key) { key.erase("keyval"); });
    table.push_back({"root.key-in-one-line", accepted, [](Scene& scene) {
                         return role_and_keys(scene, [](json::object& role, json::object& keys) {
                             json::object& key = keys.at(role["keyids"].as_array()[0].as_string()).as_object();
                             if (key.contains("keyval") && key["keyval"].is_object() &&
                                 key["keyval"].as_object().contains("public"))
                                 key["keyval"].as_object()["public"] =
                                     packed(key["keyval"].as_object()["public"].as_string());
                         });
                     }});
}

// Somebody else's keys instead of the role's, and they did sign what follows.
bool hijack(Scene& scene, bool root_role, const std::set<std::size_t>& signing) {
    const Side side = scene.side();
    const std::string role = root_role ? "root" : top_roles[1 + scene.rng.below(3)];
    Draft& root = scene.root(side);
    const std::set<std::size_t> own = Publisher::pair(attackers_first_pair);
    std::set<std::size_t> signers = signing;
    if (root_role) signers.insert(own.begin(), own.end());
    root.pens = scene.honest[side].pens_of(signers);
    const std::vector<Pen> evil = scene.honest[side].pens_of(own);
    root.before_signing.emplace_back([role, evil, &keys = scene.keys](json::value& body) {
        json::object *entry = member(body, "/roles/" + role), *book = member(body, "/keys");
        if (!entry || !book) return;
        json::array ids;
        for (const Pen& pen : evil) {
            const Key& key = keys[pen.key];
            ids.emplace_back(key.id);
            (*book)[key.id] = {{"keytype", key.post_quantum ? "ml-dsa" : "ecdsa"},
                               {"scheme", key.post_quantum ? "ml-dsa-44/1" : "ecdsa-sha2-nistp256"},
                               {"keyval", {{"public", key.pem}}}};
        }
        *entry = {{"keyids", std::move(ids)},
                  {"threshold", 2},
                  {"family_thresholds", {{"classical", 1}, {"post_quantum", 1}}}};
    });
    return true;
}

void add_chains(std::vector<Mutation>& table) {
    table.push_back({"root.hijacked-by-its-own-keys", refused,
                     [](Scene& scene) { return hijack(scene, true, Publisher::pair(attackers_first_pair)); }});
    table.push_back({"root.role-hijacked-by-strangers", refused,
                     [](Scene& scene) { return hijack(scene, false, Publisher::pair(attackers_first_pair + 1)); }});
    table.push_back({"root.new-keys-have-not-signed", refused, [](Scene& scene) {
                         const Side side = scene.side();
                         Draft& root = scene.root(side);
                         root.before_signing.emplace_back([&keys = scene.keys](json::value& body) {
                             json::object *entry = member(body, "/roles/root"), *book = member(body, "/keys");
                             if (!entry || !book) return;
                             json::array ids;
                             for (const std::size_t number : Publisher::pair(attackers_first_pair + 2)) {
                                 const Key& key = keys[number];
                                 ids.emplace_back(key.id);
                                 (*book)[key.id] = {
                                     {"keytype", key.post_quantum ? "ml-dsa" : "ecdsa"},
                                     {"scheme", key.post_quantum ? "ml-dsa-44/1" : "ecdsa-sha2-nistp256"},
                                     {"keyval", {{"public", key.pem}}}};
                             }
                             (*entry)["keyids"] = std::move(ids);
                             (*entry)["threshold"] = 2;
                             (*entry)["family_thresholds"] = {{"classical", 1}, {"post_quantum", 1}};
                         });
                         return true;
                     }});
}

void add_chain_versions(std::vector<Mutation>& table) {
    table.push_back({"root.skips-a-version", refused, [](Scene& scene) {
                         scene.root(scene.side()).before_signing.emplace_back([](json::value& body) {
                             set_member(body, "/version", "<add 1>");
                         });
                         return true;
                     }});
    table.push_back({"root.same-version-again", refused, [](Scene& scene) {
                         scene.root(scene.side()).before_signing.emplace_back([](json::value& body) {
                             set_member(body, "/version", "<subtract 1>");
                         });
                         return true;
                     }});
    table.push_back({"root.gap-in-the-chain", either, [](Scene& scene) {
                         const Side side = scene.side();
                         scene.root(side);
                         scene.honest[side].add_root(scene.plans[side], scene.dates);
                         const std::string lost = file_name(scene.plans[side].roots.front());
                         scene.plans[side].at_the_door.emplace_back([lost](Shelf& shelf) { shelf.erase(lost); });
                         return true;
                     }});
    table.push_back({"root.chain-without-end", refused, [](Scene& scene) {
                         const Side side = scene.side();
                         while (scene.plans[side].roots.size() <= roots_per_cycle_max)
                             scene.honest[side].add_root(scene.plans[side], scene.dates);
                         return true;
                     }});
    table.push_back({"root.chain-as-long-as-allowed", accepted, [](Scene& scene) {
                         const Side side = scene.side();
                         while (scene.plans[side].roots.size() < roots_per_cycle_max)
                             scene.honest[side].add_root(scene.plans[side], scene.dates);
                         return true;
                     }});
    table.push_back({"root.last-one-expired", refused, [](Scene& scene) {
                         const Side side = scene.side();
                         scene.root(side);
                         scene.plans[side].roots.back().before_signing.emplace_back(
                             [now = scene.car.now](json::value& body) { body.as_object()["expires"] = now; });
                         return true;
                     }});
    table.push_back({"root.one-on-the-way-expired", accepted, [](Scene& scene) {
                         const Side side = scene.side();
                         scene.root(side);
                         scene.honest[side].add_root(scene.plans[side], scene.dates);
                         scene.plans[side].roots.front().before_signing.emplace_back(
                             [](json::value& body) { set_member(body, "/expires", "\"2020-01-01T00:00:00Z\""); });
                         return true;
                     }});
}

}  // namespace

void add_root_mutations(std::vector<Mutation>& table) {
    for (const Row& row : rows) table.push_back(of_row(row));
    add_keys(table);
    add_chains(table);
    add_chain_versions(table);
}

}  // namespace pitstop::hostile
