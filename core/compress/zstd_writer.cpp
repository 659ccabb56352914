#include "core/compress/faults.h"
#include "core/compress/readers.h"
#include "core/compress/writers.h"

#include <zstd.h>

#include <bit>

namespace pitstop::compress {
namespace {

constexpr int level_max = 22;              // zstd.h: the highest of its levels
constexpr std::uint32_t workers_max = 64;  // more only take memory
constexpr std::size_t output_bytes = std::size_t{128} * 1024;

struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
using Context = std::unique_ptr<ZSTD_CCtx, Free>;

Result<Context> context_for(std::uint64_t size_bytes, const ZstdOptions& options) {
    if (options.level < 1 || options.level > level_max) return fail(faults::impossible_options, "zstd's level");
    if (options.window_bytes < zstd_window_bytes_min || options.window_bytes > zstd_window_bytes_max)
        return fail(faults::impossible_options, "zstd's window");
    if (options.workers > workers_max) return fail(faults::impossible_options, "zstd's workers");
    Context context(ZSTD_createCCtx());
    if (!context) throw std::bad_alloc();
    const std::pair<ZSTD_cParameter, int> settings[] = {
        {ZSTD_c_compressionLevel, options.level},
        {ZSTD_c_windowLog, std::bit_width(options.window_bytes) - 1},
        {ZSTD_c_checksumFlag, 1},
        {ZSTD_c_contentSizeFlag, 1},
        {ZSTD_c_nbWorkers, static_cast<int>(options.workers)},
    };
    for (const auto& [name, value] : settings) {
        const std::size_t set = ZSTD_CCtx_setParameter(context.get(), name, value);
        if (ZSTD_isError(set)) return fail(faults::impossible_options, ZSTD_getErrorName(set));
    }
    ZSTD_CCtx_setPledgedSrcSize(context.get(), size_bytes);
    return context;
}

}  // namespace

struct ZstdWriter::State {
    Context context;
    ByteSink& next;
    Bytes output = Bytes(output_bytes);

    // Until zstd has used all of its input; with ZSTD_e_end until it has given everything.
    Result<void> compress(View piece, ZSTD_EndDirective end) {
        ZSTD_inBuffer in{piece.data(), piece.size(), 0};
        for (;;) {
            ZSTD_outBuffer out{output.data(), output.size(), 0};
            const std::size_t left = ZSTD_compressStream2(context.get(), &out, &in, end);
            if (ZSTD_isError(left)) return fail(faults::impossible_options, ZSTD_getErrorName(left));
            ENSURE(next.push(View(output).first(out.pos)));
            if (end == ZSTD_e_end ? left == 0 : in.pos == in.size) return {};
        }
    }
};

ZstdWriter::ZstdWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZstdWriter::ZstdWriter(ZstdWriter&&) noexcept = default;
ZstdWriter::~ZstdWriter() = default;

Result<ZstdWriter> ZstdWriter::create(std::uint64_t size_bytes, const ZstdOptions& options, ByteSink& next) {
    TRY(auto context, context_for(size_bytes, options));
    return ZstdWriter(std::unique_ptr<State>(new State{std::move(context), next}));
}

Result<void> ZstdWriter::push(View piece) { return state_->compress(piece, ZSTD_e_continue); }

Result<void> ZstdWriter::finish() {
    ENSURE(state_->compress({}, ZSTD_e_end));
    return state_->next.finish();
}

Result<Bytes> zstd(View bytes, const ZstdOptions& options) {
    TRY(const auto context, context_for(bytes.size(), options));
    Bytes compressed(ZSTD_compressBound(bytes.size()));
    const std::size_t size =
        ZSTD_compress2(context.get(), compressed.data(), compressed.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(size)) return fail(faults::impossible_options, ZSTD_getErrorName(size));
    compressed.resize(size);
    return compressed;
}

}  // namespace pitstop::compress
