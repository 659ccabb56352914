// Whose frame is next, of all stations on one bus client.
//
// Long messages pass one after another, the oldest first. Frame by frame, messages of equal length would all end in the
// same moment, and the bus would stand still while their receivers work. What stands alone (flow control, single and
// first frames) waits for none of them, and a message that waits shows a frame now and then, for its receiver gives up
// after N_Cr (1 s, ISO 15765-2:2016, 9.8).
#pragma once

#include "io/can/bus_client.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace pitstop::io::can {

class Turns {
public:
    struct Next {
        Station* station;
        Offer offer;
    };

    void add(Station& station) { seats_.push_back({&station}); }
    void remove(Station& station);
    [[nodiscard]] std::vector<Station*> stations() const;

    [[nodiscard]] std::optional<Next> next(Tick now);

private:
    struct Seat {
        Station* station;
        std::uint64_t message = 0;  // counted as they begin; 0: amid none
        Tick shown_at{};            // its last frame
    };
    [[nodiscard]] std::optional<Next> ask(Seat& seat, Tick now);
    [[nodiscard]] std::optional<Next> next_alone(Tick now);
    [[nodiscard]] Seat* next_message(Tick now);

    std::vector<Seat> seats_;
    std::size_t asked_ = 0;  // last, of those amid none
    std::uint64_t messages_ = 0;
};

}  // namespace pitstop::io::can
