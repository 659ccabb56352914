// A package's images on their way into the Image repository: verified, described, proposed as new Targets.
//
// Faults: cli.not-delegated, not-covered; those of campaign_folder.h, repo_proposals.h, repo_publication.h.
#pragma once

#include "apps/pitstop/campaign_folder.h"
#include "apps/pitstop/repo_publication.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pitstop::cli {

struct CampaignPublished {
    Published published;
    std::vector<TargetName> added;  // empty: all of them were there before, and nothing was written
};

// `as`: "targets", or the delegated role (of hash bins: their prefix) that vouches for the images. What can be signed
// with the keys that lie here is published at once; otherwise it waits in staged/.
[[nodiscard]] Result<CampaignPublished> publish_campaign(const RepoOrder& order,
                                                         const std::filesystem::path& campaign_folder,
                                                         const std::string& as = "targets");

}  // namespace pitstop::cli
