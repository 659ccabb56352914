// Applies a delta file to an image file as an ECU would: the old image is read at random places, the delta streams in,
// the new image streams out, and what is remembered meanwhile has the size that the delta asks for.
#pragma once

#include "apps/pitstop/terminal.h"
#include "core/delta/header.h"

#include <filesystem>

namespace pitstop::cli {

struct DeltaShape {
    delta::Header header;
    std::size_t block_count = 0;
    std::uint64_t file_size_bytes = 0;
};

// What the headers of a delta file say; its data are not read. Faults: those of delta and files.
[[nodiscard]] Result<DeltaShape> read_delta_shape(const std::filesystem::path& delta);

// `out` is the new image or was never there. Faults: those of delta::Patcher; delta.damaged when the result has another
// digest than the delta names; files.*.
[[nodiscard]] Result<DeltaShape> apply_delta(const std::filesystem::path& old_image, const std::filesystem::path& delta,
                                             const std::filesystem::path& out, const ShowProgress& progress);

}  // namespace pitstop::cli
