// Messages to and from one ECU over CAN: an isotp::Endpoint on a BusClient, its deadlines on the loop's timers.
//
//     CO_TRY(auto bus, co_await BusClient::connect(loop, "unix:/run/pitstop/can0.sock"));
//     isotp::Settings settings = fd_settings({0x711}, {0x719});          // request and response identifier
//     CO_TRY(auto link, IsotpLink::open(*bus, settings));
//     CO_ENSURE(co_await link->send(request));
//     CO_TRY(Received response, co_await with_deadline(50ms, "ECU_011", link->receive()));
//
// Many links may share one bus client; each listens to its own address, and to the functional one of its settings
// together with others. A link outlives the tasks that wait in it,
// and the client outlives the link. Cancelling a task in send() abandons its message.
#pragma once

#include "core/isotp/endpoint.h"
#include "io/can/bus_client.h"
#include "io/runtime/task.h"

#include <functional>
#include <memory>

namespace pitstop::io::can {

// The longest message a link takes unless told otherwise: a UDS TransferData block whose length field has 16 bits.
inline constexpr std::size_t message_size_bytes_max = 0x1'0000;

// What is usual in a car: CAN FD with bit rate switch and 64-byte frames, or classic CAN; no pauses between frames.
[[nodiscard]] isotp::Settings fd_settings(CanId transmit, CanId receive);
[[nodiscard]] isotp::Settings classic_settings(CanId transmit, CanId receive);

// A message to all who listen to the functional address in `form`: one single frame. Comes back when it was on the bus.
// isotp.bad-size, isotp.bad-frame, can.not-connected.
[[nodiscard]] Task<void> send_functional(BusClient& bus, isotp::FrameForm form, View message);

struct Received {
    isotp::Addressing addressing = isotp::Addressing::physical;
    Bytes message;
};

class IsotpLink {
public:
    // isotp.bad-settings, can.id-taken
    static Result<std::unique_ptr<IsotpLink>> open(BusClient& bus, const isotp::Settings& settings,
                                                   std::size_t size_bytes_max = message_size_bytes_max);
    ~IsotpLink();
    IsotpLink(const IsotpLink&) = delete;
    IsotpLink& operator=(const IsotpLink&) = delete;

    // Comes back when the other side has taken all of it. Several senders take turns. isotp.*, can.not-connected.
    [[nodiscard]] Task<void> send(View message);

    // The next message, or isotp.* when one began and could not be completed. No time-out of its own: use
    // with_deadline.
    [[nodiscard]] Task<Received> receive();

    // Called when the first of several frames has come; receive() has the message, or why there is none, later.
    void when_one_begins(std::function<void()> hook);

    // Forgets what has come and nobody asked for: before a request whose answer must not be an older one.
    void drop_received();

private:
    class Inside;
    explicit IsotpLink(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

}  // namespace pitstop::io::can
