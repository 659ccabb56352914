#include "apps/bus/recorder.h"

#include "apps/bus/faults.h"

#include <format>

namespace pitstop::bus {
namespace {

constexpr std::uint32_t magic_nanoseconds = 0xA1B23C4D;
constexpr std::uint32_t linktype_can_socketcan = 227;
constexpr std::uint32_t flag_extended = 0x8000'0000;
constexpr std::uint8_t flag_brs = 1, flag_fd = 4;
constexpr std::size_t can_head_size_bytes = 8;

// Of linux/can/error.h: an error frame; a protocol violation, seen as a bus error; a bit stuffing error.
constexpr std::uint32_t flag_error = 0x2000'0000, class_protocol = 0x08, class_bus_error = 0x80;
constexpr std::uint8_t protocol_stuff = 0x04;
constexpr std::size_t error_size_bytes = 8;

template <class T>
void put_le(Bytes& bytes, T value) {
    bytes.resize(bytes.size() + sizeof(T));
    store_le<T>(bytes.data() + bytes.size() - sizeof(T), value);
}

Bytes record(Nanos since_1970, std::uint32_t id, std::uint8_t flags, View payload) {
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    const auto size = static_cast<std::uint32_t>(can_head_size_bytes + payload.size());
    Bytes bytes;
    put_le<std::uint32_t>(bytes, static_cast<std::uint32_t>(since_1970.count() / ns_per_s));
    put_le<std::uint32_t>(bytes, static_cast<std::uint32_t>(since_1970.count() % ns_per_s));
    put_le<std::uint32_t>(bytes, size);
    put_le<std::uint32_t>(bytes, size);
    std::array<std::uint8_t, can_head_size_bytes> head{};
    store_be<std::uint32_t>(head.data(), id);
    head[4] = static_cast<std::uint8_t>(payload.size());
    head[5] = flags;
    bytes.insert(bytes.end(), head.begin(), head.end());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

}  // namespace

Bytes pcap_header() {
    Bytes bytes;
    put_le<std::uint32_t>(bytes, magic_nanoseconds);
    put_le<std::uint16_t>(bytes, 2);
    put_le<std::uint16_t>(bytes, 4);
    put_le<std::uint32_t>(bytes, 0);
    put_le<std::uint32_t>(bytes, 0);
    put_le<std::uint32_t>(bytes, can_head_size_bytes + isotp::fd_size_bytes_max);
    put_le<std::uint32_t>(bytes, linktype_can_socketcan);
    return bytes;
}

Bytes pcap_record(const isotp::CanFrame& frame, Nanos since_1970) {
    const auto flags = static_cast<std::uint8_t>((frame.fd ? flag_fd : 0) | (frame.brs ? flag_brs : 0));
    return record(since_1970, frame.id.value | (frame.id.extended ? flag_extended : 0), flags, frame.payload());
}

Bytes pcap_error_record(Nanos since_1970) {
    const std::array<std::uint8_t, error_size_bytes> what{0, 0, protocol_stuff};
    return record(since_1970, flag_error | class_protocol | class_bus_error, 0, what);
}

Result<Recorder> Recorder::open(const std::filesystem::path& file, Nanos offset) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    const Bytes header = pcap_header();
    out << text_of(header);
    if (!out.flush()) return fail(faults::not_recording, std::format("{}: cannot be written", file.string()));
    return Recorder(file, std::move(out), offset);
}

void Recorder::write(const Passed& passed) {
    const Nanos when = passed.end + offset_;
    if (passed.fate != Fate::destroyed) out_ << text_of(pcap_record(passed.frame, when));
    if (passed.fate != Fate::passes) out_ << text_of(pcap_error_record(when));
}

Result<void> Recorder::flush() {
    if (!out_.flush()) return fail(faults::not_recording, std::format("{}: cannot be written", file_.string()));
    return {};
}

}  // namespace pitstop::bus
