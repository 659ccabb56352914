#include "core/base/collected.h"
#include "core/compress/faults.h"
#include "core/compress/writers.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <new>

namespace pitstop::compress {
namespace {

constexpr int gzip_not_zlib = 16;  // zlib.h
constexpr int memory_level = 9;
constexpr int system_unknown = 255;  // RFC 1952 §2.3.1, OS

}  // namespace

struct GzipWriter::State {
    explicit State(ByteSink& sink) : next(sink) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { deflateEnd(&stream); }

    // Until zlib has used all of its input; with Z_FINISH until it has given everything.
    Result<void> deflate_all(int flush) {
        for (;;) {
            stream.next_out = output.data();
            stream.avail_out = static_cast<uInt>(output.size());
            const int result = ::deflate(&stream, flush);
            ENSURE(next.push(View(output).first(output.size() - stream.avail_out)));
            if (result == Z_STREAM_END || (flush == Z_NO_FLUSH && stream.avail_out > 0)) return {};
        }
    }

    ByteSink& next;
    z_stream stream{};
    gz_header header{};
    std::array<std::uint8_t, std::size_t{64} * 1024> output{};
};

GzipWriter::GzipWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
GzipWriter::GzipWriter(GzipWriter&&) noexcept = default;
GzipWriter::~GzipWriter() = default;

Result<GzipWriter> GzipWriter::create(ByteSink& next, const GzipOptions& options) {
    if (options.level < Z_BEST_SPEED || options.level > Z_BEST_COMPRESSION)
        return fail(faults::impossible_options, "gzip's level");
    if (options.window_bytes < gzip_window_bytes_min || options.window_bytes > gzip_window_bytes_max)
        return fail(faults::impossible_options, "gzip's window");
    const int window_bits = std::bit_width(options.window_bytes) - 1;
    auto state = std::make_unique<State>(next);
    if (deflateInit2(&state->stream, options.level, Z_DEFLATED, window_bits + gzip_not_zlib, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();  // the options are possible: there is no other reason
    state->header.os = system_unknown;
    deflateSetHeader(&state->stream, &state->header);
    return GzipWriter(std::move(state));
}

Result<void> GzipWriter::push(View piece) {
    while (!piece.empty()) {
        const std::size_t now = std::min<std::size_t>(piece.size(), std::numeric_limits<uInt>::max());
        state_->stream.next_in = const_cast<Bytef*>(piece.data());  // zlib only reads
        state_->stream.avail_in = static_cast<uInt>(now);
        ENSURE(state_->deflate_all(Z_NO_FLUSH));
        piece = piece.subspan(now);
    }
    return {};
}

Result<void> GzipWriter::finish() {
    ENSURE(state_->deflate_all(Z_FINISH));
    return state_->next.finish();
}

Result<Bytes> gzip(View bytes, const GzipOptions& options) {
    Collected collected;
    TRY(auto writer, GzipWriter::create(collected, options));
    ENSURE(writer.push(bytes));
    ENSURE(writer.finish());
    return std::move(collected.bytes);
}

}  // namespace pitstop::compress
