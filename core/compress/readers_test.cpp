#include "core/compress/readers.h"

#include "core/compress/faults.h"
#include "core/compress/writers.h"

#include <gtest/gtest.h>
#include <random>

namespace pitstop::compress {
namespace {

class Collected final : public ByteSink {
public:
    Result<void> push(View piece) override {
        largest = std::max(largest, piece.size());
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    }
    Result<void> finish() override {
        ++finished;
        return {};
    }
    Bytes bytes;
    std::size_t largest = 0;
    int finished = 0;
};

// Code-like: repeats at many distances, and something that does not.
Bytes image_of(std::size_t size_bytes) {
    Bytes image(size_bytes);
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < size_bytes; ++i) {
        if (i % 16 == 0) state = state * 1664525U + 1013904223U;
        image[i] = static_cast<std::uint8_t>(i % 16 < 4 ? state >> (8 * (i % 4)) : i / 64);
    }
    return image;
}

enum class Kind { gzip, zstd };
constexpr std::uint32_t window_bytes = 4096;

struct Opened {
    Result<void> result;
    Bytes bytes;
    std::size_t largest = 0;
    int finished = 0;
};

template <class Reader>
Opened open_with(View compressed, OutputLimit limit, std::size_t workspace_bytes, std::size_t cut) {
    Bytes workspace(workspace_bytes);
    Collected collected;
    Reader reader(workspace, limit, collected);
    Result<void> result;
    for (View left = compressed; result && !left.empty(); left = left.subspan(std::min(cut, left.size())))
        result = reader.push(left.first(std::min(cut, left.size())));
    const auto end = reader.finish();
    if (!result) {
        EXPECT_EQ(end.error().str(), result.error().str()) << "the same error again";
        const std::size_t before = collected.bytes.size();
        EXPECT_FALSE(reader.push(compressed));
        EXPECT_EQ(collected.bytes.size(), before) << "and no byte more";
    }
    return {end, std::move(collected.bytes), collected.largest, collected.finished};
}

struct Readers : testing::TestWithParam<Kind> {
    const Bytes image = image_of(50'000);

    [[nodiscard]] Bytes compressed(View bytes) const {
        return GetParam() == Kind::gzip ? *gzip(bytes) : *zstd(bytes, {.window_bytes = window_bytes});
    }
    [[nodiscard]] Opened open(View bytes, std::size_t cut = SIZE_MAX) const { return open(bytes, image.size(), cut); }
    [[nodiscard]] Opened open(View bytes, std::uint64_t output_bytes_max, std::size_t cut) const {
        const OutputLimit limit{output_bytes_max, window_bytes};
        return GetParam() == Kind::gzip ? open_with<GzipReader>(bytes, limit, gzip_workspace_bytes(), cut)
                                        : open_with<ZstdReader>(bytes, limit, zstd_workspace_bytes(window_bytes), cut);
    }
};

TEST_P(Readers, GiveBackWhatWasCompressedHoweverItIsCut) {
    const Bytes small = compressed(image);
    EXPECT_LT(small.size(), image.size() / 2);
    for (const std::size_t cut : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000}, small.size()}) {
        const Opened opened = open(small, cut);
        ASSERT_TRUE(opened.result) << opened.result.error().str() << ", cut " << cut;
        EXPECT_EQ(opened.bytes, image) << cut;
        EXPECT_LE(opened.largest, output_piece_bytes);
        EXPECT_EQ(opened.finished, 1);
    }
}

TEST_P(Readers, OpenAnImageOfNoAndOfOneByte) {
    for (const Bytes& tiny : {Bytes{}, Bytes{42}}) {
        const Opened opened = open(compressed(tiny));
        ASSERT_TRUE(opened.result) << opened.result.error().str();
        EXPECT_EQ(opened.bytes, tiny);
    }
}

