// The receiving half of an ISO 15765-2 connection: puts one message together in lent storage and sends the flow control
// for it.
//
// A complete message stays readable until `release`. While it is not released, a sender who starts the next long
// message is told to wait, at most `waits_max` times. Nothing is believed before it is checked: a length is only
// compared with the room, never used to reserve any. ECU profile.
#pragma once

#include "core/base/time.h"
#include "core/isotp/pdu.h"

#include <optional>

namespace pitstop::isotp {

struct ReceiveSettings {
    std::uint8_t block_size = 0;       // BS that we ask for; 0: everything without further flow control
    std::uint8_t separation_code = 0;  // STmin that we ask for, as the standard codes it
    std::uint16_t waits_max = 20;      // N_WFTmax: FC.WAIT in a row that we send; 0: none, we keep silent
    std::chrono::microseconds wait_every = std::chrono::milliseconds(500);  // N_Br: well below the sender's N_Bs
    std::chrono::microseconds ar = std::chrono::seconds(1);  // N_Ar: our flow control must be on the bus within
    std::chrono::microseconds cr = std::chrono::seconds(1);  // N_Cr: the next consecutive frame must come within
};

class Receiver {
public:
    // `storage` outlives the receiver; its size is the longest message accepted.
    Receiver(const FrameForm& form, const ReceiveSettings& settings, Room storage)
        : form_(form),
          settings_(settings),
          storage_(storage) {}

    void on_single(const SingleFrame& frame);
    void on_first(const FirstFrame& frame, Tick now);
    void on_consecutive(const ConsecutiveFrame& frame, Tick now);
    void on_confirmed(Tick now);
    void on_time(Tick now);
    void give_up(const Error& error);  // nothing happens unless a message is on its way

    [[nodiscard]] std::optional<CanFrame> next_frame(Tick now);
    [[nodiscard]] std::optional<Tick> deadline() const;
    [[nodiscard]] std::optional<Error> take_failure();
    [[nodiscard]] bool take_beginning();                                       // of a message in several frames
    [[nodiscard]] bool take_arrival();                                         // true once for each message
    [[nodiscard]] View message() const { return storage_.first(held_size_); }  // empty when there is none
    void release(Tick now);

private:
    enum class State : std::uint8_t { idle, wait_due, waiting, clear_due, overflow_due, receiving };

    void abandon(const Fault& fault);
    void end(const Fault& fault);
    void complete(std::size_t size);
    CanFrame flow_control(FlowStatus status) const;

    FrameForm form_;
    ReceiveSettings settings_;
    Room storage_;
    State state_ = State::idle;
    std::size_t held_size_ = 0;  // a complete message that nobody released yet
    std::size_t expected_ = 0, filled_ = 0;
    std::uint8_t part_size_ = 0, sequence_ = 0, block_left_ = 0;
    std::uint16_t waits_ = 0;
    bool control_in_flight_ = false;
    std::array<std::uint8_t, fd_size_bytes_max> first_{};  // the first frame's payload, until the storage is released
    std::uint8_t first_size_ = 0;
    Tick timer_;
    bool began_ = false, arrived_ = false;
    std::optional<Error> failure_;
};

}  // namespace pitstop::isotp
