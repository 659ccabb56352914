// What stands in a package, as a table for people or as JSON for programs.
#pragma once

#include "core/package/campaign_metadata.h"

#include <filesystem>
#include <iosfwd>

namespace pitstop::cli {

enum class ListingForm { table, json };

void list_metadata(const package::CampaignMetadata& metadata, std::ostream& out);

// A campaign's folder or its metadata, or a file of SWPG records, told apart by what they are.
[[nodiscard]] Result<void> show_package(const std::filesystem::path& path, ListingForm form, std::ostream& out);

}  // namespace pitstop::cli
