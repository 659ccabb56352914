// The embedded MQTT broker: an unmodified Mosquitto, configured, started, watched and restarted by us.
//
// Bring:  a Loop, a folder of its own (configuration, access list, log and stored sessions go there), its certificate
// and the
//         authority that signed the clients' certificates.
// Back:   a broker that serves TLS 1.3 with the profile's groups only, lets in only certificates of that authority,
// takes the
//         certificate's common name as user name and client id, and lets every vehicle speak and listen under its own
//         VIN only. It dies with this process.
// Faults: mqtt.broker-missing, mqtt.port-taken, mqtt.broker-not-ready; files.* for its folder.
#pragma once

#include "io/runtime/process.h"
#include "io/tls/context.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pitstop::io::mqtt {

// The broker serves strangers with valid certificates: every one of these bounds what a single hostile car can cost.
struct BrokerLimits {
    std::uint32_t connections_max = 20'000;
    std::uint32_t message_bytes_max = 512 * 1024;
    std::uint32_t in_flight_max = 100;          // QoS 1 messages per client that wait for confirmation
    std::uint32_t queued_messages_max = 1000;   // per client that is away
    std::uint32_t queued_bytes_max = 16 << 20;  // per client that is away
    std::uint64_t memory_bytes_max = std::uint64_t{1} << 30;
};

struct BrokerSettings {
    std::filesystem::path folder;
    std::string address = "127.0.0.1";
    std::uint16_t port = 8883;
    tls::TlsSettings tls = {};
    BrokerLimits limits = {};
    std::string program = "mosquitto";  // in PATH, or where Debian puts it
};

class Broker {
public:
    Broker(Loop& loop, BrokerSettings settings) : loop_(loop), settings_(std::move(settings)) {}

    [[nodiscard]] Task<void> start();  // done when it answers
    [[nodiscard]] Task<void> watch();  // starts it again whenever it dies, with growing pauses; until stop()
    [[nodiscard]] Task<void> stop();   // lets it save its sessions

    [[nodiscard]] std::optional<pid_t> process_id() const;

private:
    [[nodiscard]] Task<void> start_process();

    Loop& loop_;
    BrokerSettings settings_;
    std::filesystem::path program_;
    std::optional<Process> process_;
    bool stopping_ = false;
};

}  // namespace pitstop::io::mqtt
