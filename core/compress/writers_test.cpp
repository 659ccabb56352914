#include "core/compress/writers.h"

#include "core/base/collected.h"
#include "core/compress/faults.h"
#include "core/compress/readers.h"

#include <gtest/gtest.h>

namespace pitstop::compress {
namespace {

Bytes image_of(std::size_t size_bytes) {
    Bytes image(size_bytes);
    std::uint32_t state = 7;
    for (std::size_t i = 0; i < size_bytes; ++i) {
        if (i % 32 == 0) state = state * 1664525U + 1013904223U;
        image[i] = static_cast<std::uint8_t>(i % 32 < 8 ? state >> (i % 24) : i / 128);
    }
    return image;
}

TEST(Gzip, WritesAHeaderWithoutTimeNameAndSystem) {
    const Bytes small = *gzip(image_of(1000));
    EXPECT_EQ(Bytes(small.begin(), small.begin() + 8), (Bytes{0x1F, 0x8B, 0x08, 0x00, 0, 0, 0, 0}));
    EXPECT_EQ(small[9], 0xFF);
}

TEST(Zstd, TellsItsContentsSizeAndCarriesAChecksum) {
    const Bytes small = *zstd(image_of(100'000), {.window_bytes = 4096});
    const std::uint8_t descriptor = small[4];  // RFC 8878 §3.1.1.1.1
    EXPECT_EQ(descriptor & 0x04, 0x04) << "checksum";
    EXPECT_EQ(descriptor >> 6, 2) << "a content size of four bytes";
    EXPECT_EQ(small[5], 0x10) << "window: exponent 2, mantissa 0, 4096 bytes";
    EXPECT_EQ(load_le<std::uint32_t>(&small[6]), 100'000U);
}

TEST(Zstd, GivesTheSameBytesWithAnyNumberOfWorkers) {
    const Bytes image = image_of(3'000'000);
    const Bytes one = *zstd(image, {.level = 3, .workers = 1});
    EXPECT_EQ(*zstd(image, {.level = 3, .workers = 2}), one);
    EXPECT_EQ(*zstd(image, {.level = 3, .workers = 5}), one);
}

TEST(Writers, RefuseOptionsThatDoNotExist) {
    const Bytes image = image_of(100);
    for (const std::uint32_t window : {0U, 511U, 32 * 1024U + 1})
        EXPECT_TRUE(gzip(image, {.window_bytes = window}).error().is(faults::impossible_options)) << window;
    for (const int level : {-1, 0, 10})
        EXPECT_TRUE(gzip(image, {.level = level}).error().is(faults::impossible_options)) << level;
    for (const ZstdOptions& options :
         {ZstdOptions{.level = 0}, ZstdOptions{.level = 23}, ZstdOptions{.window_bytes = 1023},
          ZstdOptions{.window_bytes = (8U << 20) + 1}, ZstdOptions{.workers = 65}})
        EXPECT_TRUE(zstd(image, options).error().is(faults::impossible_options));
}

TEST(GzipWriter, GivesTheSameInPiecesAsAtOnce) {
    const Bytes image = image_of(300'000);
    Collected streamed;
    auto writer = GzipWriter::create(streamed, {.level = 6});
    ASSERT_TRUE(writer);
    for (std::size_t at = 0; at < image.size(); at += 1000) ASSERT_TRUE(writer->push(View(image).subspan(at, 1000)));
    ASSERT_TRUE(writer->finish());
    EXPECT_TRUE(streamed.finished);
    EXPECT_EQ(streamed.bytes, *gzip(image, {.level = 6}));
}

TEST(ZstdWriter, WritesOneFrameThatOpensAgain) {
    const Bytes image = image_of(300'000);
    Collected frame, opened;
    auto writer = ZstdWriter::create(image.size(), {.level = 5, .window_bytes = 4096}, frame);
    ASSERT_TRUE(writer);
    for (std::size_t at = 0; at < image.size(); at += 1000) ASSERT_TRUE(writer->push(View(image).subspan(at, 1000)));
    ASSERT_TRUE(writer->finish());
    EXPECT_TRUE(frame.finished);
    EXPECT_LT(frame.bytes.size(), image.size() / 2);
    Bytes workspace(zstd_workspace_bytes(4096));
    ZstdReader reader(workspace, {image.size(), 4096}, opened);
    ASSERT_TRUE(reader.push(frame.bytes) && reader.finish());
    EXPECT_EQ(opened.bytes, image);
}

TEST(ZstdWriter, RefusesAnotherSizeThanItWasTold) {
    Collected collected;
    auto writer = ZstdWriter::create(10, {}, collected);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->push(image_of(9)));
    EXPECT_TRUE(writer->finish().error().is(faults::impossible_options));
}

}  // namespace
}  // namespace pitstop::compress
