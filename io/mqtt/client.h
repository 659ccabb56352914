// An MQTT 5 client over mutual TLS: connects, reconnects with growing pauses, and subscribes again when the broker
// forgot it.
//
// Bring:  a Loop that runs until its stop() is done, and use the client on its thread only; what receive() gives must
// be taken, or messages are dropped at
//         inbox_max (QoS 1 senders of ours repeat until acknowledged by COMMAND_ACK, so a drop only delays).
// Back:   one stream of what happened, in order: Connected, Disconnected, Message. A gateway sends its WAKEUP at every
// Connected.
//         publish() ends when the broker confirmed (QoS 1) or the message was written (QoS 0).
// Faults: mqtt.* (faults.h) and those of tls::make_context. After mqtt.too-late the message may still arrive: at least
// once. MQTT 5.0 (OASIS): sessions §4.1, QoS §4.3, shared subscriptions §4.8.2 ("$share/pitstop/oem/+/vci").
#pragma once

#include "core/wire/catalogue.h"
#include "io/metrics/metrics.h"
#include "io/runtime/loop.h"
#include "io/tls/context.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pitstop::io::mqtt {

using Qos = wire::Qos;
enum class Retain { no, yes };
enum class Session { fresh, resumed };

struct ClientSettings {
    std::string host;  // must stand in the broker's certificate
    std::uint16_t port = 8883;
    std::string client_id;
    tls::TlsSettings tls = {};
    std::chrono::seconds keep_alive{30};
    std::chrono::seconds session_expiry{3600};  // how long the broker keeps what arrives meanwhile
    std::chrono::milliseconds answer_timeout{10'000};
    std::size_t inbox_max = 4096;                  // messages, each at most message_bytes_max
    std::size_t unconfirmed_max = 1024;            // published, not yet confirmed
    std::uint32_t message_bytes_max = 512 * 1024;  // twice the largest message of core/wire
};

struct Connected {
    Session session = Session::fresh;
    tls::Negotiated tls;
};
struct Disconnected {
    Error reason;
};
struct Message {
    std::string topic;
    std::string payload;
    Retain retained = Retain::no;  // it was published with this flag, now or long ago (MQTT 5.0 §3.3.1.3)
};
using Incoming = std::variant<Connected, Disconnected, Message>;

class Client {
public:
    // Starts connecting. A broker that is not there yet is no fault: it is tried again.
    [[nodiscard]] static Result<Client> open(Loop& loop, const ClientSettings& settings, metrics::Registry& registry);
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;
    ~Client();

    [[nodiscard]] Task<Incoming> receive();
    // What is there already, at least one: for whoever commits many at once.
    [[nodiscard]] Task<std::vector<Incoming>> receive_some(std::size_t count_max);
    [[nodiscard]] Task<void> subscribe(std::vector<std::string> filters, Qos qos);  // remembered for the client's life
    [[nodiscard]] Task<void> publish(std::string topic, Bytes payload, Qos qos, Retain retain);

    [[nodiscard]] bool connected() const;
    [[nodiscard]] std::optional<tls::Negotiated> negotiated() const;  // of the current or last connection

private:
    struct Inside;
    explicit Client(std::shared_ptr<Inside> inside);
    std::shared_ptr<Inside>
        inside_;  // shared with the task that reads from the broker, which ends a moment after the client
};

}  // namespace pitstop::io::mqtt
