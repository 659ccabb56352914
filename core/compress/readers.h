// Opens gzip (RFC 1952) and zstd (RFC 8878) as the bytes arrive, in storage that the caller lends. ECU profile: no
// heap; zlib and zstd are C and compile for a microcontroller.
//
//     ZstdReader reader(workspace, {.output_bytes_max = image_size, .window_bytes_max = 4096}, next);
//     ENSURE(reader.push(piece)); …  ENSURE(reader.finish());
//
// A compression bomb ends at output_bytes_max: nothing beyond it is ever passed on. Exactly one gzip member or one zstd
// frame; bytes behind it, a dictionary, or a window larger than allowed are refused. The checksum inside is checked.
// `next` gets pieces of at most output_piece_bytes.
// Faults: compress.damaged, truncated, trailing-bytes, too-large, window-too-large, workspace-too-small.
#pragma once

#include "core/base/sink.h"

#include <array>
#include <cstdint>
#include <optional>

// zstd's own name of its state.
struct ZSTD_DCtx_s;

namespace pitstop::compress {

inline constexpr std::size_t output_piece_bytes = 4096;
inline constexpr std::uint32_t gzip_window_bytes_min = 512;
inline constexpr std::uint32_t gzip_window_bytes_max = std::uint32_t{32} * 1024;  // RFC 1951 §2
// The window, zlib's tables, one output piece.
[[nodiscard]] constexpr std::size_t gzip_workspace_bytes(std::uint32_t window_bytes = gzip_window_bytes_max) {
    return window_bytes + std::size_t{12} * 1024;
}
// About 96 KiB of zstd's tables, up to four times the window, one output piece.
[[nodiscard]] std::size_t zstd_workspace_bytes(std::uint32_t window_bytes_max);

inline constexpr std::uint32_t zstd_window_bytes_min = 1024;                    // RFC 8878 §3.1.1.1.2
inline constexpr std::uint32_t zstd_window_bytes_max = std::uint32_t{8} << 20;  // every decoder must take it, ibidem

struct OutputLimit {
    std::uint64_t output_bytes_max = 0;
    std::uint32_t window_bytes_max = zstd_window_bytes_max;  // of zstd
};

// What both readers do with bytes that came out.
class Outlet {
public:
    Outlet(std::uint64_t bytes_max, ByteSink& next) : left_bytes_(bytes_max), next_(next) {}

    [[nodiscard]] Result<void> pass(View piece);  // compress.too-large before `next` sees one byte of it
    [[nodiscard]] Result<void> finish() { return next_.finish(); }

private:
    std::uint64_t left_bytes_;
    ByteSink& next_;
};

class GzipReader final : public ByteSink {
public:
    // A gzip stream does not tell its window: with one smaller than it was made with it may be compress.damaged.
    GzipReader(Room workspace, OutputLimit limit, ByteSink& next, std::uint32_t window_bytes = gzip_window_bytes_max);
    GzipReader(const GzipReader&) = delete;
    GzipReader& operator=(const GzipReader&) = delete;
    ~GzipReader() = default;

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;

private:
    struct State;  // zlib's, in the workspace

    [[nodiscard]] Result<void> take(View piece);
    [[nodiscard]] Result<void> inflate_all();

    State* state_ = nullptr;  // null: the workspace is too small
    Outlet outlet_;
    bool ended_ = false;
    std::optional<Error> failed_;
};

class ZstdReader final : public ByteSink {
public:
    ZstdReader(Room workspace, OutputLimit limit, ByteSink& next);
    ZstdReader(const ZstdReader&) = delete;
    ZstdReader& operator=(const ZstdReader&) = delete;
    ~ZstdReader() = default;

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;

private:
    static constexpr std::size_t head_bytes_max = 18;  // RFC 8878 §3.1.1.1: magic and frame header

    [[nodiscard]] Result<void> take(View piece);
    [[nodiscard]] Result<View> take_head(View piece);
    [[nodiscard]] Result<bool> judge_head();
    [[nodiscard]] Result<void> decompress(View piece);

    OutputLimit limit_;
    ZSTD_DCtx_s* state_ = nullptr;  // null: the workspace is too small
    Room output_;
    Outlet outlet_;
    std::array<std::uint8_t, head_bytes_max> head_{};  // judged before anything is given to zstd
    std::size_t head_filled_ = 0;
    bool head_judged_ = false;
    bool ended_ = false;
    std::optional<Error> failed_;
};

}  // namespace pitstop::compress
