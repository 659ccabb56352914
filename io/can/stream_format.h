// What a node and pitstop-bus say to each other over a stream socket, to the byte. Integers are big endian.
//
// Hello, 8 bytes, once in each direction, the node first:
//     0  "PBUS"     4 bytes
//     4  version    1 byte, 2
//     5  depth      from the bus: how many frames a node may have sent without confirmation, 1 to 255; from a node: 0
//     6  zero       2 bytes
// Then records with a head of 16 bytes, in both directions:
//     0  kind       1 frame; 2 confirmation (from the bus only)
//     1  flags      of a frame: bit 0 extended identifier, bit 1 FD, bit 2 bit rate switch, others zero
//                   of a confirmation: how many of this node's frames were on the bus, oldest first, 1 to 255
//     2  size       of a frame: payload bytes, one of the sizes of the DLC table; of a confirmation: 0
//     3  zero       1 byte
//     4  id         u32, 11 or 29 bits; of a confirmation: 0
//     8  time       u64, nanoseconds of the machine's monotonic clock. From the bus: when the last bit had passed (of a
//                   confirmation: of the last of its frames). From a node: since when the frame has waited to be sent
//     16 payload    `size` bytes
// A node that has `depth` frames unconfirmed waits: that is the back-pressure of a busy bus. Whoever breaks the format
// is disconnected.
//
// Why times: both ends are processes of one machine that are woken when it suits the machine. What a frame caused is
// offered with the frame's own time, so that the bus behaves as if every node reacted at once and a busy machine costs
// no bus time.
#pragma once

#include "core/base/bytes.h"
#include "core/isotp/can_frame.h"

#include <array>
#include <chrono>
#include <optional>
#include <variant>

namespace pitstop::io::can {

using isotp::CanFrame;
using isotp::CanId;

inline constexpr std::size_t hello_size_bytes = 8;
inline constexpr std::size_t record_head_size_bytes = 16;
inline constexpr std::size_t record_size_bytes_max = record_head_size_bytes + isotp::fd_size_bytes_max;
inline constexpr std::uint8_t format_version = 2;

using BusTime = std::chrono::nanoseconds;  // of the machine's monotonic clock

struct TimedFrame {
    CanFrame frame;
    BusTime time{0};
};
struct Confirmation {
    std::uint8_t count = 1;
    BusTime time{0};
};
using Record = std::variant<TimedFrame, Confirmation>;

struct RecordRead {
    Record record;
    std::size_t size_bytes = 0;  // what it took from the front of the bytes
};

[[nodiscard]] std::array<std::uint8_t, hello_size_bytes> write_hello(std::uint8_t depth);
[[nodiscard]] Result<std::uint8_t> read_hello(View bytes);  // the depth; can.bad-stream, can.wrong-version

void append(Bytes& stream, const TimedFrame& frame);
void append(Bytes& stream, Confirmation confirmation);

// nullopt: the record is not complete yet. can.bad-stream: it never will be one.
[[nodiscard]] Result<std::optional<RecordRead>> read_record(View bytes);

}  // namespace pitstop::io::can
