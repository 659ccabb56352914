// From what is trusted and what is offered to what this vehicle does: the members of the job, and the bytes it still
// needs.
//
// The package's directory (campaign_metadata.json) says where an image lies; what the image is, and in which form it is
// fetched, the trusted targets say alone. Where the two disagree about the image, nothing is fetched; a form that the
// package does not have is fetched by itself. Faults: update.nothing-directed, not-in-package, package-differs,
// too-large; vehicle.bad-description.
#pragma once

#include "core/package/campaign_metadata.h"
#include "core/update/state.h"
#include "core/vehicle/description.h"

#include <map>
#include <span>

namespace pitstop::update {

// In installation order of the package, the buses in turn: all of them have something to carry from the beginning on,
// and none waits for what another one's ECUs need. Every trusted target gets a member, except for ECUs that run and
// committed it before (`up_to_date`); other records of the package are left out.
[[nodiscard]] Result<std::vector<Member>> plan_members(std::span<const uptane::TrustedTarget> targets,
                                                       const package::CampaignMetadata& metadata,
                                                       const vehicle::Description& vehicle,
                                                       std::span<const EcuId> up_to_date);

struct Range {
    std::uint64_t first_byte = 0;
    std::uint64_t size_bytes = 0;
    bool operator==(const Range&) const = default;
};

// Bytes of full_package.bin that are still needed, in rising order, neighbours joined; members from elsewhere are
// passed over. `stored_bytes`: how much of each member's record is stored from its beginning on; more than there can be
// counts as nothing.
[[nodiscard]] std::vector<Range> plan_ranges(std::span<const Member> members,
                                             const std::map<EcuId, std::uint64_t>& stored_bytes);

}  // namespace pitstop::update
