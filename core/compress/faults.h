// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::compress::faults {

inline constexpr Fault damaged{"compress.damaged", Remedy::distrust,
                               "Compressed bytes are malformed, or what came out is not what went in.",
                               "Fetch it again; if it stays so, the stored payload is damaged: build it again."};
inline constexpr Fault truncated{"compress.truncated", Remedy::retry, "Compressed bytes end too early.",
                                 "Fetch the rest; if the source is complete, build the package again."};
inline constexpr Fault trailing_bytes{"compress.trailing-bytes", Remedy::distrust,
                                      "Bytes follow after the end of what was compressed.",
                                      "A payload is exactly one gzip member or one zstd frame; build it again."};
inline constexpr Fault too_large{"compress.too-large", Remedy::distrust,
                                 "Compressed bytes open to more than was announced.",
                                 "This may be a decompression bomb: find out who built the payload."};
inline constexpr Fault window_too_large{"compress.window-too-large", Remedy::refuse,
                                        "A zstd frame needs a larger window than its reader has memory for.",
                                        "Compress it with the window that the ECU's description names."};
inline constexpr Fault workspace_too_small{"compress.workspace-too-small", Remedy::refuse,
                                           "A reader was lent less memory than its format needs.",
                                           "This is an error in the program that opens images; report it."};
inline constexpr Fault impossible_options{
    "compress.impossible-options", Remedy::refuse, "A level, window or number of workers that does not exist.",
    "gzip has levels 1 to 9, zstd 1 to 22, windows are 1024 bytes to 8 MiB; at most 64 workers."};

}  // namespace pitstop::compress::faults
