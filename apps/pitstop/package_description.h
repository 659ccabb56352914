// A package as a YAML file, for many ECUs (config/package.yaml shows every key). Paths start at the file's folder; what
// the command line says of the whole goes before what stands here, and its images are installed after these. A key
// without a value, or with an empty one, is refused: nobody means an image to travel unsealed that way.
//
// Faults: those of io/config: an unknown key, a wrong value, each with file, line and column.
#pragma once

#include "apps/pitstop/image_order.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::cli {

struct PackageDescription {
    std::optional<std::string> campaign;
    std::optional<std::filesystem::path> vehicle, release_notes, sbom;
    std::optional<bool> compress;
    std::vector<Written> images;  // in installation order
};

[[nodiscard]] Result<PackageDescription> read_package_description(const std::filesystem::path& file);

}  // namespace pitstop::cli
