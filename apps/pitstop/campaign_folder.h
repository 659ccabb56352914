// A campaign's package on disk (docs/formats/package.md):
//
//     Campaign_<id>/
//         campaign_metadata.json, full_package.bin
//         vmg_package/vmg_package.bin, zone<n>_package/zone<n>_package.bin     the same records by way
//         release_notes.*, sbom.*, ECU_nnn-sbom.*                              papers, as they were handed in
//
// It appears under its name only when it is complete (unfinished_folder.h). One image at a time is in memory. The same
// order, time and keys give the same bytes, unless something is sealed. Faults: cli.already-there, those of core/image,
// core/package, io/files.
#pragma once

#include "apps/pitstop/image_order.h"
#include "apps/pitstop/package_zones.h"
#include "apps/pitstop/signing_keys.h"
#include "core/base/time.h"
#include "core/package/full_package.h"
#include "core/package/packing.h"

#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace pitstop::cli {

// Told what is being done, and how many images of how many are; an empty function when nobody watches.
using Progress = std::function<void(std::size_t done, std::size_t of, std::string_view what)>;

struct BuildOrder {
    CampaignId campaign;
    UtcTime created;
    std::vector<EcuOrder> ecus;
    ZonePlan zones;
    std::filesystem::path output_folder;
    package::Compressing compressing = package::Compressing::off;
    std::filesystem::path release_notes = {}, sbom = {};  // empty: none
};

// What an image was taken for.
struct Source {
    package::Addressee ecu;
    std::string file;
    image::Kind kind;
    image::Layout layout;
};

struct BuiltCampaign {
    std::filesystem::path folder;
    package::CampaignMetadata metadata;
    std::vector<Source> sources;  // in the order of the records
};

[[nodiscard]] std::filesystem::path metadata_file(const std::filesystem::path& campaign_folder);
[[nodiscard]] std::filesystem::path package_file(const std::filesystem::path& campaign_folder);
[[nodiscard]] std::filesystem::path part_file(const std::filesystem::path& campaign_folder, const package::Part& part);

[[nodiscard]] Result<BuiltCampaign> build_campaign(const BuildOrder& order, const SigningPair& keys,
                                                   const Progress& progress);

}  // namespace pitstop::cli
