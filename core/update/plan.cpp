#include "core/update/plan.h"

#include "core/update/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::update {
namespace {

Result<void> check_agree(const uptane::TrustedTarget& target, const package::RecordEntry& record) {
    const auto differs = [&](std::string_view member) {
        return fail(faults::package_differs,
                    std::format("{} of {} is not what the director signed", member, target.ecu.str()));
    };
    if (record.target != target.name) return differs("the target name");
    if (record.hardware != target.hardware) return differs("the hardware id");
    if (record.version != target.version) return differs("the version");
    if (record.release_counter != target.release_counter) return differs("the release counter");
    if (record.image_size_bytes != target.length_bytes) return differs("the size");
    if (record.sha256 != target.sha256) return differs("the digest");
    return {};
}

// The package's record where it is in the directed form, to the byte; else what the server keeps beside it.
Member member_of(const uptane::TrustedTarget& target, const package::RecordEntry& record) {
    Member member{.target = target};
    const bool is_the_record = record.form == member.form() && record.payload_sha256 == member.payload_sha256() &&
                               record.payload_size_bytes == member.payload_bytes();
    member.source = is_the_record ? Source::package : Source::payload;
    member.offset_bytes = is_the_record ? record.offset_bytes : 0;
    member.stored_size_bytes = is_the_record ? record.stored_size_bytes : member.payload_bytes();
    return member;
}

// The first of each bus, then the second of each; an ECU on Ethernet has nobody to wait for.
void take_buses_in_turn(std::vector<Member>& members, const vehicle::Description& vehicle) {
    std::map<std::string_view, std::size_t> begun;
    std::map<EcuId, std::size_t> place;
    for (const Member& member : members) {
        const vehicle::EcuDescription* const ecu = vehicle.find(member.ecu());
        place[member.ecu()] = ecu == nullptr || ecu->bus.empty() ? 0 : begun[ecu->bus]++;
    }
    std::ranges::stable_sort(members, {}, [&](const Member& member) { return place[member.ecu()]; });
}

}  // namespace

Result<std::vector<Member>> plan_members(std::span<const uptane::TrustedTarget> targets,
                                         const package::CampaignMetadata& metadata, const vehicle::Description& vehicle,
                                         std::span<const EcuId> up_to_date) {
    if (targets.empty()) return fail(faults::nothing_directed);
    std::vector<Member> members;
    for (const package::RecordEntry& record : metadata.records) {
        const auto target = std::ranges::find_if(
            targets, [&](const uptane::TrustedTarget& directed) { return directed.ecu == record.ecu.ecu(); });
        if (target == targets.end()) continue;
        ENSURE(check_agree(*target, record));
        ENSURE(vehicle.route_to(target->ecu));
        members.push_back(member_of(*target, record));
        if (vehicle.zone_of(target->ecu) != nullptr) members.back().part = Part::zonal_gateway;
    }
    for (const uptane::TrustedTarget& target : targets) {
        if (target.length_bytes > UINT32_MAX) return fail(faults::too_large, target.name.view());
        // What was directed before and runs already needs no image any more.
        if (std::ranges::contains(up_to_date, target.ecu)) continue;
        if (std::ranges::find(members, target.ecu, &Member::ecu) == members.end())
            return fail(faults::not_in_package, std::format("{} for {}", target.name.view(), target.ecu.str()));
    }
    std::erase_if(members, [&](const Member& member) { return std::ranges::contains(up_to_date, member.ecu()); });
    take_buses_in_turn(members, vehicle);
    return members;
}

std::vector<Range> plan_ranges(std::span<const Member> members, const std::map<EcuId, std::uint64_t>& stored_bytes) {
    std::vector<Range> ranges;
    for (const Member& member : members) {
        if (member.source != Source::package) continue;
        const auto found = stored_bytes.find(member.ecu());
        std::uint64_t stored = found == stored_bytes.end() ? 0 : found->second;
        if (stored > member.stored_size_bytes) stored = 0;
        if (stored < member.stored_size_bytes)
            ranges.push_back({member.offset_bytes + stored, member.stored_size_bytes - stored});
    }
    std::ranges::sort(ranges, {}, &Range::first_byte);
    std::vector<Range> joined;
    for (const Range& range : ranges) {
        if (!joined.empty() && joined.back().first_byte + joined.back().size_bytes == range.first_byte)
            joined.back().size_bytes += range.size_bytes;
        else
            joined.push_back(range);
    }
    return joined;
}

}  // namespace pitstop::update
