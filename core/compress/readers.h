// Opens gzip (RFC 1952) and zstd (RFC 8878) as the bytes arrive, in storage that the caller lends. ECU profile: no
// heap; zlib and zstd are C and compile for a microcontroller.
//
//     ZstdReader reader(workspace, {.output_bytes_max = image_size, .window_bytes_max = 4096}, next);
//     ENSURE(reader.push(piece)); …  ENSURE(reader.finish());
//
// A compression bomb ends at output_bytes_max: nothing beyond it is ever passed on. Exactly one gzip member or one zstd
// frame; bytes behind it, a dictionary, or a window larger than allowed are refused. The checksum inside is checked.
// Faults: compress.damaged, truncated, trailing-bytes, too-large, window-too-large, workspace-too-small.
#pragma once

#include "core/base/sink.h"

#include <cstdint>

namespace pitstop::compress {

inline constexpr std::size_t gzip_workspace_bytes = 48 * 1024;  // a window of 32 KiB and zlib's tables
// 96 KiB of zstd's tables and about four times the window.
[[nodiscard]] std::size_t zstd_workspace_bytes(std::uint32_t window_bytes_max);

inline constexpr std::uint32_t zstd_window_bytes_min = 1024;                    // RFC 8878 §3.1.1.1.2
inline constexpr std::uint32_t zstd_window_bytes_max = std::uint32_t{8} << 20;  // every decoder must take it, ibidem

struct OutputLimit {
    std::uint64_t output_bytes_max = 0;
    std::uint32_t window_bytes_max = zstd_window_bytes_max;  // of zstd; gzip's is 32 KiB
};

// … GzipReader and ZstdReader: ByteSinks, constructed as above, not movable.

}  // namespace pitstop::compress
