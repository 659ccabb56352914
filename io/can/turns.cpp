#include "io/can/turns.h"

#include <algorithm>

namespace pitstop::io::can {
namespace {

constexpr std::chrono::milliseconds patience{300};

}  // namespace

void Turns::remove(Station& station) {
    std::erase_if(seats_, [&](const Seat& seat) { return seat.station == &station; });
}

std::vector<Station*> Turns::stations() const {
    std::vector<Station*> stations;
    for (const Seat& seat : seats_) stations.push_back(seat.station);
    return stations;
}

std::optional<Turns::Next> Turns::ask(Seat& seat, Tick now) {
    const auto offer = seat.station->next_frame();
    if (!offer || !offer->has_more)
        seat.message = 0;
    else if (seat.message == 0)
        seat.message = ++messages_;
    if (!offer) return std::nullopt;
    seat.shown_at = now;
    return Next{seat.station, *offer};
}

std::optional<Turns::Next> Turns::next_alone(Tick now) {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
        asked_ = (asked_ + 1) % seats_.size();
        if (seats_[asked_].message != 0) continue;
        if (auto next = ask(seats_[asked_], now)) return next;
    }
    return std::nullopt;
}

// The one that waits too long, or the oldest.
Turns::Seat* Turns::next_message(Tick now) {
    Seat* first = nullptr;
    for (Seat& seat : seats_) {
        if (seat.message == 0) continue;
        if (now - seat.shown_at > patience) return &seat;
        if (first == nullptr || seat.message < first->message) first = &seat;
    }
    return first;
}

std::optional<Turns::Next> Turns::next(Tick now) {
    if (auto alone = next_alone(now)) return alone;
    while (Seat* const seat = next_message(now))
        if (auto next = ask(*seat, now)) return next;
    return std::nullopt;
}

}  // namespace pitstop::io::can
