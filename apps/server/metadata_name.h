// The name of a metadata file as a vehicle or an engineer asks for it: "7.root.json", "timestamp.json",
// "3.supplier.json" of a delegated role.
#pragma once

#include "core/uptane/roles.h"

#include <optional>
#include <string>
#include <string_view>

namespace pitstop::server {

struct MetadataName {
    uptane::Role role;
    std::uint32_t version;  // 0 for the Timestamp, which has none in its name
    std::string delegated;  // the role that these Targets are of; empty for the top-level ones

    // Nothing for any other text: the only accepted one is what uptane::file_name writes.
    static std::optional<MetadataName> parse(std::string_view file);
};

}  // namespace pitstop::server
