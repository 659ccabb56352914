// For the tests of this room: two endpoints on a simulated bus, with a clock that a seed can drive into trouble.
#pragma once

#include "core/isotp/endpoint.h"

#include <deque>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace pitstop::isotp::testing {

inline Settings classic(std::uint32_t transmit, std::uint32_t receive) {
    Settings settings;
    settings.form.address.id = {transmit, false};
    settings.receive.id = {receive, false};
    return settings;
}

inline Settings fd(std::uint32_t transmit, std::uint32_t receive) {
    Settings settings = classic(transmit, receive);
    settings.form.fd = settings.form.brs = true;
    settings.form.frame_size = 64;
    return settings;
}

inline Bytes message_of(std::size_t size, std::uint32_t seed = 1) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>((i * 2654435761U + seed) >> 7);
    return bytes;
}

// One endpoint and everything that it reported.
struct Side {
    Bytes storage;
    Endpoint endpoint;
    std::vector<Bytes> received;
    std::vector<std::string> failures;  // "send isotp.busy", "receive …"
    std::size_t sent = 0, begun = 0;
    bool releases = true;

    Side(const Settings& settings, std::size_t room) : storage(room), endpoint(*Endpoint::make(settings, storage)) {}

    void collect(Tick now) {
        while (auto event = endpoint.next_event()) {
            switch (event->kind) {
                case Event::Kind::received:
                    received.emplace_back(endpoint.received().begin(), endpoint.received().end());
                    if (releases) endpoint.release(now);
                    break;
                case Event::Kind::begins: ++begun; break;
                case Event::Kind::sent: ++sent; break;
                case Event::Kind::send_failed: failures.push_back("send " + std::string(event->error->code())); break;
                case Event::Kind::receive_failed:
                    failures.push_back("receive " + std::string(event->error->code()));
                    break;
            }
        }
    }
};

enum class Fate : std::uint8_t { arrives, is_lost, comes_twice, is_delayed };

class Pair {
public:
    Pair(const Settings& of_a, const Settings& of_b, std::size_t room = 1U << 20) : a(of_a, room), b(of_b, room) {}

    Side a, b;
    Tick now{1'000'000};
    std::vector<CanFrame> seen;  // every frame, in the order of the bus
    std::vector<Tick> seen_at;
    std::function<Fate(const CanFrame&)> fate = [](const CanFrame&) { return Fate::arrives; };
    std::function<void(CanFrame&)> damage = [](CanFrame&) {};

    // Until nobody has a frame or a deadline any more, or `until` is reached.
    void run(Tick until = {1'000'000'000'000}) {
        while (now < until) {
            const bool moved = step(a, b) | step(b, a);
            if (moved) continue;
            const auto next = earliest(a.endpoint.deadline(), b.endpoint.deadline());
            if (!next) return;
            now = std::max(now, *next);
            for (Side* side : {&a, &b}) {
                side->endpoint.on_time(now);
                side->collect(now);
            }
        }
    }

private:
    static std::optional<Tick> earliest(std::optional<Tick> x, std::optional<Tick> y) {
        return !x ? y : !y ? x : std::min(*x, *y);
    }

    bool step(Side& from, Side& to) {
        auto frame = from.endpoint.next_frame(now);
        if (!frame) return false;
        now = now + std::chrono::microseconds(200);
        seen.push_back(*frame);
        seen_at.push_back(now);
        from.endpoint.on_confirmed(now);
        const Fate what = fate(*frame);
        damage(*frame);
        if (what == Fate::arrives || what == Fate::comes_twice) to.endpoint.on_frame(*frame, now);
        if (what == Fate::comes_twice) to.endpoint.on_frame(*frame, now);
        if (delayed_) to.endpoint.on_frame(*std::exchange(delayed_, std::nullopt), now);
        if (what == Fate::is_delayed) delayed_ = *frame;
        to.collect(now);
        from.collect(now);
        return true;
    }

    std::optional<CanFrame> delayed_;
};

// The pair's other end as bytes, to say what no endpoint of ours would say.
inline CanFrame from_peer(std::initializer_list<std::uint8_t> bytes, std::uint32_t id = 0x7E8) {
    CanFrame frame;
    frame.id = {id, false};
    frame.size = static_cast<std::uint8_t>(bytes.size());
    std::ranges::copy(bytes, frame.data.begin());
    return frame;
}

// One endpoint against a peer that is only bytes.
struct Alone : Side {
    explicit Alone(const Settings& settings = classic(0x7E0, 0x7E8), std::size_t room = 4096) : Side(settings, room) {}
    Tick now{0};

    void hear(std::initializer_list<std::uint8_t> bytes) {
        endpoint.on_frame(from_peer(bytes), now);
        collect(now);
    }
    std::optional<CanFrame> speak() {
        auto frame = endpoint.next_frame(now);
        if (frame) endpoint.on_confirmed(now);
        collect(now);
        return frame;
    }
    void later(std::chrono::microseconds by) {
        now = now + by;
        endpoint.on_time(now);
        collect(now);
    }
};

}  // namespace pitstop::isotp::testing
