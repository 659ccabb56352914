#include "apps/pitstop/repo_facts.h"

#include "apps/pitstop/faults.h"
#include "apps/pitstop/role_words.h"
#include "apps/pitstop/signing_status.h"
#include "apps/pitstop/staged_words.h"

#include <format>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::Repository;
using uptane::Role;

struct Collected {
    const RepoOrder& order;
    Names names;
    std::map<std::string, std::string> seals;  // of the private keys that lie here, by key id
    json::Array advice;

    void advise(std::string text) {
        for (const json::Value& there : advice)
            if (there.get_string() == text) return;
        advice.emplace_back(std::move(text));
    }
};

Result<void> find_seals(Collected& all, const fs::path& folder) {
    std::error_code failure;
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
        if (at->path().extension() != ".pub") continue;
        TRY(const NamedKey key, read_named_key(at->path()));
        TRY(const std::string_view seal, seal_of(private_half(at->path())));
        if (seal != "elsewhere") all.seals[key.key.key_id()] = seal;
    }
    return {};
}

json::Object role_facts(const Collected& all, std::string_view name, const uptane::RoleKeys& role,
                        const uptane::Keys& keys) {
    std::map<crypto::Family, std::uint64_t> there;
    json::Array holders;
    for (const std::string& keyid : role.keyids) {
        const crypto::PublicKey* const key = keys.find(keyid);
        if (!key) continue;
        ++there[crypto::family(key->type())];
        const auto seal = all.seals.find(key->key_id());
        const auto who = all.names.find(key->key_id());
        holders.push_back(json::Object{{"key_id", key->key_id()},
                                       {"type", to_string(key->type())},
                                       {"who", who == all.names.end() ? "" : who->second},
                                       {"private", seal == all.seals.end() ? "elsewhere" : seal->second}});
    }
    using enum crypto::Family;
    return {{"name", name},
            {"classical", {{"needed", role.families.classical}, {"keys", there[classical]}}},
            {"post_quantum", {{"needed", role.families.post_quantum}, {"keys", there[post_quantum]}}},
            {"batch_signatures", role.batches == uptane::BatchSignatures::allowed},
            {"holders", std::move(holders)}};
}

void add_date(json::Object& to, std::string_view role, std::uint32_t version, UtcTime expires, UtcTime now) {
    to["version"] = version;
    to["expires"] = expires.str();
    to["state"] = to_string(freshness(role, expires, now));
}

// What a person does about a file that ends.
std::string remedy_for(const Collected& all, const std::string& role) {
    const std::string folder = all.order.folder.string();
    if (role == "snapshot" || role == "timestamp") return std::format("pitstop repo refresh --dir {}", folder);
    if (role == "root" || role == "director-root")
        return std::format("pitstop repo rotate --dir {} --role {} --expires-days 365, then sign and publish", folder,
                           role);
    return std::format("pitstop repo publish --dir {} --package DIR{}", folder,
                       role == "targets" ? "" : " --as " + role);
}

void watch_date(Collected& all, const std::string& role, UtcTime expires) {
    const Freshness state = freshness(role == "director-root" ? "root" : role, expires, all.order.now);
    if (state == Freshness::fine) return;
    all.advise(std::format("{} {}: {}", role, state == Freshness::soon ? "expires soon" : "has expired",
                           remedy_for(all, role)));
}

Result<json::Array> delegation_facts(Collected& all, const uptane::TrustSet& now) {
    json::Array list;
    const auto& delegations = now.targets()->delegations;
    if (!delegations) return list;
    const auto add = [&](const std::string& name, const uptane::RoleKeys& keys,
                         const std::string& scope) -> Result<void> {
        json::Object facts = role_facts(all, name, keys, delegations->keys);
        facts["scope"] = scope;
        if (const View file = now.remembered(name); !file.empty()) {
            TRY(const auto envelope, uptane::open_envelope(file, Role::targets));
            TRY(const auto targets, uptane::read_targets(envelope.body, Repository::image));
            add_date(facts, name, targets.version, targets.expires, all.order.now);
            facts["images"] = targets.targets.size();
            watch_date(all, name, targets.expires);
        } else if (!delegations->bins) {
            all.advise(std::format("{} vouches for nothing yet: {}", name, remedy_for(all, name)));
        }
        list.push_back(std::move(facts));
        return {};
    };
    for (const uptane::Delegation& one : delegations->roles) ENSURE(add(one.role, one.keys, scope_words(one)));
    if (const auto& bins = delegations->bins)
        ENSURE(add(bins->name_prefix, bins->keys, std::format("{} hash bins", std::uint64_t{1} << bins->bit_length)));
    return list;
}

