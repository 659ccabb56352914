// core/compress: zstd with the window of a small ECU. Input: compressed.h.
#include "core/compress/writers.h"
#include "fuzz/compressed.h"

using namespace pitstop;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint32_t window_bytes = 4096;
    fuzz::check_reader<compress::ZstdReader>(
        {data, size}, compress::zstd_workspace_bytes(window_bytes), window_bytes,
        [](View image) { return compress::zstd(image, {.level = 1, .window_bytes = window_bytes}); });
    return 0;
}
