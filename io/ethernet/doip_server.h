// A DoIP entity on the network: ISO 13400-2 over TCP, over TLS, or both; UDP discovery on the plain port's number.
//
// Bring a loop, the entity's identity, and who answers. Connections are cut off when they activate nothing in 2 s, are
// silent for 5 min, or do not take what we send; the target hears of each end. Faults: ethernet.bad-address,
// ethernet.listen-failed, and those of tls::make_context(). Destroying the server closes all connections; after that
// the target is not called any more. Use from the loop's thread.
#pragma once

#include "core/doip/payloads.h"
#include "core/doip/routing_policy.h"
#include "io/ethernet/diagnostic_target.h"
#include "io/ethernet/doip_datagrams.h"
#include "io/ethernet/doip_tls.h"
#include "io/runtime/loop.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace pitstop::io::ethernet {

enum class Discovery : std::uint8_t { off, on };
enum class PlainDoip : std::uint8_t {
    served,
    referred_to_tls,  // a tester that asks for routing is told that TLS is required (0x07)
    off
};

struct DoipTlsSettings {
    std::uint16_t port = tls_port;  // 0: any free one
    tls::TlsSettings settings;
};

struct DoipRouting {
    doip::RoutingRules rules;
    std::optional<std::chrono::milliseconds> confirms_after = {};  // nothing: only DoipServer::confirm() does
    std::uint8_t echo_bytes = 0;  // of a diagnostic message that its acknowledgement repeats
};

struct DoipServerSettings {
    std::string host = "127.0.0.1";  // an IP address, of version 4 or 6
    std::uint16_t port = 13400;      // 0: any free one
    doip::Identity identity;
    std::uint8_t node_type = 0x01;      // 0x00 gateway, 0x01 node (ISO 13400-2 table 11)
    std::uint8_t connections_max = 16;  // each holds one receive buffer of 128 KiB
    // Of UDS; longer ones the target refuses.
    std::uint32_t request_bytes_max = doip::data_size_bytes_max - doip::addresses_size_bytes;
    Discovery discovery = Discovery::on;
    std::optional<DoipAnnouncing> announcing = {};  // three announcements at the start
    PlainDoip plain = PlainDoip::served;
    std::optional<DoipTlsSettings> tls = {};
    DoipRouting routing = {};
};

class DoipServer {
public:
    // `policy`, when given, decides instead of settings.routing.rules, and outlives the server.
    static Result<std::unique_ptr<DoipServer>> listen(Loop& loop, DoipServerSettings settings, DiagnosticTarget& target,
                                                      doip::RoutingPolicy* policy = nullptr);
    ~DoipServer();
    DoipServer(const DoipServer&) = delete;
    DoipServer& operator=(const DoipServer&) = delete;

    [[nodiscard]] std::uint16_t port() const;           // 0 when there is no plain listener
    [[nodiscard]] std::uint16_t port_over_tls() const;  // 0 when there is none
    // Somebody in the vehicle has decided about all testers that wait for it (0x11).
    void confirm(doip::Confirmation confirmation);
    // As when the ECU restarts: connections are closed, after what was replied before; nobody comes in or is answered.
    void pause();
    void resume();  // the ECU is back: it announces itself as after its start

private:
    struct Inside;
    explicit DoipServer(std::shared_ptr<Inside> inside);
    std::shared_ptr<Inside> inside_;  // shared with the tasks on the loop, which end a moment after the server
};

}  // namespace pitstop::io::ethernet
