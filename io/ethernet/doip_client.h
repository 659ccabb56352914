// A tester's connection to one DoIP entity, opened when it is first needed and again after it broke.
//
//     DoipClient zone(loop, {.host = "127.0.0.91", .port = 13400, .tester = 0x0E80});
//     CO_TRY(Bytes vin, co_await zone.request(0x0011, View(read_vin)));
//
// Several ECUs behind the entity may be asked at once; requests to the same one take turns. 0x78 is handled inside. A
// request with the suppress bit gives back empty bytes as soon as the entity has taken it on. The request's bytes must
// live until the task ends. With TLS settings the tester speaks nothing but TLS, whatever the entity says. Faults:
// uds.no-answer, uds.pending-too-long, uds.refused (request() only), doip.*, ethernet.connect-failed,
// ethernet.connection-lost, ethernet.tls-failed, tls.*. A client outlives its tasks. Use from the loop's thread.
#pragma once

#include "core/doip/payloads.h"
#include "core/uds/exchange.h"
#include "io/runtime/loop.h"
#include "io/tls/context.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::io::ethernet {

// Diagnostics to ECUs, by address: what callers need to know of the way there.
struct GroupAnswer {
    std::uint16_t ecu = 0;
    uds::Answer answer;
};

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
    std::chrono::milliseconds connect_limit{3000};  // TCP, TLS and routing activation, a confirmation included
    std::chrono::milliseconds send_limit{10'000};   // an entity that does not read for so long is gone
    std::optional<tls::TlsSettings> tls = {};       // then `port` is the entity's TLS port, as 3496
    doip::ActivationType activation = doip::ActivationType::default_;
};

class DoipClient final : public Link {
public:
    DoipClient(Loop& loop, DoipPeer peer);
    ~DoipClient() override;
    DoipClient(const DoipClient&) = delete;
    DoipClient& operator=(const DoipClient&) = delete;

    Task<void> connect();  // to know early; ask() connects by itself
    Task<uds::Answer> ask(std::uint16_t target, View request, uds::TesterTimings timings) override;
    // A functional request: what each ECU of the group answered until `window` was over, in the order in which they
    // did; those that asked for more time (0x78) get their P2*. Nobody answering is an empty list.
    Task<std::vector<GroupAnswer>> ask_group(std::uint16_t group, View request, std::chrono::milliseconds window,
                                             uds::TesterTimings timings);
    [[nodiscard]] bool connected() const;
    void close();

private:
    struct Inside;
    std::shared_ptr<Inside> inside_;  // shared with the reading task on the loop
};

}  // namespace pitstop::io::ethernet
