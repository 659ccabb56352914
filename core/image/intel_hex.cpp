#include "core/image/intel_hex.h"

#include "core/image/faults.h"
#include "core/image/record_lines.h"

#include <array>
#include <format>

namespace pitstop::image {
namespace {

constexpr std::uint64_t space_16_bytes = std::uint64_t{1} << 16, space_32_bytes = std::uint64_t{1} << 32;
constexpr std::size_t around_bytes = 5;  // length, address, type; and the checksum behind the data

enum Type : std::uint8_t { data = 0, end = 1, segment_base = 2, segment_start = 3, linear_base = 4, linear_start = 5 };
constexpr std::array<std::size_t, 6> sizes{0, 0, 2, 4, 2, 4};  // of all but data

bool has_mark(std::string_view line) { return line.starts_with(':'); }
bool has_its_length(View record) { return record.size() >= around_bytes && record.size() == around_bytes + record[0]; }
// To the last digit.
bool is_record(std::string_view line) {
    if (!has_mark(line)) return false;
    const auto record = RecordBytes::from(line.substr(1));
    return record && has_its_length(record->view()) && record->sum() == 0;
}

class HexReader {
public:
    Result<void> take(std::string_view line, std::size_t number) {
        const auto broken = [&](std::string_view why) {
            return fail(faults::broken_records, std::format("line {}: {}", number, why));
        };
        if (ended_) return broken("behind the end record");
        if (!has_mark(line)) return broken("it does not begin with ':'");
        const auto record = RecordBytes::from(line.substr(1));
        if (!record) return broken("not pairs of hexadecimal digits");
        const View bytes = record->view();
        if (!has_its_length(bytes)) return broken("its length is wrong");
        if (record->sum() != 0) return fail(faults::wrong_checksum, std::format("line {}", number));
        const std::uint8_t type = bytes[3];
        if (type > linear_start) return broken(std::format("type {} does not exist", type));
        const View content = bytes.subspan(4, bytes[0]);
        if (type != data && content.size() != sizes[type])
            return broken(std::format("type {} of another length", type));
        if (type == data) return take_data(load_be<std::uint16_t>(&bytes[1]), content, number);
        if (type == end) ended_ = true;
        if (type == segment_base || type == linear_base) {
            is_linear_ = type == linear_base;
            base_ = std::uint64_t{load_be<std::uint16_t>(content.data())} << (is_linear_ ? 16 : 4);
        }
        return {};
    }

    Result<std::vector<Segment>> finish() {
        if (!ended_) return fail(faults::broken_records, "the end record is missing");
        return segments_.finish();
    }

private:
    Result<void> take_data(std::uint16_t offset, View content, std::size_t number) {
        // In 32-bit addressing a record may run from one 64 KiB into the next, in 20-bit addressing it would wrap.
        const std::uint64_t room = is_linear_ ? space_32_bytes - base_ : space_16_bytes;
        if (offset + content.size() > room) return fail(faults::address_overflow, std::format("line {}", number));
        return segments_.add(base_ + offset, content);
    }

    SegmentList segments_;
    std::uint64_t base_ = 0;
    bool is_linear_ = true, ended_ = false;
};

}  // namespace

bool looks_like_intel_hex(View file) { return looks_like_records(file, {1, has_mark, is_record}); }

Result<std::vector<Segment>> intel_hex_segments(View file) {
    RecordLines lines(text_of(file));
    HexReader reader;
    while (const auto line = lines.next()) ENSURE(reader.take(*line, lines.number()));
    return reader.finish();
}

}  // namespace pitstop::image
