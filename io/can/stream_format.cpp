#include "io/can/stream_format.h"

#include "io/can/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::io::can {
namespace {

constexpr std::string_view magic = "PBUS";
constexpr std::uint8_t kind_frame = 1, kind_confirmation = 2;
constexpr std::uint8_t flag_extended = 1, flag_fd = 2, flag_brs = 4;

BusTime time_in(View head) { return BusTime(static_cast<std::int64_t>(load_be<std::uint64_t>(head.data() + 8))); }

void append_head(Bytes& stream, std::array<std::uint8_t, record_head_size_bytes> head, BusTime time) {
    store_be<std::uint64_t>(head.data() + 8, static_cast<std::uint64_t>(time.count()));
    stream.insert(stream.end(), head.begin(), head.end());
}

Result<std::optional<RecordRead>> read_frame(View bytes) {
    if (bytes[1] > (flag_extended | flag_fd | flag_brs)) return fail(faults::bad_stream, "unknown flags in a frame");
    CanFrame frame;
    frame.id = {load_be<std::uint32_t>(bytes.data() + 4), (bytes[1] & flag_extended) != 0};
    frame.fd = (bytes[1] & flag_fd) != 0;
    frame.brs = (bytes[1] & flag_brs) != 0;
    frame.size = bytes[2];
    if (auto checked = isotp::check(frame); !checked) return fail(faults::bad_stream, checked.error().detail());
    if (bytes.size() < record_head_size_bytes + frame.size) return std::nullopt;
    std::ranges::copy(bytes.subspan(record_head_size_bytes, frame.size), frame.data.begin());
    return RecordRead{TimedFrame{frame, time_in(bytes)}, record_head_size_bytes + frame.size};
}

}  // namespace

std::array<std::uint8_t, hello_size_bytes> write_hello(std::uint8_t depth) {
    std::array<std::uint8_t, hello_size_bytes> bytes{};
    std::ranges::copy(magic, bytes.begin());
    bytes[4] = format_version;
    bytes[5] = depth;
    return bytes;
}

Result<std::uint8_t> read_hello(View bytes) {
    if (bytes.size() != hello_size_bytes || text_of(bytes.first(4)) != magic)
        return fail(faults::bad_stream, "no hello of a CAN bus");
    if (bytes[4] != format_version)
        return fail(faults::wrong_version, std::format("version {}, ours is {}", bytes[4], format_version));
    if (bytes[6] != 0 || bytes[7] != 0) return fail(faults::bad_stream, "reserved bytes of the hello are not zero");
    return bytes[5];
}

void append(Bytes& stream, const TimedFrame& timed) {
    const CanFrame& frame = timed.frame;
    std::array<std::uint8_t, record_head_size_bytes> head{};
    head[0] = kind_frame;
    head[1] = static_cast<std::uint8_t>((frame.id.extended ? flag_extended : 0) | (frame.fd ? flag_fd : 0) |
                                        (frame.brs ? flag_brs : 0));
    head[2] = frame.size;
    store_be<std::uint32_t>(head.data() + 4, frame.id.value);
    append_head(stream, head, timed.time);
    const View payload = frame.payload();
    stream.insert(stream.end(), payload.begin(), payload.end());
}

void append(Bytes& stream, Confirmation confirmation) {
    append_head(stream, {kind_confirmation, confirmation.count}, confirmation.time);
}

Result<std::optional<RecordRead>> read_record(View bytes) {
    if (bytes.size() < record_head_size_bytes) return std::nullopt;
    if (bytes[3] != 0) return fail(faults::bad_stream, "a reserved byte is not zero");
    if (bytes[0] == kind_frame) return read_frame(bytes);
    if (bytes[0] != kind_confirmation) return fail(faults::bad_stream, std::format("a record of kind {}", bytes[0]));
    if (bytes[1] == 0 || bytes[2] != 0 || load_be<std::uint32_t>(bytes.data() + 4) != 0)
        return fail(faults::bad_stream, "a confirmation that confirms nothing, or carries more than a number");
    return RecordRead{Confirmation{bytes[1], time_in(bytes)}, record_head_size_bytes};
}

}  // namespace pitstop::io::can
