// A third-party tool on the bus, through socketcand's raw mode (io/can/socketcand_text.h): python-can, Kayak, a script.
//
// It may send as much as it likes: what the bus cannot take yet waits here, and then in its socket.
#pragma once

#include "apps/bus/node.h"
#include "io/can/socketcand_text.h"

#include <deque>
#include <string>

namespace pitstop::bus {

class SocketcandNode final : public Node {
public:
    // `bus`: the name under which it opens this one. `offset`: what to add to the bus clock to get the time since 1970.
    SocketcandNode(io::Loop& loop, NodeId id, Socket socket, Medium& medium, std::string bus, Nanos offset);

    void hear(const Passed& passed) override;
    void confirm(Nanos end) override;

private:
    enum class Mode : std::uint8_t { no_bus, bcm, raw };

    io::Task<void> greet() override;
    Result<std::size_t> on_bytes(View bytes) override;
    Reading reading() const override;

    void obey(const io::can::socketcand::Command& command);
    Result<void> pass_on();
    void say(std::string_view text);

    std::string bus_;
    Nanos offset_;
    Mode mode_ = Mode::no_bus;
    std::deque<isotp::CanFrame> waiting_;
    std::size_t offered_ = 0;
};

}  // namespace pitstop::bus
