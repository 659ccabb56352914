#include "core/campaign/campaign.h"

#include "core/campaign/faults.h"
#include "core/vehicle/limits.h"

#include <array>
#include <format>
#include <set>

namespace pitstop::campaign {
namespace {

constexpr std::array<std::string_view, 4> priority_names = {"patch", "minor", "major", "security"};
constexpr std::uint64_t image_size_bytes_max = 0xFFFF'FFFF;  // SWPG states sizes in 32 bits (DESIGN §8)

json::Object to_json(const Target& target) {
    json::Object object{{"ecu_id", target.ecu.str()},
                        {"hardware_id", target.hardware.str()},
                        {"target_name", target.name.str()},
                        {"version", target.version.str()},
                        {"release_counter", target.release_counter},
                        {"sha256", to_hex(target.sha256)},
                        {"size_bytes", target.size_bytes}};
    write_constraints(target.constraints, object);
    return object;
}

Result<Target> target_from_json(const json::Object& from) {
    TRY(const EcuId ecu, json::id<EcuId>(from, "ecu_id"));
    TRY(const HardwareId hardware, json::id<HardwareId>(from, "hardware_id"));
    TRY(const TargetName name, json::id<TargetName>(from, "target_name"));
    TRY(const Version version, json::id<Version>(from, "version"));
    TRY(const std::uint64_t counter, json::number(from, "release_counter", 0xFFFF'FFFF));
    TRY(const Sha256Digest sha256, json::sha256(from, "sha256"));
    TRY(const std::uint64_t size_bytes, json::number(from, "size_bytes", image_size_bytes_max));
    TRY(Constraints constraints, constraints_from_json(from));
    return Target{
        ecu, hardware, name, version, static_cast<std::uint32_t>(counter), sha256, size_bytes, std::move(constraints)};
}

Result<void> check(const Campaign& campaign) {
    if (campaign.targets.empty()) return fail(faults::bad_campaign, "a campaign needs at least one target");
    std::set<EcuId> named;
    for (const Target& target : campaign.targets) {
        if (!named.insert(target.ecu).second)
            return fail(faults::bad_campaign, std::format("{} has two targets", target.ecu.str()));
        if (target.size_bytes == 0)
            return fail(faults::bad_campaign, std::format("the image of {} is empty", target.ecu.str()));
    }
    return {};
}

}  // namespace

std::string_view to_string(Priority priority) { return priority_names[static_cast<std::size_t>(priority)]; }

Result<Priority> priority_from(std::string_view text) {
    for (std::size_t i = 0; i < priority_names.size(); ++i)
        if (priority_names[i] == text) return static_cast<Priority>(i);
    return fail(faults::unknown_phase, std::format("there is no priority '{:.40}'", text));
}

std::vector<vehicle::Software> Campaign::software() const {
    std::vector<vehicle::Software> wanted;
    for (const Target& target : targets) wanted.push_back({target.ecu, target.version, target.sha256});
    return wanted;
}

json::Object to_json(const Campaign& campaign) {
    json::Array targets;
    for (const Target& target : campaign.targets) targets.push_back(to_json(target));
    return {{"id", campaign.id.view()},
            {"title", campaign.title},
            {"release_notes", campaign.release_notes},
            {"priority", to_string(campaign.priority)},
            {"targets", std::move(targets)}};
}

Result<Campaign> campaign_from_json(const json::Object& from) {
    TRY(const CampaignId id, json::id<CampaignId>(from, "id"));
    Campaign campaign{id, {}, {}, Priority::patch, {}};
    TRY(campaign.title, vehicle::text(from, "title", Campaign::title_size_max));
    TRY(campaign.release_notes, vehicle::optional_text(from, "release_notes", Campaign::release_notes_size_max));
    TRY(const std::string priority, json::string(from, "priority"));
    TRY(campaign.priority, priority_from(priority));
    TRY(const json::Array* targets, vehicle::list(from, "targets", vehicle::ecus_max));
    for (const json::Value& item : *targets) {
        TRY(const json::Object* object, json::as_object(item, "an entry of 'targets'"));
        TRY(Target target, target_from_json(*object));
        campaign.targets.push_back(std::move(target));
    }
    ENSURE(check(campaign));
    return campaign;
}

}  // namespace pitstop::campaign
