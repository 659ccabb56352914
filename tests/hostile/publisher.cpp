#include "tests/hostile/publisher.h"

#include "tests/hostile/plain_json.h"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace pitstop::hostile {
namespace {

constexpr std::uint64_t no_way_on = 0xFFFF'FF00;

json::object head(std::string_view type, std::uint64_t version, const std::string& expires) {
    return {{"_type", type}, {"spec_version", "1.0.31"}, {"version", version}, {"expires", expires}};
}

json::array list(const auto& texts) {
    json::array made;
    for (const auto& text : texts) made.emplace_back(text);
    return made;
}

std::uint64_t version_of(const json::value& body) {
    return static_cast<std::uint64_t>(body.at("version").to_number<std::uint64_t>());
}

std::size_t role_number(const std::string& role) {
    return static_cast<std::size_t>(std::ranges::find(top_roles, role) - top_roles.begin());
}

std::set<std::size_t> top_keys(Side side, const std::string& role, std::size_t generation, std::size_t pairs) {
    std::set<std::size_t> keys;
    for (std::size_t i = 0; i < pairs; ++i)
        keys.merge(Publisher::pair((side * 4U + role_number(role)) * candidates + (generation + i) % candidates));
    return keys;
}

json::object target_of(const Release& release, Side side) {
    json::object custom{{"hardwareIds", json::array{release.hardware}},
                        {"version", release.version},
                        {"releaseCounter", release.counter}};
    if (side == director) custom["ecuIdentifier"] = release.ecu;
    return {{"length", release.content.size()},
            {"hashes", {{"sha256", hex(sha256(release.content))}, {"sha512", hex(sha512(release.content))}}},
            {"custom", std::move(custom)}};
}

}  // namespace

Publisher::Publisher(Keyring& keys, Side side, Layout layout, Rng& rng) : keys_(&keys), side_(side), layout_(layout) {
    const std::string several = top_roles[rng.below(top_roles.size())];  // this role needs two of three
    for (const std::string role : top_roles) {
        Signers& signers = roles_[role];
        const bool more = role == several && rng.percent(50);
        signers.keys = top_keys(side, role, 0, more ? 3 : 1);
        signers.classical = signers.post_quantum = more ? 2 : 1;
        signers.batches = side == director && role != "root" && rng.percent(50);
    }
    if (side == director) return;
    using L = Layout;
    if (layout == L::paths)
        edges_ = {{"targets", "brakes", {"brk/*"}, {}, {}}, {"targets", "engines", {"eng/*"}, {}, {}}};
    if (layout == L::terminating)
        edges_ = {{"targets", "first", {"brk/*"}, {}, {}, true}, {"targets", "second", {"brk/*", "eng/?*"}, {}, {}}};
    if (layout == L::prefixes)
        edges_ = {{"targets", "low", {}, {"0", "1", "2", "3", "4", "5", "6", "7"}, {}},
                  {"targets", "high", {}, {"8", "9", "a", "b", "c", "d", "e", "f"}, {}}};
    if (layout == L::hardware)
        edges_ = {{"targets", "for-brakes", {"*/*"}, {}, {"BRK-2", "BRK-3"}},
                  {"targets", "for-engines", {"*/*"}, {}, {"ENG-1"}, true},
                  {"targets", "for-all", {"*/*"}, {}, {}}};
    if (layout == L::nested)
        edges_ = {{"targets", "oem", {"*/*"}, {}, {}},
                  {"oem", "tier1", {"brk/*", "eng/*"}, {}, {}},
                  {"tier1", "tier2", {"brk/*"}, {}, {}}};
    if (layout == L::diamond)
        edges_ = {{"targets", "left", {"*/*"}, {}, {}},
                  {"targets", "right", {"*/*"}, {}, {}},
                  {"left", "shared", {"*/*"}, {}, {}},
                  {"right", "shared", {"*/*"}, {}, {}}};
}

