// One end of an ISO 15765-2:2016 connection (transport layer "ISO-TP") between one pair of addresses, classic CAN or
// CAN FD, both directions at once; beside it an ear for single frames with a functional address. Pure: told events and
// time, gives frames.
//
//     auto link = Endpoint::make(settings, storage);     // storage: the longest message that may come
//     link->send(message, now);                          // `message` stays alive until `sent` or `send_failed`
//     while (auto frame = link->next_frame(now)) …       // to the bus; link->on_confirmed(now) once it was there
//     link->on_frame(frame, now);                        // any frame of the bus; other addresses are ignored
//     link->on_time(now);                                // at link->deadline()
//     while (auto event = link->next_event()) …          // after each of these; then ask next_frame and deadline
//
// Confirmations come in the order of the frames. When the bus is lost call `on_bus_lost`: what was handed out counts as
// gone. ECU profile: no heap, no exceptions. Faults: isotp.* (faults.h); a failure of one direction leaves the other
// alone.
#pragma once

#include "core/isotp/receiver.h"
#include "core/isotp/transmitter.h"

#include <optional>

namespace pitstop::isotp {

struct Settings {
    FrameForm form;                          // how our frames look and which address they carry
    FrameAddress receive;                    // of the other side's frames
    std::optional<FrameAddress> functional;  // of messages to all: single frames; anything else there is ignored
    SendSettings sending;
    ReceiveSettings receiving;
};

struct Event {
    // begins: the first of several frames has come (N_USData_FF.indication); received or receive_failed will follow.
    enum class Kind : std::uint8_t { begins, received, sent, send_failed, receive_failed };
    Kind kind;
    std::optional<Error> error;                    // with the two failures
    Addressing addressing = Addressing::physical;  // how what was received came
    View message = {};  // of `received`: physical until `release`, functional until the next on_frame
};

class Endpoint {
public:
    static Result<Endpoint> make(const Settings& settings, Room storage);  // isotp.bad-settings

    Result<void> send(View message, Tick now);  // isotp.busy, isotp.bad-size
    void cancel_send();  // send_failed(isotp.abandoned); frames already handed out may still appear on the bus

    void on_frame(const CanFrame& frame, Tick now);
    void on_confirmed(Tick now);
    void on_time(Tick now);
    void on_bus_lost();

    [[nodiscard]] std::optional<CanFrame> next_frame(Tick now);
    [[nodiscard]] std::optional<Tick> deadline() const;
    [[nodiscard]] std::optional<Event> next_event();

    [[nodiscard]] View received() const { return receiver_.message(); }  // from `received` until `release`
    void release(Tick now) { receiver_.release(now); }
    [[nodiscard]] bool sending() const { return !transmitter_.idle(); }
    [[nodiscard]] bool streaming() const { return transmitter_.streaming(); }  // consecutive frames, until flow control

private:
    // Whose frames are on their way to the bus, oldest first. Frames of a message that failed keep their place:
    // confirmations come in order, and theirs must not be taken for a later message's.
    enum class Owner : std::uint8_t { data, control, nobody };
    static constexpr std::size_t in_flight_limit = 64;  // above it next_frame waits; no controller's queue is deeper

    Endpoint(const Settings& settings, Room storage);

    void on_functional(const CanFrame& frame);
    void on_physical(const CanFrame& frame, Tick now);

    FrameAddress receive_;
    std::optional<FrameAddress> functional_;
    std::array<std::uint8_t, fd_size_bytes_max> functional_message_{};
    std::size_t functional_size_ = 0;  // 0: none that nobody took
    Transmitter transmitter_;
    Receiver receiver_;
    std::array<Owner, in_flight_limit> owners_{};
    std::size_t oldest_ = 0, in_flight_ = 0;
};

}  // namespace pitstop::isotp
