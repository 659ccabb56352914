// A tester's connection to one DoIP entity, opened when it is first needed and again after it broke.
//
//     DoipClient zone(loop, {.host = "127.0.0.91", .port = 13400, .tester = 0x0E80});
//     CO_TRY(Bytes vin, co_await zone.request(0x0011, View(read_vin)));
//
// Several ECUs behind the entity may be asked at once; requests to the same one take turns. 0x78 is handled inside. A
// request with the suppress bit gives back empty bytes as soon as it is on its way. The request's bytes must live until
// the task ends. Faults: uds.no-answer, uds.pending-too-long, uds.refused (request() only), doip.*,
// ethernet.connect-failed, ethernet.connection-lost. A client outlives its tasks. Use from the loop's thread.
#pragma once

#include "core/uds/exchange.h"
#include "io/runtime/loop.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace pitstop::io::ethernet {

// Diagnostics to ECUs, by address: what callers need to know of the way there.
class Link {
public:
    virtual ~Link() = default;
    // Negative responses are values here: ask() fails only when there was no answer.
    virtual Task<uds::Answer> ask(std::uint16_t target, View request, uds::TesterTimings timings) = 0;

    // The positive answer, or uds.refused with the code in clear text.
    Task<Bytes> request(std::uint16_t target, View uds, uds::TesterTimings timings = {});
};

struct DoipPeer {
    std::string host;  // an IP address or a name
    std::uint16_t port = 13400;
    std::uint16_t tester = 0x0E80;
    std::chrono::milliseconds connect_limit{3000};  // TCP and routing activation together
    std::chrono::milliseconds send_limit{10'000};   // an entity that does not read for so long is gone
};

class DoipClient final : public Link {
public:
    DoipClient(Loop& loop, DoipPeer peer);
    ~DoipClient() override;
    DoipClient(const DoipClient&) = delete;
    DoipClient& operator=(const DoipClient&) = delete;

    Task<void> connect();  // to know early; ask() connects by itself
    Task<uds::Answer> ask(std::uint16_t target, View request, uds::TesterTimings timings) override;
    [[nodiscard]] bool connected() const;
    void close();

private:
    struct Inside;
    std::shared_ptr<Inside> inside_;  // shared with the reading task on the loop
};

}  // namespace pitstop::io::ethernet
