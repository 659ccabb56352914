// Is what was stored what the Director has signed: the payload of the delivery, or the image itself? Reads the whole
// file; heavy, so run it on a Pool.
//
// A file is a SWPG record or a bare payload, as the member's source says. What comes out of a payload only the ECU can
// see; it judges that by the image's own digest. Faults: package.* (damaged on the way), gateway.wrong-image, files.*
#pragma once

#include "core/update/state.h"

#include <filesystem>

namespace pitstop::gateway {

// Checks form, size, every digest, a record's own checksum, and that the bytes have reached the disk.
[[nodiscard]] Result<void> check_stored(const std::filesystem::path& file, const update::Member& member);

}  // namespace pitstop::gateway
