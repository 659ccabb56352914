#include "core/uptane/aktualizr.h"
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

Result<void> read_custom(const json::Object& custom, Repository repository, TargetInfo& info) {
    TRY(info.hardware, read_hardware(custom));
    TRY(info.version, json::id<Version>(custom, "version"));
    TRY(const std::uint64_t counter, json::number(custom, "releaseCounter", u32_max));
    info.release_counter = static_cast<std::uint32_t>(counter);
    TRY(info.constraints, constraints_from_json(custom));
    if (repository == Repository::director) {
        TRY(info.ecu, json::id<EcuId>(custom, "ecuIdentifier"));
        if (!custom.contains("delivery")) return {};
        TRY(const json::Object* delivery, json::object(custom, "delivery"));
        TRY(info.delivery, delivery_from_json(*delivery));
    }
    return {};
}

Result<TargetInfo> read_target(const json::Object& from, Repository repository, const Rules& rules) {
    TargetInfo info;
    constexpr std::uint64_t foreign_length_max = std::uint64_t{1} << 53;  // what every JSON reader keeps exact
    // A record's size field has 32 bits.
    TRY(info.length_bytes, json::number(from, "length", rules.is_strict() ? u32_max : foreign_length_max));
    TRY(const json::Object* list, json::object(from, "hashes"));
    TRY(const Hashes hashes, read_hashes(*list, rules));
    info.sha256 = hashes.sha256;
    info.sha512 = hashes.sha512;
    if (rules.dialect == Dialect::aktualizr) ENSURE(read_aktualizr_custom(from, repository, info));
    if (!rules.is_strict()) return info;
    if (info.length_bytes == 0) return fail(faults::bad_member, "'length' of an image is 0");
    if (!info.sha256 || !info.sha512) return fail(faults::bad_member, "an image needs both 'sha256' and 'sha512'");
    TRY(const json::Object* custom, json::object(from, "custom"));
    ENSURE(read_custom(*custom, repository, info));
    return info;
}

Result<void> check_path(std::string_view path, const Rules& rules) {
    return rules.is_strict() ? TargetName::parse(path).transform([](const auto&) {})
                             : TargetPath::parse(path).transform([](const auto&) {});
}

json::Object target_to_json(const TargetInfo& info) {
    json::Array hardware;
    for (const HardwareId& id : info.hardware) hardware.emplace_back(id.view());
    json::Object custom{{"hardwareIds", std::move(hardware)},
                        {"version", info.version.str()},
                        {"releaseCounter", info.release_counter}};
    write_constraints(info.constraints, custom);
    if (info.ecu) custom["ecuIdentifier"] = info.ecu->str();
    if (info.delivery) custom["delivery"] = to_json(*info.delivery);
    return {
        {"length", info.length_bytes},
        {"hashes", to_json(Hashes{info.sha256, info.sha512})},
        {"custom", std::move(custom)},
    };
}

}  // namespace

Result<Targets> read_targets(const json::Object& from, Repository repository, const Rules& rules) {
    TRY(const Head head, read_head(from, Role::targets, rules));
    Targets targets{head.version, head.expires, {}, {}, {}};
    const bool delegates = json::has(from, "delegations");
    if (repository == Repository::director) {
        if (rules.is_strict()) {
            TRY(targets.vin, json::id<Vin>(from, "vin"));
        }
        if (delegates) return fail(faults::bad_member, "the Director's Targets must not have 'delegations'");
    } else if (delegates) {
        TRY(const json::Object* object, json::object(from, "delegations"));
        TRY(targets.delegations, read_delegations(*object, rules));
    }
    TRY(const json::Object* list, json::object(from, "targets"));
    std::set<EcuId> ecus;
    for (const auto& member : *list) {
        ENSURE(check_path(member.key(), rules));
        TRY(TargetPath path, TargetPath::parse(member.key()));
        TRY(const json::Object* object, json::as_object(member.value(), "a target"));
        TRY(TargetInfo info, read_target(*object, repository, rules));
        if (info.ecu && !ecus.insert(*info.ecu).second) return fail(faults::duplicate_ecu, info.ecu->str());
        targets.targets.emplace(std::move(path), std::move(info));
    }
    return targets;
}

json::Object to_json(const Targets& targets) {
    json::Object list;
    for (const auto& [name, info] : targets.targets) list[name.view()] = target_to_json(info);
    json::Object object = write_head(Role::targets, targets.version, targets.expires);
    if (targets.vin) object["vin"] = targets.vin->view();
    if (targets.delegations) object["delegations"] = to_json(*targets.delegations);
    object["targets"] = std::move(list);
    return object;
}

}  // namespace pitstop::uptane
