// Is a stored SWPG record the image that the trusted target names? Reads the whole file; heavy, so run it on a Pool.
//
// Faults: package.* (damaged on the way), gateway.wrong-image, gateway.unknown-form, files.*
#pragma once

#include "core/uptane/match.h"

#include <filesystem>

namespace pitstop::gateway {

// Checks size, every digest, the record's own checksum, and that the bytes have reached the disk.
[[nodiscard]] Result<void> check_record(const std::filesystem::path& file, const uptane::TrustedTarget& target);

}  // namespace pitstop::gateway
