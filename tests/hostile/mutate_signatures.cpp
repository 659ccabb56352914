// Who signs, what, how often, and under which name.
#include "tests/hostile/mutation.h"

#include <algorithm>

namespace pitstop::hostile {
namespace {

std::size_t attacker(Scene& scene, std::size_t like) {
    return 2 * (attackers_first_pair + scene.rng.below(key_pairs - attackers_first_pair)) + like % 2;
}

bool is_post_quantum(const Scene& scene, const Pen& pen) { return scene.keys[pen.key].post_quantum; }

// A file, and one of its pens; null where another mutation took them all.
struct Signed {
    Draft& draft;
    Pen* pen;
};
Signed one(Scene& scene, std::string_view files = "rtsggd") {
    Draft& draft = scene.file(files);
    return {draft, draft.pens.empty() ? nullptr : &scene.rng.pick(draft.pens)};
}

std::string good(Keyring& keys, const Pen& pen, const std::string& text) {
    return keys.sign(pen.key, Keyring::message_for(keys[pen.key], text));
}

// So many keys of one family sign that one is missing.
bool leave_out(Scene& scene, bool post_quantum) {
    Draft& draft = scene.file();
    std::size_t left = (post_quantum ? draft.post_quantum : draft.classical) - 1;
    std::erase_if(draft.pens, [&](const Pen& pen) {
        if (is_post_quantum(scene, pen) != post_quantum) return false;
        return left == 0 ? true : (--left, false);
    });
    return true;
}

// Every signature of one family is written in another way, so that it cannot count.
bool spoil(Scene& scene, int families, const Pen::Write& write, std::string_view files = "rtsggd") {
    Draft& draft = scene.file(files);
    for (Pen& pen : draft.pens)
        if ((families >> (is_post_quantum(scene, pen) ? 1 : 0) & 1) != 0) pen.write = write;
    return true;
}

Mutation spoiled(std::string name, int families, Pen::Write write) {
    return {std::move(name), Alone::refused,
            [families, write = std::move(write)](Scene& scene) { return spoil(scene, families, write); }};
}

// Beside what is needed stands something that counts for nothing and hinders nobody.
Mutation beside(std::string name, Alone alone, std::size_t total, bool in_front, Pen::Write write) {
    return {std::move(name), alone, [=](Scene& scene) {
                Draft& draft = scene.file();
                if (draft.pens.empty()) return false;
                const std::size_t more = total > draft.pens.size() ? total - draft.pens.size() : 1;
                for (std::size_t i = 0; i < more; ++i) {
                    Pen pen = draft.pens[i % draft.pens.size()];
                    pen.write = write;
                    draft.pens.insert(in_front ? draft.pens.begin() : draft.pens.end(), std::move(pen));
                }
                return true;
            }};
}

void add_keys(std::vector<Mutation>& table) {
    table.push_back({"sign.unknown-keys", Alone::refused, [](Scene& scene) {
                         Draft& draft = scene.file();
                         for (Pen& pen : draft.pens) {
                             pen.key = attacker(scene, pen.key);
                             pen.keyid = scene.keys[pen.key].id;
                         }
                         return true;
                     }});
    table.push_back({"sign.unknown-keys-under-known-ids", Alone::refused, [](Scene& scene) {
                         Draft& draft = scene.file();
                         for (Pen& pen : draft.pens) pen.key = attacker(scene, pen.key);
                         return true;
                     }});
    table.push_back(
        {"sign.one-classical-too-few", Alone::refused, [](Scene& scene) { return leave_out(scene, false); }});
    table.push_back(
        {"sign.one-post-quantum-too-few", Alone::refused, [](Scene& scene) { return leave_out(scene, true); }});
    table.push_back({"sign.classical-only", Alone::refused, [](Scene& scene) {
                         std::erase_if(scene.file().pens, [&](const Pen& pen) { return is_post_quantum(scene, pen); });
                         return true;
                     }});
    table.push_back({"sign.post-quantum-only", Alone::refused, [](Scene& scene) {
                         std::erase_if(scene.file().pens, [&](const Pen& pen) { return !is_post_quantum(scene, pen); });
                         return true;
                     }});
    table.push_back({"sign.nobody", Alone::refused, [](Scene& scene) {
                         scene.file().pens.clear();
                         return true;
                     }});
    table.push_back({"sign.no-more-than-needed", Alone::accepted, [](Scene& scene) {
                         Draft& draft = scene.file("tsg");
                         std::size_t classical = draft.classical, post_quantum = draft.post_quantum;
                         std::erase_if(draft.pens, [&](const Pen& pen) {
                             std::size_t& left = is_post_quantum(scene, pen) ? post_quantum : classical;
                             return left == 0 ? true : (--left, false);
                         });
                         return true;
                     }});
    table.push_back({"sign.one-key-many-times", Alone::either, [](Scene& scene) {
                         auto [draft, pen] = one(scene);
                         if (!pen) return false;
                         const Pen copy = *pen;
                         for (Pen& each : draft.pens)
                             if (each.key % 2 == copy.key % 2) each = copy;
                         return true;
                     }});
    table.push_back({"sign.one-key-under-every-id", Alone::either, [](Scene& scene) {
                         auto [draft, pen] = one(scene);
                         if (!pen) return false;
                         for (Pen& each : draft.pens)
                             if (each.key % 2 == pen->key % 2) each.key = pen->key;
                         return true;
                     }});
    table.push_back({"sign.families-swapped", Alone::refused, [](Scene& scene) {
                         for (Pen& pen : scene.file().pens) pen.keyid = scene.keys[pen.key ^ 1U].id;
                         return true;
                     }});
    for (const char* role : top_roles)
        table.push_back({std::string("sign.by-") + role + "-keys", Alone::refused, [role](Scene& scene) {
                             const Side side = scene.side();
                             Draft& draft = scene.file("rtsg");
                             if (draft.role == role) return false;
                             draft.pens = scene.honest[side].pens_of(scene.honest[side].of(role).keys);
                             return true;
                         }});
}

void add_spoiled(std::vector<Mutation>& table) {
    for (const int families : {1, 2}) {
        const std::string which = families == 1 ? "classical-" : "post-quantum-";
        table.push_back(
            spoiled("sign." + which + "zeros", families, [](Keyring& keys, const Pen& pen, const std::string& text) {
                return entry(pen.keyid, std::string(good(keys, pen, text).size(), '\0'));
            }));
        table.push_back(spoiled("sign." + which + "empty", families,
                                [](Keyring&, const Pen& pen, const std::string&) { return entry(pen.keyid, ""); }));
        table.push_back(spoiled("sign." + which + "other-text", families,
                                [](Keyring& keys, const Pen& pen, const std::string& text) {
                                    return entry(pen.keyid, good(keys, pen, text + " "));
                                }));
        table.push_back(
            spoiled("sign." + which + "cut", families, [](Keyring& keys, const Pen& pen, const std::string& text) {
                const std::string all = good(keys, pen, text);
                return entry(pen.keyid, all.substr(0, all.size() - 1));
            }));
        table.push_back(
            spoiled("sign." + which + "tail", families, [](Keyring& keys, const Pen& pen, const std::string& text) {
                return entry(pen.keyid, good(keys, pen, text) + '\0');
            }));
        table.push_back(
            spoiled("sign." + which + "not-hex", families, [](Keyring& keys, const Pen& pen, const std::string& text) {
                json::object made = entry(pen.keyid, good(keys, pen, text));
                made["sig"].as_string()[0] = 'g';
                return made;
            }));
        table.push_back(
            spoiled("sign." + which + "odd-hex", families, [](Keyring& keys, const Pen& pen, const std::string& text) {
                json::object made = entry(pen.keyid, good(keys, pen, text));
                made["sig"].as_string().pop_back();
                return made;
            }));
        table.push_back(
            spoiled("sign." + which + "huge", families, [](Keyring& keys, const Pen& pen, const std::string& text) {
                std::string all = good(keys, pen, text);
                all.resize(8193);
                return entry(pen.keyid, all);
            }));
        // Each family's message signed by the other family.
        table.push_back(spoiled(
            "sign." + which + "wrong-message", families, [](Keyring& keys, const Pen& pen, const std::string& text) {
                return entry(pen.keyid, keys.sign(pen.key, Keyring::message_for(keys[pen.key ^ 1U], text)));
            }));
    }
    table.push_back({"sign.upper-case-hex", Alone::accepted, [](Scene& scene) {
                         return spoil(
                             scene, 3,
                             [](Keyring& keys, const Pen& pen, const std::string& text) {
                                 json::object made = entry(pen.keyid, good(keys, pen, text));
                                 for (char& c : made["sig"].as_string())
                                     if (c >= 'a') c = static_cast<char>(c - 32);
                                 return made;
                             },
                             "rtsg");
                     }});
    table.push_back({"sign.ecdsa-twin", Alone::accepted, [](Scene& scene) {
                         return spoil(
                             scene, 1,
                             [](Keyring& keys, const Pen& pen, const std::string& text) {
                                 return entry(pen.keyid, keys.twin(pen.key, text));
                             },
                             "rtsg");
                     }});
}

void add_beside(std::vector<Mutation>& table) {
    const auto foreign = [](Keyring&, const Pen& pen, const std::string& text) {
        return entry(hex(sha256(pen.keyid)), sha512(text));
    };
    const auto bad = [](Keyring&, const Pen& pen, const std::string& text) { return entry(pen.keyid, sha512(text)); };
    table.push_back(beside("sign.foreign-beside", Alone::accepted, 0, false, foreign));
    table.push_back(beside("sign.bad-before-good", Alone::accepted, 0, true, bad));
    table.push_back(beside("sign.thirty-two", Alone::accepted, 32, true, foreign));
    table.push_back(beside("sign.thirty-three", Alone::refused, 33, true, foreign));
    table.push_back(beside("sign.twice", Alone::accepted, 0, false, {}));
    const auto broken_entry = [&table](const char* name, const std::function<void(json::array&)>& change) {
        table.push_back({name, Alone::refused, [change](Scene& scene) {
                             scene.file().after_signing.emplace_back([change](json::object& envelope) {
                                 if (envelope["signatures"].is_array()) change(envelope["signatures"].get_array());
                             });
                             return true;
                         }});
    };
    broken_entry("sign.entry-is-text", [](json::array& list) { list.emplace_back("signature"); });
    broken_entry("sign.entry-without-keyid", [](json::array& list) { list.push_back(json::object{{"sig", "00"}}); });
    broken_entry("sign.entry-with-number",
                 [](json::array& list) { list.push_back(json::object{{"keyid", "a"}, {"sig", 7}}); });
}

// Of the Director's Targets where Root allows batches, and of everything else where it does not.
bool batch(Scene& scene, bool allowed, const Pen::Write& write) {
    const Side side = allowed ? director : scene.side();
    Draft& draft = allowed ? scene.plans[director].targets : scene.file("rtsg");
    const bool may = draft.role != "root" && scene.honest[director].of(draft.role).batches;
    if (allowed ? !may : may) return false;
    static_cast<void>(side);
    for (Pen& pen : draft.pens)
        if (is_post_quantum(scene, pen)) pen.write = write;
    return true;
}

void add_batches(std::vector<Mutation>& table) {
    const auto proper = [](Keyring& keys, const Pen& pen, const std::string& text) {
        return batch_entry(keys, pen, text, 2, 5);
    };
    table.push_back(
        {"batch.without-permission", Alone::refused, [=](Scene& scene) { return batch(scene, false, proper); }});
    const auto add = [&table](const char* name, Alone alone, Pen::Write write) {
        table.push_back({name, alone, [write = std::move(write)](Scene& scene) { return batch(scene, true, write); }});
    };
    add("batch.with-permission", Alone::accepted, proper);
    add("batch.of-one", Alone::accepted,
        [](Keyring& keys, const Pen& pen, const std::string& text) { return batch_entry(keys, pen, text, 0, 1); });
    const auto changed = [&](const char* name, std::function<void(json::object&)> change) {
        add(name, Alone::refused, [change = std::move(change)](Keyring& keys, const Pen& pen, const std::string& text) {
            json::object made = batch_entry(keys, pen, text, 2, 5);
            change(made["batch"].as_object());
            return made;
        });
    };
    changed("batch.wrong-path", [](json::object& proof) {
        proof["path"].as_string()[5] = proof["path"].as_string()[5] == '1' ? '2' : '1';
    });
    changed("batch.wrong-index", [](json::object& proof) { proof["index"] = 3; });
    changed("batch.index-outside", [](json::object& proof) { proof["index"] = 5; });
    changed("batch.wrong-size", [](json::object& proof) { proof["size"] = 6; });
    changed("batch.huge-size", [](json::object& proof) { proof["size"] = std::uint64_t{1} << 33; });
    changed("batch.path-longer", [](json::object& proof) { proof["path"].as_string().append(std::string(96, 'a')); });
    changed("batch.path-shorter", [](json::object& proof) { proof["path"].as_string().resize(96); });
    changed("batch.path-not-hex", [](json::object& proof) { proof["path"] = "xyz"; });
    changed("batch.without-size", [](json::object& proof) { proof.erase("size"); });
    changed("batch.path-endless", [](json::object& proof) { proof["path"] = std::string(3074, '0'); });
    add("batch.of-other-files", Alone::refused, [](Keyring& keys, const Pen& pen, const std::string& text) {
        return batch_entry(keys, pen, text + " ", 2, 5);
    });
    table.push_back({"batch.by-classical-keys", Alone::refused, [=](Scene& scene) { return spoil(scene, 1, proper); }});
}

}  // namespace

void add_signature_mutations(std::vector<Mutation>& table) {
    add_keys(table);
    add_spoiled(table);
    add_beside(table);
    add_batches(table);
}

}  // namespace pitstop::hostile
