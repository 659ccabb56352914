// What the aktualizr family of repositories writes differently. For the tests of outsiders only; Pitstop serves and
// trusts its own dialect. Used inside this room only.
#pragma once

#include "core/base/bytes.h"
#include "core/base/json.h"
#include "core/uptane/roles.h"

namespace pitstop::uptane {

// custom.ecuIdentifiers {serial: {hardwareId}} of the Director, custom.hardwareIds […] of the Image repository.
[[nodiscard]] Result<void> read_aktualizr_custom(const json::Object& target, Repository repository, TargetInfo& info);

}  // namespace pitstop::uptane
