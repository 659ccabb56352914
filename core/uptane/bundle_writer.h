// Packs a trust bundle for a secondary. Not part of the ECU profile.
//
// Bring the files in the order in which they must be accepted: roots, then the time attestation, then the others.
// Faults: uptane.bad-bundle for what the reader would refuse, too-large.
#pragma once

#include "core/uptane/bundle.h"

#include <span>

namespace pitstop::uptane {

[[nodiscard]] Result<Bytes> write_bundle(std::span<const BundleFile> files, std::size_t size_bytes_max);

}  // namespace pitstop::uptane
