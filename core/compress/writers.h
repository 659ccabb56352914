// Compresses images, for the desk and the server: gzip (RFC 1952) and zstd (RFC 8878). What readers.h opens.
//
//     TRY(const Bytes small, zstd(image, {.level = 19, .window_bytes = 4096, .workers = 2}));
//
// Reproducible: the same bytes and options give the same result, with any number of workers above zero; it carries no
// time, no name and no system. A zstd frame tells its content's size and carries a checksum; its window is never larger
// than asked for. The streaming writers are for what does not fit into memory; ZstdWriter is told the size beforehand
// (another one at finish() is compress.impossible-options) and may find other matches than zstd().
// Faults: compress.impossible-options.
#pragma once

#include "core/base/sink.h"
#include "core/compress/readers.h"

#include <cstdint>
#include <memory>

namespace pitstop::compress {

struct GzipOptions {
    int level = 9;                                       // 1 to 9
    std::uint32_t window_bytes = gzip_window_bytes_max;  // rounded down to a power of two
};

struct ZstdOptions {
    int level = 19;                        // 1 to 22
    std::uint32_t window_bytes = 8 << 20;  // 1024 to 8 MiB; rounded down to a power of two
    std::uint32_t workers = 0;             // threads of zstd's own; 0: the caller's
};

[[nodiscard]] Result<Bytes> gzip(View bytes, const GzipOptions& options = {});
[[nodiscard]] Result<Bytes> zstd(View bytes, const ZstdOptions& options = {});

class GzipWriter final : public ByteSink {
public:
    [[nodiscard]] static Result<GzipWriter> create(ByteSink& next, const GzipOptions& options = {});
    GzipWriter(GzipWriter&&) noexcept;
    ~GzipWriter();

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;

private:
    struct State;
    explicit GzipWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class ZstdWriter final : public ByteSink {
public:
    [[nodiscard]] static Result<ZstdWriter> create(std::uint64_t size_bytes, const ZstdOptions& options,
                                                   ByteSink& next);
    ZstdWriter(ZstdWriter&&) noexcept;
    ~ZstdWriter();

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;

private:
    struct State;
    explicit ZstdWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace pitstop::compress
