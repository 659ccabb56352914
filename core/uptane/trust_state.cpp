// What a TrustSet leaves for after a restart: the trusted files as they were received, so that each can be checked
// again. Delegated ones are checked when they are needed, by the keys of whoever then delegates to them.
#include "core/base/json.h"
#include "core/uptane/faults.h"
#include "core/uptane/trust_set.h"

#include <boost/json/serialize.hpp>

#include <array>
#include <format>

namespace pitstop::uptane {
namespace {

constexpr std::array roles{Role::root, Role::timestamp, Role::snapshot, Role::targets};
constexpr std::uint64_t format = 1;

// The four caps together and a few delegated roles; escaping quotation marks at most doubles them.
constexpr std::size_t state_size_bytes_max = std::size_t{32} << 20;

std::unexpected<Error> broken(std::string_view why) { return fail(faults::broken_state, why); }

Bytes& slot_of(TrustFiles& files, Role role) {
    switch (role) {
        case Role::root: return files.root;
        case Role::timestamp: return files.timestamp;
        case Role::snapshot: return files.snapshot;
        case Role::targets: break;
    }
    return files.targets;
}

Result<Bytes> text_member(const json::Object& from, std::string_view name) {
    TRY(const std::string text, json::string(from, name));
    return Bytes(text.begin(), text.end());
}

Result<TrustFiles> read_files(const json::Object& from) {
    TrustFiles files;
    for (const Role role : roles)
        if (json::has(from, to_string(role))) {
            TRY(slot_of(files, role), text_member(from, to_string(role)));
        }
    if (!json::has(from, "delegated")) return files;
    TRY(const json::Object* delegated, json::object(from, "delegated"));
    for (const auto& member : *delegated) {
        TRY(Bytes file, text_member(*delegated, member.key()));
        files.delegated.emplace(member.key(), std::move(file));
    }
    return files;
}

}  // namespace

Bytes TrustSet::save() const {
    json::Object files;
    for (const Role role : roles)
        if (const View file = remembered(role); !file.empty()) files[to_string(role)] = text_of(file);
    json::Object delegated;
    for (const auto& [role, file] : delegated_files_) delegated[role] = text_of(file);
    if (!delegated.empty()) files["delegated"] = std::move(delegated);
    const std::string text = boost::json::serialize(
        json::Object{{"format", format}, {"repository", to_string(repository_)}, {"files", std::move(files)}});
    return Bytes(text.begin(), text.end());
}

Result<TrustSet> TrustSet::from_files(Repository repository, const TrustFiles& files, const Rules& rules) {
    auto trust = from_root(repository, ReceivedRoot{files.root}, rules);
    if (!trust) return broken(trust.error().str());
    const auto take = [&](Role role, const Bytes& file, auto open, auto& slot) -> Result<void> {
        if (file.empty()) return {};
        auto opened = open(file);
        if (!opened && !rules.is_strict()) return {};
        if (!opened) return broken(std::format("{}: {}", to_string(role), opened.error().str()));
        slot = *std::move(opened);
        return {};
    };
    ENSURE(take(
        Role::timestamp, files.timestamp, [&](View file) { return trust->open_timestamp(file); }, trust->timestamp_));
    ENSURE(
        take(Role::snapshot, files.snapshot, [&](View file) { return trust->open_snapshot(file); }, trust->snapshot_));
    ENSURE(take(Role::targets, files.targets, [&](View file) { return trust->open_targets(file); }, trust->targets_));
    if (!rules.is_strict()) trust->forget_what_nothing_lists();
    for (const auto& [role, file] : files.delegated)
        if (file.size() <= size_bytes_max(Role::targets)) trust->delegated_files_.emplace(role, file);
    return trust;
}

// Whoever keeps single files may still have one that a change of keys made us forget
// (forget_what_root_no_longer_vouches_for). Such a file is newer than anything that the files before it list.
void TrustSet::forget_what_nothing_lists() {
    if (!rules_.has_listing_roles(repository_)) return;
    if (snapshot_ && (!timestamp_ || timestamp_->value.snapshot.version < snapshot_->value.version)) snapshot_.reset();
    if (targets_ && (!snapshot_ || snapshot_->value.targets().version < targets_->value.version)) targets_.reset();
}

Result<TrustSet> TrustSet::load(Repository repository, View saved, const Rules& rules) {
    const auto document = json::parse(saved, state_size_bytes_max);
    if (!document) return broken(document.error().str());
    const json::Object* object = document->if_object();
    if (!object) return broken("not an object");
    const auto number = json::number(*object, "format", format);
    if (!number) return broken(number.error().str());
    const auto name = json::string(*object, "repository");
    if (!name || *name != to_string(repository)) return broken("of another repository");
    const auto list = json::object(*object, "files");
    if (!list) return broken(list.error().str());
    const auto files = read_files(**list);
    if (!files) return broken(files.error().str());
    return from_files(repository, *files, rules);
}

}  // namespace pitstop::uptane
