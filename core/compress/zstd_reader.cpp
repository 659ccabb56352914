#include "core/compress/faults.h"
#include "core/compress/readers.h"

#define ZSTD_STATIC_LINKING_ONLY  // storage that is lent, and a look into the frame's header
#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace pitstop::compress {
namespace {

constexpr std::size_t alignment_bytes = 8;  // of ZSTD_initStaticDStream

// zstd counts no window below its smallest, and refuses to be told of one above its largest.
std::uint32_t possible_window(std::uint32_t window_bytes) {
    return std::clamp(window_bytes, zstd_window_bytes_min, zstd_window_bytes_max);
}

}  // namespace

std::size_t zstd_workspace_bytes(std::uint32_t window_bytes_max) {
    return ZSTD_estimateDStreamSize(possible_window(window_bytes_max)) + output_piece_bytes + alignment_bytes;
}

ZstdReader::ZstdReader(Room workspace, OutputLimit limit, ByteSink& next)
    : limit_(limit),
      outlet_(limit.output_bytes_max, next) {
    if (workspace.size() < zstd_workspace_bytes(limit.window_bytes_max)) return;
    output_ = workspace.first(output_piece_bytes);
    void* at = workspace.data() + output_piece_bytes;
    std::size_t left_bytes = workspace.size() - output_piece_bytes;
    if (std::align(alignment_bytes, ZSTD_estimateDCtxSize(), at, left_bytes) == nullptr) return;
    state_ = ZSTD_initStaticDStream(at, left_bytes);
    if (state_ == nullptr) return;
    if (ZSTD_isError(ZSTD_DCtx_setMaxWindowSize(state_, possible_window(limit.window_bytes_max)))) state_ = nullptr;
}

Result<void> ZstdReader::push(View piece) {
    if (failed_) return fail(*failed_);
    auto taken = take(piece);
    if (!taken) failed_ = taken.error();
    return taken;
}

Result<void> ZstdReader::finish() {
    if (failed_) return fail(*failed_);
    auto finished = state_ == nullptr ? fail(faults::workspace_too_small)
                    : ended_          ? outlet_.finish()
                                      : fail(faults::truncated);
    if (!finished) failed_ = finished.error();
    return finished;
}

Result<void> ZstdReader::take(View piece) {
    if (state_ == nullptr) return fail(faults::workspace_too_small);
    if (!head_judged_) {
        TRY(piece, take_head(piece));
        if (!head_judged_) return {};
        ENSURE(decompress(View(head_).first(head_filled_)));
    }
    return decompress(piece);
}

// One byte after the other: the header says only as it comes how long it is.
Result<View> ZstdReader::take_head(View piece) {
    while (!piece.empty() && !head_judged_) {
        if (head_filled_ == head_.size()) return fail(faults::damaged, "a frame header without end");
        head_[head_filled_++] = piece.front();
        piece = piece.subspan(1);
        TRY(head_judged_, judge_head());
    }
    return piece;
}

// Whether the header is complete. What it announces is refused before zstd reserves anything for it.
Result<bool> ZstdReader::judge_head() {
    ZSTD_frameHeader header{};
    const std::size_t wanted = ZSTD_getFrameHeader(&header, head_.data(), head_filled_);
    if (ZSTD_isError(wanted)) return fail(faults::damaged, ZSTD_getErrorName(wanted));
    if (wanted > 0) return false;
    if (header.frameType != ZSTD_frame) return fail(faults::damaged, "a frame to be skipped");
    if (header.dictID != 0) return fail(faults::damaged, "it needs a dictionary");
    const bool size_is_told = header.frameContentSize != ZSTD_CONTENTSIZE_UNKNOWN;
    if (size_is_told && header.frameContentSize > limit_.output_bytes_max) return fail(faults::too_large);
    if (header.windowSize > possible_window(limit_.window_bytes_max)) return fail(faults::window_too_large);
    return true;
}

Result<void> ZstdReader::decompress(View piece) {
    ZSTD_inBuffer in{piece.data(), piece.size(), 0};
    for (;;) {
        if (ended_) return in.pos == in.size ? Result<void>{} : fail(faults::trailing_bytes);
        ZSTD_outBuffer out{output_.data(), output_.size(), 0};
        const std::size_t hint = ZSTD_decompressStream(state_, &out, &in);
        if (ZSTD_isError(hint)) return fail(faults::damaged, ZSTD_getErrorName(hint));
        ENSURE(outlet_.pass(output_.first(out.pos)));
        ended_ = hint == 0;
        if (!ended_ && in.pos == in.size && out.pos < out.size) return {};
    }
}

}  // namespace pitstop::compress
