// A tester looks for DoIP entities, and asks one how it is: UDP, ISO 13400-2:2019 §7.4 and §8.
//
//     CO_TRY(auto found, co_await find_entities(loop, {.to = "127.255.255.255"}));
//
// Faults: ethernet.bad-address, ethernet.no-answer, ethernet.connect-failed (the request cannot be sent).
#pragma once

#include "core/doip/discovery.h"
#include "core/doip/tester.h"
#include "io/runtime/loop.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace pitstop::io::ethernet {

struct DoipSearch {
    std::string to;  // one entity's IP address, a broadcast address, or ff02::1%interface
    std::uint16_t port = 13400;
    std::chrono::milliseconds limit = doip::control_time;  // how long to listen
    doip::Packet request = doip::identification_request();
};

struct FoundEntity {
    doip::Announcement announcement;
    std::string host;
    std::uint16_t port = 0;
};

[[nodiscard]] Task<std::vector<FoundEntity>> find_entities(Loop& loop, DoipSearch search);  // each once; maybe nobody
[[nodiscard]] Task<doip::Status> ask_status(Loop& loop, DoipSearch at);                     // `request` is not used
[[nodiscard]] Task<doip::PowerMode> ask_power_mode(Loop& loop, DoipSearch at);

}  // namespace pitstop::io::ethernet
