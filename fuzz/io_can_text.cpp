// io/can: what third-party tools say in socketcand's text protocol. Input: the bytes of a connection.
#include "fuzz/property.h"
#include "io/can/socketcand_text.h"

#include <algorithm>
#include <format>

using namespace pitstop;
using namespace pitstop::io::can::socketcand;
using fuzz::must;

namespace {

// What is told of a frame is what a tool could say to send it: back comes the same frame.
void say_again(const isotp::CanFrame& frame) {
    std::string said = frame.fd ? "< fdsend " : "< send ";
    const std::string told = line_of(frame, std::chrono::microseconds(1'500'000));
    must(told.ends_with(" >"), "a line has an end");
    said += std::format("{:0{}x} ", frame.id.value, frame.id.extended ? 8 : 3);
    if (frame.fd) said += frame.brs ? "1 " : "0 ";
    said += std::to_string(frame.size);
    for (const std::uint8_t byte : frame.payload()) said += std::format(" {:x}", byte);
    const auto read = read_command(view_of(said + " >"));
    must(read && *read && std::holds_alternative<Send>((*read)->command), "what was sent can be said again");
    must(std::get<Send>((*read)->command).frame == frame, "and is the same frame");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    View stream(data, size);
    for (;;) {
        const auto read = read_command(stream);
        if (!read || !*read) return 0;
        must((*read)->size_bytes > 0 && (*read)->size_bytes <= std::min(stream.size(), command_size_bytes_max),
             "a command takes what is there");
        if (const auto* send = std::get_if<Send>(&(*read)->command)) {
            must(isotp::check(send->frame).has_value(), "only frames that a controller could send");
            say_again(send->frame);
        }
        stream = stream.subspan((*read)->size_bytes);
    }
}
