// The server as the gateway hears it: MQTT messages become events, the outbox's messages are published.
//
// A message that is not for us, or malformed, is logged and dropped: the broker is not trusted with more. Nothing is
// relied upon, so a failed publish is only logged; the outbox says it again.
#pragma once

#include "core/update/decide.h"
#include "io/http/client.h"
#include "io/mqtt/client.h"

#include <functional>

namespace pitstop::gateway {

// Port: who takes what concerns diagnostic jobs.
class DiagnosticInbox {
public:
    virtual ~DiagnosticInbox() = default;
    virtual void on_order(json::Object file, io::mqtt::Retain retained) = 0;
    virtual void on_acknowledged(const wire::MessageId& id) = 0;
    virtual void on_connected() = 0;  // the subscription stands
};

class Cloud {
public:
    using Post = std::function<void(update::Event)>;

    Cloud(io::Loop& loop, io::mqtt::Client& broker, io::http::Client& server, Vin vin)
        : loop_(loop),
          broker_(broker),
          server_(server),
          vin_(vin) {}

    void hand_diagnostics_to(DiagnosticInbox& inbox) { diagnostics_ = &inbox; }  // which outlives listen()

    // Until the process ends. Connected is posted when the subscription stands: only then can the server's answers
    // arrive.
    [[nodiscard]] io::Task<void> listen(Post post);
    void publish(const update::Outgoing& message);

private:
    [[nodiscard]] boost::asio::awaitable<void> connected(io::mqtt::Connected event, const Post& post);
    void heard(const io::mqtt::Message& message, const Post& post);
    void tell_diagnostics(const wire::Message& message, io::mqtt::Retain retained);

    io::Loop& loop_;
    io::mqtt::Client& broker_;
    io::http::Client& server_;
    Vin vin_;
    bool subscribed_ = false;
    DiagnosticInbox* diagnostics_ = nullptr;
};

// What a message of the server means for the update; nothing when it means nothing.
[[nodiscard]] std::optional<update::Event> event_of(const wire::Message& message);

}  // namespace pitstop::gateway
