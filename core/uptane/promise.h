// A file against what the file before it promised, and against its date. Used inside this room only.
#pragma once

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "core/uptane/roles.h"

namespace pitstop::uptane {

[[nodiscard]] Result<void> check_not_expired(std::string_view role, UtcTime expires, UtcTime now);
[[nodiscard]] Result<void> check_promise(std::string_view role, View file, const FileInfo& promised,
                                         const Rules& rules);
[[nodiscard]] Result<void> check_promised_version(std::string_view role, std::uint32_t version, std::uint32_t promised);

}  // namespace pitstop::uptane