Result<json::Object> repository_facts(Collected& all, const uptane::TrustSet& now) {
    const bool is_image = now.repository() == Repository::image;
    const uptane::Root& root = now.root();
    json::Object facts{{"name", to_string(now.repository())}};
    json::Object root_facts;
    add_date(root_facts, "root", root.version, root.expires, all.order.now);
    watch_date(all, is_image ? "root" : "director-root", root.expires);
    json::Array roles;
    for (const NamedRole& role : all_roles()) {
        const uptane::RoleKeys* const keys = slot_of(root, role.in_root);
        if (role.repository != now.repository() || !keys) continue;
        json::Object one = role_facts(all, role.name, *keys, root.keys);
        const auto dated = [&](const auto* file) {
            if (file == nullptr || !is_image) return;
            add_date(one, role.in_root, file->version, file->expires, all.order.now);
            watch_date(all, std::string(role.name), file->expires);
        };
        if (role.in_root == "targets") dated(now.targets());
        if (role.in_root == "snapshot") dated(now.snapshot());
        if (role.in_root == "timestamp") dated(now.timestamp());
        roles.push_back(std::move(one));
    }
    facts["root"] = std::move(root_facts);
    facts["roles"] = std::move(roles);
    if (!is_image || !now.targets()) return facts;
    facts["images"] = now.targets()->targets.size();
    TRY(facts["delegations"], delegation_facts(all, now));
    return facts;
}

Result<json::Object> staged_facts(Collected& all, const StagedPath& staged) {
    TRY(const SigningStatus status, status_of(staged.file));
    json::Array demands, people;
    for (const Demand& demand : status.demands)
        demands.push_back(json::Object{{"whose", demand.whose}, {"signatures", counted(demand)}});
    for (const std::string& person : still_to_sign(status, staged.file.names)) people.emplace_back(person);
    all.advise(status.is_complete()
                   ? std::format("complete, not yet visible: pitstop repo publish --dir {}", all.order.folder.string())
                   : std::format("lacks signatures: each signer runs pitstop repo sign {} --key FILE.key",
                                 staged.path.string()));
    return json::Object{{"file", staged.path.string()},
                        {"title", title_of(staged.file)},
                        {"complete", status.is_complete()},
                        {"demands", std::move(demands)},
                        {"still_to_sign", std::move(people)}};
}

}  // namespace

Result<json::Object> facts_of(const RepoOrder& order) {
    Collected all{order, {}, {}, {}};
    TRY(all.names, names_in(order));
    for (const KeyPlace place : {KeyPlace::offline, KeyPlace::online})
        for (const fs::path& folder : {order.keys(place), order.next_keys(place)}) ENSURE(find_seals(all, folder));
    json::Array repositories, staged;
    TRY(const MaybeTrust image, load_image_repository(order));
    TRY(const MaybeTrust director, load_roots(order, Repository::director));
    for (const MaybeTrust* one : {&image, &director}) {
        if (!*one) continue;
        TRY(json::Object facts, repository_facts(all, **one));
        repositories.push_back(std::move(facts));
    }
    TRY(const auto list, list_staged(order));
    for (const StagedPath& one : list) {
        TRY(json::Object facts, staged_facts(all, one));
        staged.push_back(std::move(facts));
    }
    if (repositories.empty() && staged.empty()) return fail(faults::no_repository, order.folder.string());
    return json::Object{
        {"repositories", std::move(repositories)}, {"staged", std::move(staged)}, {"advice", std::move(all.advice)}};
}

}  // namespace pitstop::cli
