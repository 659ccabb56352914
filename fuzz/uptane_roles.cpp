// core/uptane: the four roles. Input: what the body is in the first line (root, timestamp, snapshot, director, image),
// then its JSON.
#include "core/uptane/roles.h"
#include "fuzz/property.h"

#include <set>

using namespace pitstop;
using fuzz::must;
using uptane::Repository;

namespace {

// Accepted means: it can be written, read again, and is then written the same.
template <class Read>
void check(const json::Object& body, Read read) {
    const auto value = read(body);
    fuzz::must_repeat(value, read(body));
    if (!value) return;
    must(value->version >= 1, "the first version is 1");
    const json::Object written = uptane::to_json(*value);
    const auto again = fuzz::must_have(read(written), "what we write can be read");
    must(uptane::to_json(again) == written, "and means the same");
}

void check_targets(const json::Object& body, Repository repository) {
    const auto targets = uptane::read_targets(body, repository);
    if (!targets) return;
    if (!targets->delegations || targets->delegations->keys.unusable.empty())
        check(body, [&](const json::Object& from) { return uptane::read_targets(from, repository); });
    must(targets->vin.has_value() == (repository == Repository::director), "only the Director speaks to one vehicle");
    std::set<EcuId> ecus;
    for (const auto& [name, info] : targets->targets) {
        must(!info.hardware.empty() && info.hardware.size() <= uptane::hardware_ids_max, "hardware within the cap");
        must(info.ecu.has_value() == (repository == Repository::director), "the Director names an ECU for each image");
        if (info.ecu) must(ecus.insert(*info.ecu).second, "an ECU is directed once");
    }
}

void check_root(const json::Object& body) {
    const auto root = uptane::read_root(body);
    if (!root) return;
    if (root->keys.unusable.empty())  // a key of no known kind is not written again
        check(body, [](const json::Object& from) { return uptane::read_root(from); });
    for (const auto& role : root->roles) {
        must(role.families.classical >= 1 && role.families.post_quantum >= 1, "each family has to sign");
        for (const auto& keyid : role.keyids)
            must(root->keys.find(keyid) || root->keys.unusable.contains(keyid), "a role's keys are there");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [title, text] = fuzz::titled({data, size});
    const auto document = json::parse(text, 1 << 20);
    if (!document || !document->is_object()) return 0;
    const json::Object& body = document->get_object();
    if (title == "root") check_root(body);
    if (title == "timestamp") check(body, [](const json::Object& from) { return uptane::read_timestamp(from); });
    if (title == "snapshot") check(body, [](const json::Object& from) { return uptane::read_snapshot(from); });
    if (title == "director") check_targets(body, Repository::director);
    if (title == "image") check_targets(body, Repository::image);
    return 0;
}
