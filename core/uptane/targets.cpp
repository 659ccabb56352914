#include "core/uptane/faults.h"
#include "core/uptane/role_json.h"
#include "core/uptane/roles.h"

#include <algorithm>
#include <format>
#include <set>

namespace pitstop::uptane {
namespace {

Result<std::vector<HardwareId>> read_hardware(const json::Object& custom) {
    TRY(const json::Array* list, json::array(custom, "hardwareIds"));
    if (list->empty() || list->size() > hardware_ids_max)
        return fail(faults::bad_member,
                    std::format("{} 'hardwareIds', allowed are 1 to {}", list->size(), hardware_ids_max));
    std::vector<HardwareId> ids;
    for (const json::Value& value : *list) {
        if (!value.is_string()) return fail(faults::bad_member, "'hardwareIds' must be texts");
        TRY(HardwareId id, HardwareId::parse(value.get_string()));
        ids.push_back(id);
    }
    return ids;
}

Result<TargetInfo> read_target(const json::Object& from, Repository repository) {
    TargetInfo info;
    TRY(info.length_bytes, json::number(from, "length", u32_max));  // a record's size field has 32 bits
    if (info.length_bytes == 0) return fail(faults::bad_member, "'length' of an image is 0");
    TRY(const json::Object* hashes, json::object(from, "hashes"));
    ENSURE(allow_known_hashes(*hashes));
    TRY(info.sha256, json::sha256(*hashes, "sha256"));
    TRY(info.sha512, read_sha512(*hashes));
    TRY(const json::Object* custom, json::object(from, "custom"));
    TRY(info.hardware, read_hardware(*custom));
    TRY(info.version, json::id<Version>(*custom, "version"));
    TRY(const std::uint64_t counter, json::number(*custom, "releaseCounter", u32_max));
    info.release_counter = static_cast<std::uint32_t>(counter);
    if (repository == Repository::director) {
        TRY(info.ecu, json::id<EcuId>(*custom, "ecuIdentifier"));
    }
    return info;
}

json::Object target_to_json(const TargetInfo& info) {
    json::Array hardware;
    for (const HardwareId& id : info.hardware) hardware.emplace_back(id.view());
    json::Object custom{{"hardwareIds", std::move(hardware)},
                        {"version", info.version.str()},
                        {"releaseCounter", info.release_counter}};
    if (info.ecu) custom["ecuIdentifier"] = info.ecu->str();
    return {
        {"length", info.length_bytes},
        {"hashes", {{"sha256", to_hex(info.sha256)}, {"sha512", to_hex(info.sha512)}}},
        {"custom", std::move(custom)},
    };
}

}  // namespace

Result<Targets> read_targets(const json::Object& from, Repository repository) {
    TRY(const Head head, read_head(from, Role::targets));
    Targets targets{head.version, head.expires, {}, {}};
    if (repository == Repository::director) {
        TRY(targets.vin, json::id<Vin>(from, "vin"));
        if (json::has(from, "delegations"))
            return fail(faults::bad_member, "the Director's Targets must not have 'delegations'");
    }
    TRY(const json::Object* list, json::object(from, "targets"));
    std::set<EcuId> ecus;
    for (const auto& member : *list) {
        TRY(const TargetName name, TargetName::parse(member.key()));
        TRY(const json::Object* object, json::as_object(member.value(), "a target"));
        TRY(TargetInfo info, read_target(*object, repository));
        if (info.ecu && !ecus.insert(*info.ecu).second) return fail(faults::duplicate_ecu, info.ecu->str());
        targets.targets.emplace(name, std::move(info));
    }
    return targets;
}

json::Object to_json(const Targets& targets) {
    json::Object list;
    for (const auto& [name, info] : targets.targets) list[name.view()] = target_to_json(info);
    json::Object object = write_head(Role::targets, targets.version, targets.expires);
    if (targets.vin) object["vin"] = targets.vin->view();
    object["targets"] = std::move(list);
    return object;
}

}  // namespace pitstop::uptane
