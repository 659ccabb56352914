// core/compress: gzip, as an ECU opens it. Input: compressed.h.
#include "core/compress/writers.h"
#include "fuzz/compressed.h"

using namespace pitstop;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::check_reader<compress::GzipReader>({data, size}, compress::gzip_workspace_bytes, 0,
                                             [](View image) { return compress::gzip(image, 1); });
    return 0;
}
