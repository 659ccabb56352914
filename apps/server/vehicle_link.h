// The server's side of the talk with vehicles: broker messages in, events to the engine; the engine's words out.
#pragma once

#include "apps/server/diagnostics.h"
#include "apps/server/engine.h"
#include "io/mqtt/client.h"

#include <atomic>

namespace pitstop::server {

// Says without waiting: a message that is lost is said again when its time comes.
class MqttSpeaker final : public Speaker {
public:
    MqttSpeaker(io::Loop& loop, io::mqtt::Client& client) : loop_(loop), client_(client) {}
    void say(const wire::Envelope& message) override;

private:
    io::Loop& loop_;
    io::mqtt::Client& client_;
};

// Until the client is closed. `connected` is for whoever asks how the server is.
[[nodiscard]] io::Task<void> listen_to_vehicles(io::Loop& loop, io::mqtt::Client& client, Engine& engine,
                                                std::atomic<bool>& connected);

// Drives what each of them does as time passes.
[[nodiscard]] io::Task<void> pass_time(io::Loop& loop, Engine& engine, DiagnosticDesk& diagnostics);

}  // namespace pitstop::server
