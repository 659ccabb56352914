// Writes what passes on the bus into a pcap file that Wireshark and tshark read: nanosecond times,
// LINKTYPE_CAN_SOCKETCAN (227).
#pragma once

#include "apps/bus/arbiter.h"
#include "core/base/bytes.h"

#include <filesystem>
#include <fstream>

namespace pitstop::bus {

[[nodiscard]] Bytes pcap_header();
[[nodiscard]] Bytes pcap_record(const isotp::CanFrame& frame, Nanos since_1970);
[[nodiscard]] Bytes pcap_error_record(Nanos since_1970);  // an error frame, as SocketCAN has it

class Recorder {
public:
    // `offset`: what to add to the bus clock to get the time since 1970. bus.not-recording
    static Result<Recorder> open(const std::filesystem::path& file, Nanos offset);

    void write(const Passed& passed);
    Result<void> flush();  // bus.not-recording

private:
    Recorder(std::filesystem::path file, std::ofstream out, Nanos offset)
        : file_(std::move(file)),
          out_(std::move(out)),
          offset_(offset) {}
    std::filesystem::path file_;
    std::ofstream out_;
    Nanos offset_;
};

}  // namespace pitstop::bus
