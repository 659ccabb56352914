// core/compress: gzip, as an ECU opens images and, in little memory, metadata. Input: compressed.h.
#include "core/compress/writers.h"
#include "fuzz/compressed.h"

using namespace pitstop;

namespace {

constexpr std::uint32_t small_window_bytes = 1024;

class SmallWindow {
public:
    SmallWindow(Room workspace, compress::OutputLimit limit, ByteSink& next)
        : reader_(workspace, limit, next, small_window_bytes) {}
    Result<void> push(View piece) { return reader_.push(piece); }
    Result<void> finish() { return reader_.finish(); }

private:
    compress::GzipReader reader_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input{data, size};
    fuzz::check_reader<compress::GzipReader>(input, compress::gzip_workspace_bytes(), 0,
                                             [](View image) { return compress::gzip(image, {.level = 1}); });
    fuzz::check_reader<SmallWindow>(input, compress::gzip_workspace_bytes(small_window_bytes), 0, [](View image) {
        return compress::gzip(image, {.level = 1, .window_bytes = small_window_bytes});
    });
    return 0;
}
