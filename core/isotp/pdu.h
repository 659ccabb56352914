// The four protocol data units of ISO 15765-2 (clause 9) in one CAN frame each: reading what came, writing what goes.
//
// `read` trusts no length: a PDU that the standard says to ignore (clause 9.6: wrong SF_DL, FF_DL, DLC, reserved type)
// comes back as std::nullopt. Payloads are views into the frame. Where the address has a byte of the data (extended and
// mixed addressing), it stands before the PCI and every size is one smaller. ECU profile.
#pragma once

#include "core/base/bytes.h"
#include "core/isotp/addressing.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>

namespace pitstop::isotp {

inline constexpr std::size_t short_length_max = 4095;  // FF_DL of 12 bits; longer messages use the 32-bit escape

struct SingleFrame {
    View payload;
};
struct FirstFrame {
    std::uint32_t message_size = 0;
    std::uint8_t frame_size = 0;  // RX_DL: what the consecutive frames must have as well
    std::uint8_t part_size = 0;   // and so many bytes of the message in each of them
    View payload;
};
struct ConsecutiveFrame {
    std::uint8_t sequence = 0;  // 0 … 15
    View payload;               // with the padding of the last one
};

enum class FlowStatus : std::uint8_t { clear_to_send = 0, wait = 1, overflow = 2 };

struct FlowControl {
    std::uint8_t status = 0;  // FlowStatus, or a reserved value
    std::uint8_t block_size = 0;
    std::uint8_t separation_code = 0;
};

using Pdu = std::variant<SingleFrame, FirstFrame, ConsecutiveFrame, FlowControl>;

// `address_size`: FrameAddress::size_bytes() of its sender.
[[nodiscard]] std::optional<Pdu> read(const CanFrame& frame, std::size_t address_size = 0);

// STmin (clause 9.6.5.4): 0x00…0x7F milliseconds, 0xF1…0xF9 hundreds of microseconds, reserved values count as 127 ms.
[[nodiscard]] std::chrono::microseconds separation_time(std::uint8_t code);

// How this side's frames look: TX_DL, format and padding.
enum class Padding : std::uint8_t {
    to_eight,           // every frame has at least 8 bytes (what diagnostics on CAN requires, ISO 15765-4)
    only_where_needed,  // shorter frames where the payload is shorter
};
struct FrameForm {
    FrameAddress address;
    bool fd = false;
    bool brs = false;
    std::uint8_t frame_size = 8;  // TX_DL: 8 for classic; 8, 12, 16, 20, 24, 32, 48 or 64 for FD
    Padding padding = Padding::to_eight;
    std::uint8_t padding_byte = 0xCC;  // the default of clause 10.4.2: it causes the fewest stuff bits
};

// Bytes of the message in a single, a first and a consecutive frame of this form.
[[nodiscard]] std::size_t single_size_max(const FrameForm& form);
[[nodiscard]] std::size_t first_size(const FrameForm& form, std::size_t message_size);
[[nodiscard]] std::size_t consecutive_size_max(const FrameForm& form);

// `write` brings a payload that fits: cut by the three functions above.
[[nodiscard]] CanFrame write_single(const FrameForm& form, View payload);
[[nodiscard]] CanFrame write_first(const FrameForm& form, std::uint32_t message_size, View payload);
[[nodiscard]] CanFrame write_consecutive(const FrameForm& form, std::uint8_t sequence, View payload);
[[nodiscard]] CanFrame write_flow_control(const FrameForm& form, FlowStatus status, std::uint8_t block_size,
                                          std::uint8_t separation_code);

}  // namespace pitstop::isotp
