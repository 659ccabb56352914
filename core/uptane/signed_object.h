// {"signatures": […], "signed": {"_type": …, "spec_version": …}} around something that is none of the four roles: a
// version report, a manifest, a time attestation.
//
// Opening says only that it has the right form; the caller checks who has signed. Faults: base.*; uptane.wrong-role,
// wrong-spec-version, too-many-signatures, bad-member.
#pragma once

#include "core/uptane/envelope.h"
#include "core/uptane/version_report.h"

namespace pitstop::uptane {

[[nodiscard]] Result<Envelope> open_signed(const json::Object& from, std::string_view type,
                                           std::size_t signatures_allowed);
[[nodiscard]] json::Object write_kind(std::string_view type);  // {"_type", "spec_version"}

[[nodiscard]] Result<Nonce> nonce_from_hex(std::string_view text);
[[nodiscard]] Result<AttackCode> read_attack_code(const json::Object& from);  // "previous_attack"

}  // namespace pitstop::uptane