std::string Publisher::holder(const std::string& target) const {
    const bool brk = target.starts_with("brk/"), eng = target.starts_with("eng/");
    const std::string digest = hex(sha256(target));
    if (side_ == director) return "targets";
    switch (layout_) {
        case Layout::flat: return "targets";
        case Layout::paths: return brk ? "brakes" : eng ? "engines" : "targets";
        case Layout::terminating: return brk ? "first" : eng ? "second" : "targets";
        case Layout::prefixes: return digest[0] <= '7' ? "low" : "high";
        case Layout::bins:
            return "bin-" + std::string(1, static_cast<char>('0' + std::stoi(digest.substr(0, 1), nullptr, 16) / 4));
        case Layout::hardware: return brk ? "for-brakes" : eng ? "for-engines" : "for-all";
        case Layout::nested: return brk ? "tier2" : eng ? "tier1" : "oem";
        case Layout::diamond: return "shared";
    }
    return "targets";
}

std::size_t Publisher::pair_of_delegate(const std::string& role) {
    return delegates_first_pair + static_cast<std::uint8_t>(sha256(role)[0]) % 8;
}

std::vector<Pen> Publisher::pens_of(const std::set<std::size_t>& keys) const {
    std::vector<Pen> pens;
    for (const std::size_t key : keys) pens.push_back({key, (*keys_)[key].id, {}});
    return pens;
}

json::object Publisher::role_entry(const Signers& signers, json::object& keys) const {
    json::array keyids;
    for (const std::size_t number : signers.keys) {
        const Key& key = (*keys_)[number];
        keyids.emplace_back(key.id);
        keys[key.id] = {{"keytype", key.post_quantum ? "ml-dsa" : "ecdsa"},
                        {"scheme", key.post_quantum ? "ml-dsa-44/1" : "ecdsa-sha2-nistp256"},
                        {"keyval", {{"public", key.pem}}}};
    }
    json::object made{
        {"keyids", std::move(keyids)},
        {"threshold", signers.classical + signers.post_quantum},
        {"family_thresholds", {{"classical", signers.classical}, {"post_quantum", signers.post_quantum}}}};
    if (signers.batches) made["batch_signatures"] = true;
    return made;
}

json::object Publisher::root_body(std::uint64_t version, const Dates& dates) const {
    json::object keys, roles;
    for (const auto& [role, signers] : roles_) roles[role] = role_entry(signers, keys);
    json::object body = head("root", version, dates.far);
    body["consistent_snapshot"] = true;
    body["keys"] = std::move(keys);
    body["roles"] = std::move(roles);
    return body;
}

std::string Publisher::first_root(const Dates& dates) {
    Plan plan;
    Draft root{.role = "root", .version = 1, .body = root_body(1, dates), .pens = pens_of(roles_.at("root").keys)};
    root_expires_ = dates.far;
    plan.roots.push_back(std::move(root));
    finish(plan.targets, "targets", dates);
    finish(plan.snapshot, "snapshot", dates);
    finish(plan.timestamp, "timestamp", dates);
    return press(*keys_, plan).at("1.root.json").bytes;
}

// With some of its keys still there a role's older files stay good, and must not be rolled back.
Draft& Publisher::add_root(Plan& plan, const Dates& dates, const std::set<std::string>& rotated, bool all_keys) {
    std::set<std::size_t> signing = roles_.at("root").keys;
    for (const std::string& role : rotated) {
        Signers& signers = roles_.at(role);
        const std::size_t pairs = std::max<std::size_t>(signers.keys.size() / 2, 1);
        generation_[role] += all_keys ? pairs : 1;
        signers.keys = top_keys(side_, role, generation_[role], pairs);
    }
    signing.insert(roles_.at("root").keys.begin(), roles_.at("root").keys.end());
    ++root_version_;
    root_expires_ = dates.far;
    Draft root{
        .role = "root", .version = root_version_, .body = root_body(root_version_, dates), .pens = pens_of(signing)};
    root.classical = roles_.at("root").classical;
    root.post_quantum = roles_.at("root").post_quantum;
    plan.roots.push_back(std::move(root));
    return plan.roots.back();
}

