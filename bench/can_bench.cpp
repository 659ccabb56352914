// What ISO-TP gets out of a bus: bytes per second through a running pitstop-bus, beside what the timing of the bus
// allows. One line of JSON for bench/run.
//
//     bench-can unix:PATH seconds          a bus of 500 kbit/s and 2 Mbit/s, in real time
//
// Two clients on two threads, as two ECUs are; one sends messages, the other takes them. The theory is the same two
// endpoints on a bus that is only arithmetic: frames one after the other with their exact times, nobody is ever late.
#include "core/isotp/bit_timing.h"
#include "io/can/isotp_link.h"

#include <algorithm>
#include <array>
#include <format>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace pitstop;
using namespace std::chrono_literals;
using isotp::Endpoint;
using Nanos = std::chrono::nanoseconds;

constexpr isotp::BitRates rates{};  // of pitstop-bus unless it is told otherwise

struct Set {
    const char* name;
    bool fd;
    std::uint8_t block_size, separation_code;
    std::size_t message_size;
};
constexpr std::array<Set, 6> sets{{{"CAN, BS 0, STmin 0", false, 0, 0, 4095},
                                   {"CAN, BS 8, STmin 0", false, 8, 0, 4095},
                                   {"CAN, BS 0, STmin 500 us", false, 0, 0xF5, 4095},
                                   {"CAN FD, BS 0, STmin 0", true, 0, 0, 16384},
                                   {"CAN FD, BS 8, STmin 0", true, 8, 0, 16384},
                                   {"CAN FD, BS 0, STmin 500 us", true, 0, 0xF5, 16384}}};

isotp::Settings settings_of(const Set& set, std::uint32_t transmit, std::uint32_t receive) {
    auto settings =
        set.fd ? io::can::fd_settings({transmit}, {receive}) : io::can::classic_settings({transmit}, {receive});
    settings.receiving.block_size = set.block_size;
    settings.receiving.separation_code = set.separation_code;
    return settings;
}

Bytes message_of(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 2654435761U >> 13);
    return bytes;
}

// One message on the bus of arithmetic.
Nanos theory(const Set& set) {
    Bytes none(16), room(set.message_size);
    const Bytes message = message_of(set.message_size);
    Endpoint a = *Endpoint::make(settings_of(set, 0x711, 0x719), none);
    Endpoint b = *Endpoint::make(settings_of(set, 0x719, 0x711), room);
    Nanos time{0};
    const auto tick = [&] { return Tick{std::chrono::ceil<std::chrono::microseconds>(time).count()}; };
    if (!a.send(message, tick())) return Nanos(0);
    const auto pass = [&](Endpoint& from, Endpoint& to) {
        const auto frame = from.next_frame(tick());
        if (!frame) return false;
        time += isotp::duration_of(isotp::bits_of(*frame), rates);
        from.on_confirmed(tick());
        to.on_frame(*frame, tick());
        return true;
    };
    while (true) {
        if (pass(b, a) || pass(a, b)) continue;
        while (const auto event = b.next_event())
            if (event->kind != isotp::Event::Kind::begins)
                return event->kind == isotp::Event::Kind::received ? time : Nanos(0);
        const auto due = std::min(a.deadline().value_or(Tick{INT64_MAX}), b.deadline().value_or(Tick{INT64_MAX}));
        time = std::chrono::microseconds(due.us);
        a.on_time(tick());
        b.on_time(tick());
    }
}

io::Task<void> take(io::Loop& loop, std::string address, const Set& set, std::size_t& taken) {
    CO_TRY(const auto bus, co_await io::can::BusClient::connect(loop, address));
    CO_TRY(const auto link, io::can::IsotpLink::open(*bus, settings_of(set, 0x719, 0x711)));
    const Bytes expected = message_of(set.message_size);
    const Bytes end{0};
    while (true) {
        CO_TRY(const auto got, co_await link->receive());
        if (got.message == end) break;
        if (got.message != expected) co_return fail(io::faults::failed, "a message arrived changed");
        ++taken;
    }
    co_return co_await link->send(end);
}

io::Task<double> send(io::Loop& loop, std::string address, const Set& set, std::chrono::milliseconds time) {
    CO_TRY(const auto bus, co_await io::can::BusClient::connect(loop, address));
    CO_TRY(const auto link, io::can::IsotpLink::open(*bus, settings_of(set, 0x711, 0x719)));
    const Bytes message = message_of(set.message_size);
    co_await io::pause(200ms);  // the other one connects
    const auto start = std::chrono::steady_clock::now();
    std::size_t sent = 0;
    while (std::chrono::steady_clock::now() - start < time) {
        CO_ENSURE(co_await link->send(message));
        ++sent;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const Bytes end{0};
    CO_ENSURE(co_await link->send(end));
    CO_TRY(const auto answer, co_await link->receive());
    co_return static_cast<double>(sent * set.message_size) / took.count();
}

Result<double> measure(const std::string& address, const Set& set, std::chrono::milliseconds time) {
    std::size_t taken = 0;
    Result<void> received;
    std::thread receiver([&] {
        io::Loop loop;
        received = io::complete(loop, io::with_deadline(time + 5s, "receiver", take(loop, address, set, taken)));
    });
    io::Loop loop;
    auto rate = io::complete(loop, io::with_deadline(time + 5s, "sender", send(loop, address, set, time)));
    receiver.join();
    ENSURE(received);
    return rate;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: bench-can BUS SECONDS\n";
        return 2;
    }
    const auto time = std::chrono::milliseconds(static_cast<std::int64_t>(1000 * std::stod(argv[2])));
    std::string rows;
    for (const Set& set : sets) {
        const auto rate = measure(argv[1], set, time);
        if (!rate) {
            std::cerr << set.name << ": " << rate.error().str() << '\n';
            return 1;
        }
        const std::chrono::duration<double> least = theory(set);
        rows += std::format("{}{{\"name\": \"{}\", \"ours\": {:.1f}, \"theory\": {:.1f}}}", rows.empty() ? "" : ", ",
                            set.name, *rate, static_cast<double>(set.message_size) / least.count());
    }
    std::cout << "[" << rows << "]\n";
    return 0;
}
