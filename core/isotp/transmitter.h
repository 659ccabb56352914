// The sending half of an ISO 15765-2 connection: cuts one message into frames and obeys the receiver's flow control.
//
// Told, never asking: `next_frame` gives the frame that may go on the bus now, `on_confirmed` says that one of them was
// on the bus, `on_flow_control` what the receiver said. The outcome is left in `take_outcome`. The message is a view:
// its owner keeps it until then. With a separation time of 0 up to `in_flight_max` frames are handed out unconfirmed,
// so that a bus is kept busy without a gap. ECU profile.
#pragma once

#include "core/base/time.h"
#include "core/isotp/pdu.h"

#include <optional>

namespace pitstop::isotp {

struct SendSettings {
    std::size_t message_size_max = 0xFFFF'FFFF;  // isotp.bad-size above; 4095 for peers of the 2004 edition
    std::uint8_t in_flight_max = 32;             // frames handed to the bus and not yet confirmed
    std::uint16_t waits_max = 20;  // FC.WAIT in a row that we put up with, so that nobody can hold us for ever
    std::chrono::microseconds as = std::chrono::seconds(1);  // N_As: a frame must be on the bus within
    std::chrono::microseconds bs = std::chrono::seconds(1);  // N_Bs: flow control must come within
};

struct Sent {};
using SendOutcome = std::optional<Result<Sent>>;

class Transmitter {
public:
    Transmitter(const FrameForm& form, const SendSettings& settings) : form_(form), settings_(settings) {}

    Result<void> send(View message, Tick now);  // isotp.busy, isotp.bad-size
    void on_flow_control(const FlowControl& control, Tick now);
    void on_confirmed(Tick now);
    void on_time(Tick now);
    void give_up(const Error& error);  // nothing happens when idle

    [[nodiscard]] std::optional<CanFrame> next_frame(Tick now);
    [[nodiscard]] std::optional<Tick> deadline() const;
    [[nodiscard]] SendOutcome take_outcome();
    [[nodiscard]] bool idle() const { return state_ == State::idle; }
    [[nodiscard]] bool streaming() const { return state_ == State::streaming; }  // the next frame waits for nobody

private:
    enum class State : std::uint8_t { idle, starting, awaiting_flow, streaming, ending };

    CanFrame start();
    CanFrame proceed();
    void end(Result<Sent> outcome);

    FrameForm form_;
    SendSettings settings_;
    State state_ = State::idle;
    View message_;
    std::size_t offset_ = 0;
    std::uint8_t sequence_ = 0;
    std::uint8_t block_size_ = 0;  // 0: no more flow control
    std::uint8_t block_left_ = 0;
    std::uint8_t in_flight_ = 0;
    std::uint16_t waits_ = 0;
    std::chrono::microseconds separation_{0};
    std::optional<Tick> pause_;  // no consecutive frame before, for STmin
    Tick timer_;                 // N_As, or N_Bs while flow control is awaited
    SendOutcome outcome_;
};

}  // namespace pitstop::isotp