// Some publications begin with new Roots: other keys, or batches no longer allowed. What those keys signed is signed
// again then, and is a new version.
void Publisher::draft_roots(Plan& plan, Rng& rng, const Dates& dates, std::set<std::string> rotated) {
    const bool recovery = !rotated.empty(), expired = root_expires_ < dates.soon;
    if (rng.percent(70) && !recovery && !expired) return;
    if (!recovery && rng.percent(70)) rotated.insert(top_roles[rng.below(top_roles.size())]);
    for (auto& [role, signers] : roles_)
        if (signers.batches && rng.percent(25)) signers.batches = false;
    untouched_ = false;
    add_root(plan, dates, rotated, recovery || rng.percent(50));
    for (std::size_t more = rng.below(3); more > 0; --more) add_root(plan, dates);
}

json::object Publisher::delegations_of(const std::string& role) const {
    json::object keys, made;
    if (layout_ == Layout::bins && role == "targets" && side_ == image) {
        json::object bins = role_entry({pair(pair_of_delegate("bin-0"))}, keys);
        bins["name_prefix"] = "bin";
        bins["bit_length"] = 2;
        return {{"keys", std::move(keys)}, {"succinct_roles", std::move(bins)}};
    }
    json::array roles;
    for (const Edge& edge : edges_) {
        if (edge.from != role) continue;
        json::object one = role_entry({pair(pair_of_delegate(edge.to))}, keys);
        one["name"] = edge.to;
        one["terminating"] = edge.terminating;
        if (edge.prefixes.empty())
            one["paths"] = list(edge.paths);
        else
            one["path_hash_prefixes"] = list(edge.prefixes);
        if (!edge.hardware.empty()) one["hardware_ids"] = list(edge.hardware);
        roles.emplace_back(std::move(one));
    }
    if (roles.empty()) return {};
    return {{"keys", std::move(keys)}, {"roles", std::move(roles)}};
}

json::object Publisher::targets_body(const std::string& role, const std::vector<Release>& releases) const {
    json::object targets;
    for (const Release& release : releases) {
        if (holder(release.name) == role) targets[release.name] = target_of(release, side_);
        // Whoever stands behind a terminating delegation would like to speak for it, too.
        if (role == "second" && release.name.starts_with("brk/")) {
            Release other = release;
            other.content += " by somebody else";
            targets[release.name] = target_of(other, side_);
        }
    }
    json::object body{{"targets", std::move(targets)}};
    if (json::object delegations = delegations_of(role); !delegations.empty())
        body["delegations"] = std::move(delegations);
    return body;
}

// Head and signatures; a body that says what it said before stays as it is.
void Publisher::finish(Draft& draft, const std::string& role, const Dates& dates) {
    draft.role = role;
    if (draft.body.is_null()) draft.body = json::object();
    const bool listing = role == "snapshot" || role == "timestamp";
    const auto top = roles_.find(role);
    draft.pens = pens_of(top == roles_.end() ? pair(pair_of_delegate(role.starts_with("bin-") ? "bin-0" : role))
                                             : top->second.keys);
    if (top != roles_.end()) draft.classical = top->second.classical, draft.post_quantum = top->second.post_quantum;
    if (!listing && untouched_ && published_.contains(role)) {
        json::object said = published_.at(role).as_object();
        draft.version = version_of(said);
        for (const char* name : {"_type", "spec_version", "version", "expires"}) said.erase(name);
        if (said == draft.body) {
            draft.body = published_.at(role);
            draft.published_before = true;
            return;
        }
    }
    draft.version = ++versions_[role];
    for (const auto& member : head(listing ? role : "targets", draft.version, listing ? dates.soon : dates.far))
        draft.body.as_object()[member.key()] = member.value();
    if (listing) draft.body.as_object()["meta"] = json::object();
    published_[role] = draft.body;
}

void Publisher::draft_delegated(Plan& plan, const std::vector<Release>& releases, const Dates& dates) {
    std::set<std::string> names;
    for (const Edge& edge : edges_) names.insert(edge.to);
    if (layout_ == Layout::bins) names = {"bin-0", "bin-1", "bin-2", "bin-3"};
    for (const std::string& role : names) {
        Draft& draft = plan.delegated[role];
        draft.body = targets_body(role, releases);
        finish(draft, role, dates);
    }
}

