// What third-party tools say to a CAN bus over TCP, and hear from it: the text protocol of socketcand, as far as its
// raw mode needs it.
//
//     < hi >                                   the greeting
//     < open can0 >            < ok >          or < error could not open bus >
//     < rawmode >              < ok >          from now on every frame of the bus is told
//     < bcmmode >              < ok >          not any more
//     < echo >                 < echo >
//     < send 7DF 2 3e 80 >                     identifier (8 digits: extended), bytes, each byte
//     < fdsend 7DF 1 12 0 … >                  the same for CAN FD, with flags: 1 is the bit rate switch
//     < frame 7DF 23.424242 3E80 >             identifier, seconds since 1970, bytes
//     < fdframe 7DF 05 23.424242 3E80… >
//     < error unknown command >                for anything else
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/isotp/can_frame.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pitstop::io::can::socketcand {

inline constexpr std::string_view greeting = "< hi >", ok = "< ok >", echo = "< echo >",
                                  unknown_command = "< error unknown command >",
                                  could_not_open = "< error could not open bus >";

// The longest is fdsend with 64 bytes, some 220 characters; whoever needs more writes no protocol.
inline constexpr std::size_t command_size_bytes_max = 512;

struct Open {
    std::string bus;
};
struct RawMode {};
struct BcmMode {};
struct Echo {};
struct Send {
    isotp::CanFrame frame;
};
struct Unknown {};
using Command = std::variant<Open, RawMode, BcmMode, Echo, Send, Unknown>;

struct CommandRead {
    Command command;
    std::size_t size_bytes = 0;  // what it took from the front of the bytes
};

// nullopt: not complete yet. can.bad-stream: longer than any command.
[[nodiscard]] Result<std::optional<CommandRead>> read_command(View bytes);

[[nodiscard]] std::string line_of(const isotp::CanFrame& frame, std::chrono::microseconds since_1970);

}  // namespace pitstop::io::can::socketcand
