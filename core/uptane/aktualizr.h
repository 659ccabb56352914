// What the aktualizr family of repositories writes differently. For the tests of outsiders only; Pitstop serves and
// trusts its own dialect. Used inside this room only.
#pragma once

#include "core/base/bytes.h"
#include "core/base/json.h"
#include "core/uptane/roles.h"

namespace pitstop::uptane {

// Base64, or hex from the older tools. Empty where `method` is none of ours.
[[nodiscard]] Bytes read_aktualizr_signature(const json::Object& from, std::string_view text);

// Whether a file is the promised one. Some of its tools count and hash the text as served, others its canonical form.
[[nodiscard]] bool keeps_aktualizr_promise(View file, const FileInfo& promised);

// custom.ecuIdentifiers {serial: {hardwareId}} of the Director, custom.hardwareIds […] of the Image repository.
[[nodiscard]] Result<void> read_aktualizr_custom(const json::Object& target, Repository repository, TargetInfo& info);

}  // namespace pitstop::uptane
