#include "core/image/s_record.h"

#include "core/image/faults.h"
#include "core/image/record_lines.h"

#include <array>
#include <format>

namespace pitstop::image {
namespace {

// By the digit behind the 'S'. S4 is reserved.
struct Kind {
    enum Role : std::uint8_t { none, title, data, count, end } role;
    std::size_t address_bytes;
};
constexpr std::array<Kind, 10> kinds{{{Kind::title, 2},
                                      {Kind::data, 2},
                                      {Kind::data, 3},
                                      {Kind::data, 4},
                                      {Kind::none, 0},
                                      {Kind::count, 2},
                                      {Kind::count, 3},
                                      {Kind::end, 4},
                                      {Kind::end, 3},
                                      {Kind::end, 2}}};

bool has_mark(std::string_view line) { return line.size() > 1 && line[0] == 'S' && line[1] >= '0' && line[1] <= '9'; }
// To the last digit.
bool is_record(std::string_view line) {
    if (!has_mark(line)) return false;
    const auto record = RecordBytes::from(line.substr(2));
    return record && !record->view().empty() && record->view().size() == std::size_t{1} + record->view()[0] &&
           record->sum() == 0xFF;
}

class SReader {
public:
    Result<void> take(std::string_view line, std::size_t number) {
        const auto broken = [&](std::string_view why) {
            return fail(faults::broken_records, std::format("line {}: {}", number, why));
        };
        if (ended_) return broken("behind the end record");
        if (!has_mark(line)) return broken("no S and digit");
        const Kind kind = kinds[static_cast<std::size_t>(line[1] - '0')];
        const auto record = RecordBytes::from(line.substr(2));
        if (!record) return broken("not pairs of hexadecimal digits");
        const View bytes = record->view();
        if (kind.role == Kind::none) return broken("S4 is reserved");
        if (bytes.size() < kind.address_bytes + 2 || bytes.size() != std::size_t{1} + bytes[0])
            return broken("its count is wrong");
        if (record->sum() != 0xFF) return fail(faults::wrong_checksum, std::format("line {}", number));
        std::uint64_t address = 0;
        for (const std::uint8_t byte : bytes.subspan(1, kind.address_bytes)) address = address << 8 | byte;
        const View content = bytes.subspan(1 + kind.address_bytes, bytes.size() - kind.address_bytes - 2);
        if (kind.role == Kind::data) {
            ++records_;
            if (address + content.size() > std::uint64_t{1} << (8 * kind.address_bytes))
                return fail(faults::address_overflow, std::format("line {}", number));
            return segments_.add(address, content);
        }
        if (kind.role != Kind::title && !content.empty()) return broken("data where none belongs");
        if (kind.role == Kind::count && address != records_)
            return broken(std::format("{} data records, it counts {}", records_, address));
        ended_ = kind.role == Kind::end;
        return {};
    }

    Result<std::vector<Segment>> finish() {
        if (!ended_) return fail(faults::broken_records, "the end record is missing");
        return segments_.finish();
    }

private:
    SegmentList segments_;
    std::uint64_t records_ = 0;
    bool ended_ = false;
};

}  // namespace

bool looks_like_s_records(View file) { return looks_like_records(file, {2, has_mark, is_record}); }

Result<std::vector<Segment>> s_record_segments(View file) {
    RecordLines lines(text_of(file));
    SReader reader;
    while (const auto line = lines.next()) ENSURE(reader.take(*line, lines.number()));
    return reader.finish();
}

}  // namespace pitstop::image
