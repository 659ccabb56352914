// Reads a sequence of SWPG records as the bytes arrive: a full package, a zone's package or one ECU's record.
//
//     Reader reader(sink, {.records_max = 1});
//     while (...) ENSURE(reader.push(chunk));   // any cut, down to single bytes
//     ENSURE(reader.finish());
//
// The sink gets each header checked, then the payload in pieces that point into what was pushed, then on_end once the
// CRC was right. Until on_end a sink must be able to throw away what it got. After an error the reader gives the same
// error again. ECU profile: no heap, one header's worth of storage.
//
// A reader may begin at any record: it is told what came before (resume_point() of the one that broke off, or a
// record's offset in campaign_metadata.json), and the first byte pushed is that record's first.
//
// Faults: those of header.h; package.truncated, no-records, too-many-records, record-too-large, wrong-crc, wrong-order;
// whatever the sink returns.
#pragma once

#include "core/package/crc32.h"
#include "core/package/header.h"

#include <cstdint>
#include <optional>

namespace pitstop::package {

class RecordSink {
public:
    virtual Result<void> on_header(const Header& header) = 0;
    virtual Result<void> on_payload(View piece) = 0;
    virtual Result<void> on_end() = 0;

protected:
    ~RecordSink() = default;  // never deleted through this class: firmware has no operator delete
};

struct ReaderLimits {
    std::uint32_t records_max = 101;  // a vehicle's 100 ECUs and its gateway, each named once
    std::uint32_t payload_size_bytes_max = std::uint32_t{1} << 30;  // the largest image that is taken at the desk
};

// Between two records.
struct ResumePoint {
    std::uint64_t position_bytes = 0;                                  // where the next record begins
    std::uint32_t records = 0;                                         // complete ones before it
    std::optional<std::uint32_t> last_sequence_number = std::nullopt;  // of the record before it
    bool operator==(const ResumePoint&) const = default;
};

class Reader {
public:
    explicit Reader(RecordSink& sink, ReaderLimits limits = {}, const ResumePoint& from = {})
        : sink_(sink),
          limits_(limits),
          resume_(from),
          position_(from.position_bytes) {}

    [[nodiscard]] Result<void> push(View bytes);
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] std::uint32_t records() const { return resume_.records; }    // complete ones
    [[nodiscard]] std::uint64_t position_bytes() const { return position_; }   // consumed so far
    [[nodiscard]] const ResumePoint& resume_point() const { return resume_; }  // behind the last complete record

private:
    [[nodiscard]] Result<void> take(View& bytes);
    [[nodiscard]] Result<void> take_header(View& bytes);
    [[nodiscard]] Result<void> take_payload(View& bytes);
    [[nodiscard]] Result<void> begin_record();
    [[nodiscard]] Result<void> end_record();

    RecordSink& sink_;
    ReaderLimits limits_;
    HeaderBytes header_bytes_{};
    std::size_t header_filled_ = 0;
    std::optional<Header> current_;  // its payload is under way
    std::uint32_t payload_left_bytes_ = 0;
    ResumePoint resume_;
    std::uint64_t position_ = 0;
    Crc32 crc_;
    std::optional<Error> failed_;
};

}  // namespace pitstop::package
