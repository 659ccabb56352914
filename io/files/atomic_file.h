// Small files that are either wholly old or wholly new, whatever happens while they are written.
//
// Bring:  a path whose folder exists, the bytes, and who may read the file.
// Back:   after success the bytes are on the disk under that name. A crash leaves the old file, or the new one, and
// perhaps
//         a file named `.<name>.<random>.new` beside it, which nobody reads.
// Faults: files.* (faults.h). A failed fsync has the remedy stop: what is on the disk is then unknown.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <optional>

namespace pitstop::io::files {

enum class FileMode {
    private_,  // 0600: keys and secrets
    shared,    // 0644
};

[[nodiscard]] Result<void> write_atomically(const std::filesystem::path& path, View bytes, FileMode mode);

// The whole file; files.not-there when it is missing, files.too-large before anything is read.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path, std::size_t size_bytes_max);

// The same, where a missing file is an answer and not a fault.
[[nodiscard]] Result<std::optional<Bytes>> read_if_there(const std::filesystem::path& path, std::size_t size_bytes_max);

}  // namespace pitstop::io::files
