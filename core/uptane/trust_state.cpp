// What a TrustSet leaves for after a restart: the trusted files as they were received, so that each can be checked
// again.
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

// The four caps together; escaping quotation marks at most doubles them.
constexpr std::size_t state_size_bytes_max = std::size_t{24} << 20;

std::unexpected<Error> broken(std::string_view why) { return fail(faults::broken_state, why); }

}  // namespace

Bytes TrustSet::save() const {
    json::Object files;
    for (const Role role : roles)
        if (const View file = remembered(role); !file.empty()) files[to_string(role)] = text_of(file);
    const std::string text = boost::json::serialize(
        json::Object{{"format", format}, {"repository", to_string(repository_)}, {"files", std::move(files)}});
    return Bytes(text.begin(), text.end());
}

Result<TrustSet> TrustSet::load(Repository repository, View saved, TrustLimits limits) {
    auto document = json::parse(saved, state_size_bytes_max);
    if (!document) return broken(document.error().str());
    const json::Object* object = document->if_object();
    if (!object) return broken("not an object");
    const auto number = json::number(*object, "format", format);
    if (!number) return broken(number.error().str());
    const auto name = json::string(*object, "repository");
    if (!name || *name != to_string(repository)) return broken("of another repository");
    const auto files = json::object(*object, "files");
    if (!files) return broken(files.error().str());

    std::array<std::string, roles.size()> texts;
    for (std::size_t i = 0; i < roles.size(); ++i) {
        if (!json::has(**files, to_string(roles[i]))) continue;
        auto text = json::string(**files, to_string(roles[i]));
        if (!text) return broken(text.error().str());
        texts[i] = *std::move(text);
    }
    auto trust = from_root(repository, ReceivedRoot{view_of(texts[0])}, limits);
    if (!trust) return broken(trust.error().str());
    const auto take = [&](Role role, auto open, auto& slot) -> Result<void> {
        const std::string& text = texts[static_cast<std::size_t>(role)];
        if (text.empty()) return {};
        auto opened = open(view_of(text));
        if (!opened) return broken(std::format("{}: {}", to_string(role), opened.error().str()));
        slot = *std::move(opened);
        return {};
    };
    ENSURE(take(Role::timestamp, [&](View file) { return trust->open_timestamp(file); }, trust->timestamp_));
    ENSURE(take(Role::snapshot, [&](View file) { return trust->open_snapshot(file); }, trust->snapshot_));
    ENSURE(take(Role::targets, [&](View file) { return trust->open_targets(file); }, trust->targets_));
    return trust;
}

}  // namespace pitstop::uptane