Plan Publisher::next(Rng& rng, const std::vector<Release>& releases, const std::string& vin, const Dates& dates,
                     const std::set<std::string>& rotated) {
    Plan plan;
    plan.side = side_;
    draft_roots(plan, rng, dates, rotated);
    if (side_ == image) draft_delegated(plan, releases, dates);
    plan.targets.body = targets_body("targets", releases);
    if (side_ == director) plan.targets.body.as_object()["vin"] = vin;
    finish(plan.targets, "targets", dates);
    finish(plan.snapshot, "snapshot", dates);
    for (const auto& [name, info] : other_listed_) plan.snapshot.body.as_object()["meta"].as_object()[name] = info;
    finish(plan.timestamp, "timestamp", dates);
    if (side_ == director)
        for (Draft* listing : {&plan.snapshot, &plan.timestamp}) listing->body.as_object()["vin"] = vin;
    untouched_ = true;
    // By its version alone, so that the same text always gets the same bytes.
    const std::uint64_t version = plan.targets.version;
    if (roles_.at("targets").batches && version % 3 != 0)
        for (Pen& pen : plan.targets.pens)
            if ((*keys_)[pen.key].post_quantum)
                pen.write = [size = 1 + version % 6, version](Keyring& keys, const Pen& self, const std::string& text) {
                    return batch_entry(keys, self, text, version % size, size);
                };
    return plan;
}

bool Publisher::catch_up(const Known& trusted) {
    const json::value root = json::parse(trusted.root).at("signed");
    untouched_ = false;
    root_version_ = version_of(root);
    root_expires_ = root.at("expires").as_string();
    for (auto& [role, signers] : roles_) {
        const json::object& from = root.at("roles").at(role).as_object();
        signers.keys.clear();
        for (const json::value& keyid : from.at("keyids").as_array()) {
            const json::value* text = root.at("keys").as_object().if_contains(keyid.as_string());
            const json::value* pem = text && text->as_object().contains("keyval") && text->at("keyval").is_object()
                                         ? text->at("keyval").as_object().if_contains("public")
                                         : nullptr;
            const Key* key = pem && pem->is_string() ? keys_->find(packed(pem->get_string())) : nullptr;
            if (key) signers.keys.insert(keys_->number_of(*key));
        }
        signers.classical = from.at("family_thresholds").at("classical").to_number<std::size_t>();
        signers.post_quantum = from.at("family_thresholds").at("post_quantum").to_number<std::size_t>();
        const json::value* batches = from.if_contains("batch_signatures");
        signers.batches = batches && batches->is_bool() && batches->get_bool();
    }
    std::uint64_t highest = 0;
    const auto used = [&](const std::string& role, const json::value& version) {
        const auto number = version.to_number<std::uint64_t>();
        highest = std::max(highest, number);
        if (number < no_way_on) versions_[role] = std::max(versions_[role], number);
    };
    other_listed_.clear();
    if (!trusted.targets.empty()) used("targets", json::parse(trusted.targets).at("signed").at("version"));
    if (!trusted.timestamp.empty()) {
        const json::value timestamp = json::parse(trusted.timestamp).at("signed");
        used("timestamp", timestamp.at("version"));
        used("snapshot", timestamp.at("meta").at("snapshot.json").at("version"));
    }
    if (trusted.snapshot.empty()) return highest >= no_way_on;
    const json::value snapshot = json::parse(trusted.snapshot).at("signed");
    used("snapshot", snapshot.at("version"));
    for (const auto& member : snapshot.at("meta").as_object()) {
        const std::string name(member.key());
        const std::string role = name.ends_with(".json") ? name.substr(0, name.size() - 5) : name;
        used(role, member.value().at("version"));
        if (member.value().at("version").to_number<std::uint64_t>() < no_way_on) other_listed_[name] = member.value();
    }
    return highest >= no_way_on;
}

}  // namespace pitstop::hostile
