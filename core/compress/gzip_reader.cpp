#include "core/compress/faults.h"
#include "core/compress/readers.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <new>

namespace pitstop::compress {
namespace {

// zlib.h: the window's logarithm; 16 says gzip, not zlib.
constexpr int window_and_gzip(std::uint32_t window_bytes) {
    return std::bit_width(std::clamp(window_bytes, gzip_window_bytes_min, gzip_window_bytes_max)) - 1 + 16;
}
constexpr std::size_t alignment_bytes = alignof(std::max_align_t);

// Where zlib takes its memory from. It allocates twice and never needs anything back before the end.
struct Arena {
    std::uint8_t* next = nullptr;
    std::size_t left_bytes = 0;

    void* take(std::size_t size_bytes) {
        const std::size_t rounded = (size_bytes + alignment_bytes - 1) / alignment_bytes * alignment_bytes;
        if (rounded > left_bytes) return nullptr;
        void* taken = next;
        next += rounded;
        left_bytes -= rounded;
        return taken;
    }
};

void* take_for_zlib(void* arena, unsigned count, unsigned size_bytes) {
    return static_cast<Arena*>(arena)->take(std::size_t{count} * size_bytes);
}
void give_back_never(void*, void*) {}

}  // namespace

struct GzipReader::State {
    z_stream stream{};
    Arena arena;
    std::array<std::uint8_t, output_piece_bytes> output{};
};

Result<void> Outlet::pass(View piece) {
    if (piece.size() > left_bytes_) return fail(faults::too_large);
    left_bytes_ -= piece.size();
    return piece.empty() ? Result<void>{} : next_.push(piece);
}

GzipReader::GzipReader(Room workspace, OutputLimit limit, ByteSink& next, std::uint32_t window_bytes)
    : outlet_(limit.output_bytes_max, next) {
    void* at = workspace.data();
    std::size_t left_bytes = workspace.size();
    if (std::align(alignment_bytes, sizeof(State), at, left_bytes) == nullptr) return;
    auto* state = ::new (at) State;
    state->arena = {static_cast<std::uint8_t*>(at) + sizeof(State), left_bytes - sizeof(State)};
    state->stream.zalloc = take_for_zlib;
    state->stream.zfree = give_back_never;
    state->stream.opaque = &state->arena;
    if (inflateInit2(&state->stream, window_and_gzip(window_bytes)) == Z_OK) state_ = state;
}

Result<void> GzipReader::push(View piece) {
    if (failed_) return fail(*failed_);
    auto taken = take(piece);
    if (!taken) failed_ = taken.error();
    return taken;
}

Result<void> GzipReader::finish() {
    if (failed_) return fail(*failed_);
    auto finished = state_ == nullptr ? fail(faults::workspace_too_small)
                    : ended_          ? outlet_.finish()
                                      : fail(faults::truncated);
    if (!finished) failed_ = finished.error();
    return finished;
}

Result<void> GzipReader::take(View piece) {
    if (state_ == nullptr) return fail(faults::workspace_too_small);
    while (!piece.empty()) {
        if (ended_) return fail(faults::trailing_bytes);
        z_stream& stream = state_->stream;
        const std::size_t now = std::min<std::size_t>(piece.size(), std::numeric_limits<uInt>::max());
        stream.next_in = const_cast<Bytef*>(piece.data());  // zlib only reads
        stream.avail_in = static_cast<uInt>(now);
        ENSURE(inflate_all());
        piece = piece.subspan(now - stream.avail_in);
    }
    return {};
}

// Until zlib has used all of its input and has nothing more to give.
Result<void> GzipReader::inflate_all() {
    z_stream& stream = state_->stream;
    for (;;) {
        stream.next_out = state_->output.data();
        stream.avail_out = static_cast<uInt>(state_->output.size());
        const int result = ::inflate(&stream, Z_NO_FLUSH);
        if (result == Z_MEM_ERROR) return fail(faults::workspace_too_small);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return fail(faults::damaged, stream.msg == nullptr ? "" : stream.msg);
        ENSURE(outlet_.pass(View(state_->output).first(state_->output.size() - stream.avail_out)));
        ended_ = result == Z_STREAM_END;
        if (ended_ || stream.avail_out > 0) return {};
    }
}

}  // namespace pitstop::compress
