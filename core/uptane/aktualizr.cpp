#include "core/uptane/aktualizr.h"

#include "core/uptane/faults.h"

#include <format>

namespace pitstop::uptane {
namespace {

Result<void> read_serials(const json::Object& custom, TargetInfo& info) {
    TRY(const json::Object* serials, json::object(custom, "ecuIdentifiers"));
    if (serials->size() > related_ecus_max)
        return fail(faults::bad_member, std::format("{} 'ecuIdentifiers'", serials->size()));
    for (const auto& member : *serials) {
        TRY(const json::Object* object, json::as_object(member.value(), "an ECU"));
        TRY(std::string hardware, json::string(*object, "hardwareId"));
        info.ecu_serials.emplace(member.key(), std::move(hardware));
    }
    return {};
}

}  // namespace

Result<void> read_aktualizr_custom(const json::Object& target, Repository repository, TargetInfo& info) {
    if (!json::has(target, "custom")) return {};
    TRY(const json::Object* custom, json::object(target, "custom"));
    if (repository == Repository::director) return read_serials(*custom, info);
    if (!json::has(*custom, "hardwareIds")) return {};
    TRY(const json::Array* list, json::array(*custom, "hardwareIds"));
    if (list->size() > hardware_ids_max) return fail(faults::bad_member, std::format("{} 'hardwareIds'", list->size()));
    for (const json::Value& value : *list) {
        if (!value.is_string()) return fail(faults::bad_member, "'hardwareIds' must be texts");
        TRY(const HardwareId id, HardwareId::parse(value.get_string()));
        info.hardware.push_back(id);
    }
    return {};
}

}  // namespace pitstop::uptane