TEST_P(Readers, EndABombWhereItBecomesLargerThanAnnounced) {
    const Bytes bomb = compressed(Bytes(10'000'000));
    EXPECT_LT(bomb.size(), 20'000U);
    const Opened opened = open(bomb, 5000, SIZE_MAX);
    EXPECT_TRUE(opened.result.error().is(faults::too_large));
    EXPECT_LE(opened.bytes.size(), 5000U);
    EXPECT_EQ(opened.finished, 0);
    EXPECT_TRUE(open(compressed(image), image.size() - 1, SIZE_MAX).result.error().is(faults::too_large));
}

TEST_P(Readers, NoticeEveryTruncation) {
    const Bytes small = compressed(Bytes(View(image).first(300).begin(), View(image).first(300).end()));
    for (std::size_t size = 0; size < small.size(); ++size) {
        const Opened opened = open(View(small).first(size));
        ASSERT_FALSE(opened.result) << size;
        EXPECT_TRUE(opened.result.error().is(faults::truncated)) << opened.result.error().str();
    }
}

TEST_P(Readers, RefuseBytesBehindTheEnd) {
    Bytes twice = compressed(image);
    const Bytes once = twice;
    twice.insert(twice.end(), once.begin(), once.end());
    EXPECT_TRUE(open(twice, 2 * image.size(), SIZE_MAX).result.error().is(faults::trailing_bytes)) << "a second member";
    Bytes longer = once;
    longer.push_back(0);
    EXPECT_TRUE(open(longer).result.error().is(faults::trailing_bytes));
    EXPECT_TRUE(open(longer, 1).result.error().is(faults::trailing_bytes));
}

// A byte may be of no importance (gzip's time and system): then what comes out is still what went in.
TEST_P(Readers, NoticeEveryChangedByteThatMatters) {
    const Bytes part(image.begin(), image.begin() + 3000);
    Bytes small = compressed(part);
    std::size_t refused = 0;
    for (std::size_t i = 0; i < small.size(); ++i) {
        small[i] ^= 0x41;
        const Opened opened = open(small);
        small[i] ^= 0x41;
        refused += opened.result ? 0 : 1;
        EXPECT_TRUE(!opened.result || opened.bytes == part) << "byte " << i;
    }
    EXPECT_GE(refused, small.size() - 7);
    Bytes wrong_sum = small;
    wrong_sum[small.size() - (GetParam() == Kind::gzip ? 8 : 1)] ^= 1;
    EXPECT_TRUE(open(wrong_sum).result.error().is(faults::damaged));
}

TEST_P(Readers, RefuseWhatIsNotCompressed) {
    const Opened opened = open(image);
    EXPECT_TRUE(opened.result.error().is(faults::damaged));
    EXPECT_TRUE(opened.bytes.empty());
}

TEST_P(Readers, WorkOnlyWithTheWholeWorkspace) {
    const Bytes small = compressed(image);
    const OutputLimit limit{image.size(), window_bytes};
    for (const std::size_t workspace_bytes : {0, 100, 6000, 20'000}) {
        const Opened opened = GetParam() == Kind::gzip ? open_with<GzipReader>(small, limit, workspace_bytes, 100)
                                                       : open_with<ZstdReader>(small, limit, workspace_bytes, 100);
        EXPECT_TRUE(opened.result.error().is(faults::workspace_too_small)) << opened.result.error().str();
    }
}

TEST_P(Readers, WorkInStorageThatIsNotAligned) {
    const Bytes small = compressed(image);
    const OutputLimit limit{image.size(), window_bytes};
    for (const std::size_t off : {1, 3, 8}) {
        const std::size_t needed =
            GetParam() == Kind::gzip ? gzip_workspace_bytes() : zstd_workspace_bytes(window_bytes);
        Bytes storage(off + needed);
        Collected collected;
        const Room workspace = Room(storage).subspan(off);
        if (GetParam() == Kind::gzip) {
            GzipReader reader(workspace, limit, collected);
            ASSERT_TRUE(reader.push(small) && reader.finish()) << off;
        } else {
            ZstdReader reader(workspace, limit, collected);
            ASSERT_TRUE(reader.push(small) && reader.finish()) << off;
        }
        EXPECT_EQ(collected.bytes, image) << off;
    }
}

TEST(GzipReader, NeedsLittleMemoryForASmallWindow) {
    const Bytes image = image_of(50'000);
    for (const std::uint32_t window : {512U, 1024U, 4096U}) {
        const Bytes small = *gzip(image, {.window_bytes = window});
        Bytes workspace(gzip_workspace_bytes(window));
        Collected collected;
        GzipReader reader(workspace, {image.size()}, collected, window);
        ASSERT_TRUE(reader.push(small) && reader.finish()) << window;
        EXPECT_EQ(collected.bytes, image);
    }
    Bytes far(12'000);
    std::mt19937 random(7);
    for (std::size_t i = 0; i < 6000; ++i) far[i] = far[i + 6000] = static_cast<std::uint8_t>(random());
    Bytes workspace(gzip_workspace_bytes(512));
    Collected collected;
    GzipReader reader(workspace, {far.size()}, collected, 512);
    const auto opened = reader.push(*gzip(far));
    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().is(faults::damaged)) << "made with another window";
}

INSTANTIATE_TEST_SUITE_P(Formats, Readers, testing::Values(Kind::gzip, Kind::zstd),
                         [](const auto& kind) { return kind.param == Kind::gzip ? "gzip" : "zstd"; });

Result<void> open_zstd(View bytes, std::uint64_t output_bytes_max, std::uint32_t window) {
    return open_with<ZstdReader>(bytes, {output_bytes_max, window}, zstd_workspace_bytes(window), SIZE_MAX).result;
}

TEST(ZstdReader, RefusesALargerWindowThanItHasRoomFor) {
    const Bytes image = image_of(50'000);
    const Bytes wide = *zstd(image, {.window_bytes = 16384});
    EXPECT_TRUE(open_zstd(wide, image.size(), 4096).error().is(faults::window_too_large));
    EXPECT_TRUE(open_zstd(wide, image.size(), 16384));
    EXPECT_TRUE(open_zstd(wide, image.size(), 20000)) << "no power of two";
    EXPECT_TRUE(open_zstd(*zstd(image), image.size(), 4096).error().is(faults::window_too_large));
}

TEST(ZstdReader, RefusesDictionariesAndFramesToBeSkipped) {
    // RFC 8878 §3.1.1.1: magic, descriptor (single segment, dictionary id of one byte), id 7, content size 1, one raw
    // last block of one byte.
    const Bytes dictionary{0x28, 0xB5, 0x2F, 0xFD, 0x21, 0x07, 0x01, 0x09, 0x00, 0x00, 0x42};
    const auto refused = open_zstd(dictionary, 10, 4096);
    EXPECT_TRUE(refused.error().is(faults::damaged));
    EXPECT_EQ(refused.error().detail(), "it needs a dictionary");
    const Bytes none{0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x01, 0x09, 0x00, 0x00, 0x42};
    EXPECT_TRUE(open_zstd(none, 10, 4096));
    const Bytes skipped{0x50, 0x2A, 0x4D, 0x18, 0x01, 0x00, 0x00, 0x00, 0x00};  // §3.1.2
    EXPECT_EQ(open_zstd(skipped, 10, 4096).error().detail(), "a frame to be skipped");
}

TEST(ZstdReader, RefusesATooLargeFrameAtItsHeader) {
    const Bytes frame = *zstd(image_of(50'000), {.window_bytes = 4096});
    Bytes workspace(zstd_workspace_bytes(4096));
    Collected collected;
    ZstdReader reader(workspace, {49'999, 4096}, collected);
    EXPECT_TRUE(reader.push(View(frame).first(18)).error().is(faults::too_large));
    EXPECT_TRUE(collected.bytes.empty());
}

TEST(ZstdReader, NeedsLittleMemory) {
    EXPECT_LE(zstd_workspace_bytes(4096), 128U * 1024);
    EXPECT_LE(zstd_workspace_bytes(65536), 104U * 1024 + 4 * 65536);
}

TEST(GzipReader, TakesAHeaderWithANameAndATime) {
    // RFC 1952 §2.3: flags FNAME, a time, "a", a stored block of one byte 0x42, its CRC-32 and size.
    const Bytes named{0x1F, 0x8B, 0x08, 0x08, 1,    2,    3,    4,    0,    3, 'a', 0, 0x01,
                      0x01, 0x00, 0xFE, 0xFF, 0x42, 0x31, 0xCF, 0xD0, 0x4A, 1, 0,   0, 0};
    const Opened opened = open_with<GzipReader>(named, {10}, gzip_workspace_bytes(), SIZE_MAX);
    ASSERT_TRUE(opened.result) << opened.result.error().str();
    EXPECT_EQ(opened.bytes, Bytes{0x42});
}

class Refusing final : public ByteSink {
public:
    Result<void> push(View) override { return fail(faults::damaged, "the sink"); }
    Result<void> finish() override { return {}; }
};

TEST(GzipReader, GivesOnTheFaultOfItsSink) {
    Bytes workspace(gzip_workspace_bytes());
    Refusing refusing;
    GzipReader reader(workspace, {100'000}, refusing);
    EXPECT_EQ(reader.push(*gzip(image_of(50'000))).error().detail(), "the sink");
    EXPECT_EQ(reader.finish().error().detail(), "the sink");
}

}  // namespace
}  // namespace pitstop::compress
