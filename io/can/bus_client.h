// One node's connection to a CAN bus: pitstop-bus, over a Unix-domain or loopback TCP socket, or SocketCAN.
//
// Bring a loop and an address. Frames go to the stations that listen to their address (isotp_link.h is one), all others
// to receive(). When the bus goes away every station is told, and the connection is tried again with back-off
// until it stands. The bus says how many frames may wait for it; what goes beyond that stays with the stations
// (turns.h says whose is next). Destroy it only when no task waits in send() or receive(). Use it from its loop's
// thread only.
#pragma once

#include "core/isotp/addressing.h"
#include "io/can/stream_format.h"
#include "io/runtime/loop.h"
#include "io/runtime/task.h"

#include <memory>
#include <optional>
#include <string>

namespace pitstop::io::can {

using isotp::FrameAddress;

// A frame that waits to be sent, and since when: the time of what caused it, not of the moment when the machine got to
// it (stream_format.h).
struct Offer {
    CanFrame frame;
    Tick since;
    bool has_more = false;  // of the same message, which wait for nothing but the bus
};

// A port: whoever has frames for the bus and listens to some addresses on it. Called on the loop's thread.
class Station {
public:
    virtual ~Station() = default;
    virtual std::optional<Offer> next_frame() = 0;                  // what may go on the bus now
    virtual void on_frame(const CanFrame& frame, Tick passed) = 0;  // came with an address that it listens to
    virtual void on_confirmed(Tick passed) = 0;  // the oldest unconfirmed of its frames was on the bus
    virtual void on_bus_lost() = 0;              // what it handed out and was not confirmed counts as gone
};

class BusClient {
public:
    // The first connection: can.bad-address, can.connect-failed, can.no-socketcan, can.bad-stream, can.wrong-version.
    static Task<std::unique_ptr<BusClient>> connect(Loop& loop, std::string address);
    ~BusClient();
    BusClient(const BusClient&) = delete;
    BusClient& operator=(const BusClient&) = delete;

    // Comes back when the frame was on the bus. can.not-connected, isotp.bad-frame.
    [[nodiscard]] Task<void> send(CanFrame frame);
    // The next frame whose address no station listens to. Survives reconnections. When nobody reads, the oldest are
    // dropped.
    [[nodiscard]] Task<CanFrame> receive();

    [[nodiscard]] Result<void> attach(FrameAddress address, Station& station);  // it alone; can.id-taken
    void overhear(FrameAddress address, Station& station);                      // with whoever else does
    void detach(Station& station);
    void frames_wait();  // a station has something to send

    [[nodiscard]] bool connected() const;
    [[nodiscard]] Loop& loop();

private:
    struct Inside;
    struct Tasks;
    explicit BusClient(std::shared_ptr<Inside> inside);
    std::shared_ptr<Inside> inside_;  // shared with the task on the loop, which ends a moment after the client
};

}  // namespace pitstop::io::can
