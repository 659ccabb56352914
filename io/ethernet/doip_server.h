// A DoIP entity on the network: ISO 13400-2 over TCP, and its UDP discovery on the same port.
//
// Bring a loop, the entity's identity, and who answers. Connections are cut off when they activate nothing in 2 s, are
// silent for 5 min, or do not take what we send. Faults: ethernet.bad-address, ethernet.listen-failed. Destroying the
// server closes all connections; after that the target is not called any more. Use from the loop's thread.
#pragma once

#include "core/doip/payloads.h"
#include "io/ethernet/diagnostic_target.h"
#include "io/runtime/loop.h"

#include <cstdint>
#include <memory>
#include <string>

namespace pitstop::io::ethernet {

enum class Discovery : std::uint8_t { off, on };

struct DoipServerSettings {
    std::string host = "127.0.0.1";  // an IP address
    std::uint16_t port = 13400;      // 0: any free one
    doip::Identity identity;
    std::uint8_t node_type = 0x01;      // 0x00 gateway, 0x01 node (ISO 13400-2 table 11)
    std::uint8_t connections_max = 16;  // each holds one receive buffer of 128 KiB
    Discovery discovery = Discovery::on;
};

class DoipServer {
public:
    static Result<std::unique_ptr<DoipServer>> listen(Loop& loop, DoipServerSettings settings,
                                                      DiagnosticTarget& target);
    ~DoipServer();
    DoipServer(const DoipServer&) = delete;
    DoipServer& operator=(const DoipServer&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    void close_connections();  // as when the ECU restarts; what was replied before is still sent

private:
    struct Inside;
    explicit DoipServer(std::shared_ptr<Inside> inside);
    std::shared_ptr<Inside> inside_;  // shared with the tasks on the loop, which end a moment after the server
};

}  // namespace pitstop::io::ethernet
