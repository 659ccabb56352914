#include "apps/server/vehicle_link.h"

#include "io/log/log.h"

#include <format>

namespace pitstop::server {
namespace {

// One transaction for so many: a commit costs a disk's fsync, whatever is in it.
constexpr std::size_t messages_per_commit_max = 256;
constexpr std::chrono::milliseconds between_ticks{1000};

io::Task<void> publish(io::mqtt::Client& client, wire::Envelope message) {
    const auto* row = wire::find_row(message.type(), message.source);
    const auto qos = row != nullptr ? row->qos : wire::Qos::at_least_once;
    const auto sent = co_await client.publish(message.topic(), wire::to_bytes(message), qos, io::mqtt::Retain::no);
    if (!sent)
        io::log::debug("{} to {} was not delivered: {}", wire::name_of(message.type()), message.vin.view(),
                       sent.error().str());
    co_return Result<void>{};
}

// Every server that shares the subscription gets a part of the messages (MQTT 5.0 §4.8.2).
std::vector<std::string> shared_filters() {
    std::vector<std::string> filters = wire::filters_for_server();
    for (auto& filter : filters) filter = "$share/pitstop/" + filter;
    return filters;
}

void note(const io::mqtt::Message& message, std::vector<wire::Envelope>& heard, Engine& engine, UtcTime now) {
    auto envelope = wire::from_bytes(view_of(message.payload), message.topic);
    if (envelope) return heard.push_back(*std::move(envelope));
    io::log::problem(envelope.error(), message.topic);
    if (const auto vin = wire::vin_of_topic(message.topic)) engine.reject(*vin, envelope.error(), now);
}

}  // namespace

void MqttSpeaker::say(const wire::Envelope& message) {
    loop_.spawn(std::format("say {} to {}", wire::name_of(message.type()), message.vin.view()),
                publish(client_, message));
}

io::Task<void> listen_to_vehicles(io::Loop& loop, io::mqtt::Client& client, Engine& engine,
                                  std::atomic<bool>& connected) {
    // Not waited for: the broker may come later, and the client asks again whenever it was forgotten.
    loop.spawn("subscribe", [](io::mqtt::Client& to) -> io::Task<void> {
        const auto subscribed = co_await to.subscribe(shared_filters(), wire::Qos::at_least_once);
        if (!subscribed) io::log::problem(subscribed.error(), "subscribe");
        co_return Result<void>{};
    }(client));
    for (;;) {
        CO_TRY(const auto some, co_await client.receive_some(messages_per_commit_max));
        std::vector<wire::Envelope> heard;
        bool is_back = false;
        for (const auto& incoming : some) {
            if (const auto* message = std::get_if<io::mqtt::Message>(&incoming))
                note(*message, heard, engine, loop.utc_now());
            if (std::holds_alternative<io::mqtt::Connected>(incoming)) is_back = true;
            if (!std::holds_alternative<io::mqtt::Message>(incoming))
                connected = std::holds_alternative<io::mqtt::Connected>(incoming);
        }
        if (is_back) CO_ENSURE(engine.start(loop.utc_now()));
        if (!heard.empty()) CO_ENSURE(engine.hear(heard, loop.utc_now()));
    }
}

io::Task<void> pass_time(io::Loop& loop, Engine& engine, DiagnosticDesk& diagnostics) {
    for (;;) {
        co_await io::pause(between_ticks);
        CO_ENSURE(engine.pass_time(loop.utc_now()));
        CO_ENSURE(diagnostics.pass_time(loop.utc_now()));
    }
}

}  // namespace pitstop::server
