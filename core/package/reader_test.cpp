#include "core/package/reader.h"
#include "core/package/faults.h"
#include "core/package/writer.h"

#include <gtest/gtest.h>

namespace pitstop::package {
namespace {

struct Collector final : RecordSink {
    std::vector<Header> headers;
    std::vector<Bytes> payloads;
    std::size_t ended = 0;
    const Fault* refuse_header = nullptr;

    Result<void> on_header(const Header& header) override {
        if (refuse_header) return fail(*refuse_header);
        headers.push_back(header);
        payloads.emplace_back();
        return {};
    }
    Result<void> on_payload(View piece) override {
        payloads.back().insert(payloads.back().end(), piece.begin(), piece.end());
        return {};
    }
    Result<void> on_end() override {
        ++ended;
        return {};
    }
};

Bytes payload_of(std::uint32_t number) { return Bytes(100 + number * 37, static_cast<std::uint8_t>(number)); }

Bytes record(std::uint32_t number) {
    const Bytes payload = payload_of(number);
    const HeaderBytes header = *header_for(
        {.target = *EcuId::from_number(number + 1), .version = {1, 0, 0, 0}, .sequence_number = number}, payload);
    Bytes bytes(header.begin(), header.end());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

Bytes records(std::initializer_list<std::uint32_t> numbers) {
    Bytes all;
    for (const std::uint32_t number : numbers) {
        const Bytes one = record(number);
        all.insert(all.end(), one.begin(), one.end());
    }
    return all;
}

Result<void> read_all(View bytes, RecordSink& sink, ReaderLimits limits = {}) {
    Reader reader(sink, limits);
    ENSURE(reader.push(bytes));
    return reader.finish();
}

TEST(Reader, RefusesAPackageThatIsCutAnywhere) {
    const Bytes bytes = records({0, 1});
    const std::size_t first = record(0).size();
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        if (size == first) continue;
        Collector sink;
        const auto read = read_all(View(bytes).first(size), sink);
        ASSERT_FALSE(read) << size;
        EXPECT_TRUE(read.error().is(faults::truncated)) << size;
    }
}

TEST(Reader, RefusesAPackageWithoutRecords) {
    Collector sink;
    EXPECT_TRUE(read_all({}, sink).error().is(faults::no_records));
}

TEST(Reader, RefusesARecordThatClaimsMoreThanIsThere) {
    Bytes bytes = record(0);
    store_le<std::uint32_t>(bytes.data() + 8, 101);
    store_le<std::uint32_t>(bytes.data() + 12, 101);
    Collector sink;
    EXPECT_TRUE(read_all(bytes, sink).error().is(faults::truncated));
    EXPECT_EQ(sink.ended, 0U);
}

TEST(Reader, RefusesAnythingBehindTheLastRecord) {
    Bytes bytes = records({0, 1});
    Collector sink;
    EXPECT_TRUE(read_all(bytes, sink, {.records_max = 1}).error().is(faults::too_many_records));
    EXPECT_EQ(sink.ended, 1U);
    bytes.push_back(0);
    Collector again;
    EXPECT_TRUE(read_all(bytes, again, {.records_max = 2}).error().is(faults::too_many_records));
}

TEST(Reader, RefusesARecordThatIsTooLargeBeforeAnyOfIt) {
    Collector sink;
    EXPECT_TRUE(read_all(record(0), sink, {.payload_size_bytes_max = 99}).error().is(faults::record_too_large));
    EXPECT_TRUE(sink.headers.empty());
}

TEST(Reader, RefusesAnImageThatUnpacksToTooMuch) {
    Bytes bytes = record(0);
    bytes[7] = 2;
    store_le<std::uint32_t>(bytes.data() + 12, 5000);
    Collector sink;
    EXPECT_TRUE(read_all(bytes, sink, {.payload_size_bytes_max = 4999}).error().is(faults::record_too_large));
}

TEST(Reader, NoticesEveryFlippedBitOfThePayload) {
    const Bytes bytes = record(0);
    for (std::size_t at = header_size_bytes; at < bytes.size(); ++at) {
        Bytes flipped = bytes;
        flipped[at] ^= 0x10;
        Collector sink;
        EXPECT_TRUE(read_all(flipped, sink).error().is(faults::wrong_crc)) << at;
        EXPECT_EQ(sink.ended, 0U);
    }
}

TEST(Reader, RefusesRecordsOutOfOrder) {
    for (const auto& numbers : {std::initializer_list<std::uint32_t>{1, 0}, {2, 2}}) {
        Collector sink;
        EXPECT_TRUE(read_all(records(numbers), sink).error().is(faults::wrong_order));
        EXPECT_EQ(sink.ended, 1U);
    }
}

TEST(Reader, RefusesSizesAtTheEdgesOfTwoAndFourGibibytes) {
    for (const std::uint32_t size : {0x7FFF'FFFFU, 0x8000'0000U, 0xFFFF'FFFFU}) {
        Bytes bytes = record(0);
        store_le<std::uint32_t>(bytes.data() + 8, size);
        store_le<std::uint32_t>(bytes.data() + 12, size);
        Collector sink;
        EXPECT_TRUE(read_all(bytes, sink).error().is(faults::record_too_large)) << size;
        EXPECT_TRUE(sink.headers.empty());
        // A receiver with more room waits for all of it, and holds none of it.
        EXPECT_TRUE(read_all(bytes, sink, {.payload_size_bytes_max = size}).error().is(faults::truncated)) << size;
        EXPECT_EQ(sink.ended, 0U);
    }
}

TEST(Reader, RefusesAnEarlierRecordWhereItResumes) {
    Collector sink;
    Reader reader(sink, {}, {.position_bytes = 500, .records = 2, .last_sequence_number = 4});
    EXPECT_TRUE(reader.push(record(4)).error().is(faults::wrong_order));
    Reader full(sink, {.records_max = 2}, {.position_bytes = 500, .records = 2, .last_sequence_number = 4});
    EXPECT_TRUE(full.push(record(5)).error().is(faults::too_many_records));
}

TEST(Reader, StaysRefusedAfterAnError) {
    Collector sink;
    Reader reader(sink);
    Bytes bad = record(0);
    bad[0] = 0;
    EXPECT_TRUE(reader.push(bad).error().is(faults::not_a_record));
    EXPECT_TRUE(reader.push(record(0)).error().is(faults::not_a_record));
    EXPECT_TRUE(reader.finish().error().is(faults::not_a_record));
    EXPECT_TRUE(sink.headers.empty());
}

TEST(Reader, PassesOnWhatItsSinkRefuses) {
    Collector sink;
    sink.refuse_header = &faults::record_too_large;
    EXPECT_TRUE(read_all(record(0), sink).error().is(faults::record_too_large));
}

TEST(Reader, GoesOnAtAnyRecordBehindFourGibibytesToo) {
    const Bytes bytes = records({0, 2, 5});
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        Collector before, after;
        Reader broken_off(before);
        ASSERT_TRUE(broken_off.push(View(bytes).first(cut)));
        const ResumePoint from = broken_off.resume_point();
        ASSERT_LE(from.position_bytes, cut);
        Reader resumed(after, {}, from);
        ASSERT_TRUE(resumed.push(View(bytes).subspan(from.position_bytes)));
        ASSERT_TRUE(resumed.finish());
        EXPECT_EQ(resumed.resume_point(), (ResumePoint{bytes.size(), 3, 5}));
        EXPECT_EQ(before.ended + after.ended, 3U);
    }
    constexpr std::uint64_t far_bytes = std::uint64_t{5} << 30;
    Collector sink;
    Reader reader(sink, {}, {.position_bytes = far_bytes, .records = 6, .last_sequence_number = 8});
    ASSERT_TRUE(reader.push(record(9)));
    EXPECT_EQ(reader.position_bytes(), far_bytes + record(9).size());
}

TEST(Reader, GivesTheSameHoweverTheBytesAreCut) {
    const Bytes bytes = records({0, 2, 5});  // a zone's part of a package keeps the numbers of the whole
    for (std::size_t step = 1; step <= bytes.size(); step += step < 70 ? 1 : 61) {
        Collector sink;
        Reader reader(sink);
        for (std::size_t at = 0; at < bytes.size(); at += step)
            ASSERT_TRUE(reader.push(View(bytes).subspan(at, std::min(step, bytes.size() - at))));
        ASSERT_TRUE(reader.finish());
        EXPECT_EQ(reader.records(), 3U);
        EXPECT_EQ(reader.position_bytes(), bytes.size());
        EXPECT_EQ(sink.ended, 3U);
        EXPECT_EQ(sink.payloads, (std::vector<Bytes>{payload_of(0), payload_of(2), payload_of(5)}));
        EXPECT_EQ(sink.headers[2].target.ecu()->number(), 6);
    }
}

}  // namespace
}  // namespace pitstop::package
