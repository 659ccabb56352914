#include "apps/gateway/cloud.h"

#include "core/wire/envelope.h"
#include "io/log/log.h"

namespace pitstop::gateway {
namespace {

namespace log = io::log;

constexpr std::chrono::milliseconds https_look_limit{3000};
constexpr std::size_t health_size_bytes_max = 4096;

template <class... Each>
struct Overloaded : Each... {
    using Each::operator()...;
};

wire::Channel channel_of(const io::tls::Negotiated& tls) { return {tls.group, tls.signature, tls.cipher}; }

io::Task<void> publish_one(io::mqtt::Client& broker, update::Outgoing message) {
    const auto done = co_await broker.publish(message.topic, Bytes(message.text.begin(), message.text.end()),
                                              message.qos, io::mqtt::Retain::no);
    if (!done) log::problem(done.error(), message.topic);
    co_return Result<void>{};
}

}  // namespace

std::optional<update::Event> event_of(const wire::Message& message) {
    using Event = std::optional<update::Event>;
    return std::visit(
        Overloaded{
            [](const wire::RequestVci&) -> Event { return update::VciRequested{}; },
            [](const wire::OtaCampaign& it) -> Event { return update::OfferReceived{it}; },
            [](const wire::RequestReadiness& it) -> Event { return update::ReadinessRequested{it.campaign}; },
            [](const wire::OtaMetadata& it) -> Event { return update::MetadataAnnounced{it}; },
            [](const wire::CommandAck& it) -> Event { return update::Acknowledged{it.acknowledged}; },
            [](const wire::Command& it) -> Event {
                const auto campaign = wire::cancelled_campaign(it);
                return campaign ? Event(update::CancelReceived{*campaign}) : std::nullopt;
            },
            // The server will never take this message: to keep it would only block the outbox.
            [](const wire::ErrorMessage& it) -> Event {
                return it.about ? Event(update::Acknowledged{*it.about}) : std::nullopt;
            },
            [](const auto&) -> Event { return std::nullopt; },
        },
        message);
}

io::Task<void> Cloud::listen(Post post) {
    for (;;) {
        CO_TRY(const io::mqtt::Incoming incoming, co_await broker_.receive());
        if (const auto* event = std::get_if<io::mqtt::Connected>(&incoming)) co_await connected(*event, post);
        if (const auto* event = std::get_if<io::mqtt::Disconnected>(&incoming)) log::problem(event->reason, "mqtt");
        if (const auto* message = std::get_if<io::mqtt::Message>(&incoming)) heard(*message, post);
    }
}

boost::asio::awaitable<void> Cloud::connected(io::mqtt::Connected event, const Post& post) {
    log::info("mqtt connected: {} {} {}", event.tls.group, event.tls.signature, event.tls.cipher);
    if (!subscribed_) {
        const auto done = co_await broker_.subscribe(wire::filters_for_vehicle(vin_), io::mqtt::Qos::at_least_once);
        subscribed_ = done.has_value();
        if (!done) log::problem(done.error(), "mqtt subscribe");
    }
    // One look at the HTTPS channel, so that the wake-up can tell what it agreed on. A server that is down costs a
    // moment.
    const auto seen =
        co_await io::with_deadline(https_look_limit, "https", server_.get("/health", {}, health_size_bytes_max));
    if (!seen) log::problem(seen.error(), "https");
    std::optional<wire::Channel> https;
    if (server_.negotiated()) https = channel_of(*server_.negotiated());
    post(update::Connected{channel_of(event.tls), https});
    if (diagnostics_) diagnostics_->on_connected();
}

void Cloud::heard(const io::mqtt::Message& message, const Post& post) {
    const auto envelope = wire::from_bytes(view_of(message.payload), message.topic);
    if (!envelope) return log::problem(envelope.error(), message.topic);
    if (envelope->vin != vin_ || envelope->source != wire::Entity::server)
        return log::warning("a message on {} is not for this vehicle", message.topic);
    if (const auto* error = std::get_if<wire::ErrorMessage>(&envelope->message))
        log::warning("the server refused a message: {}: {}", error->code, error->detail);
    log::debug("heard {}", wire::name_of(envelope->type()));
    if (diagnostics_) tell_diagnostics(envelope->message, message.retained);
    if (auto event = event_of(envelope->message)) post(*std::move(event));
}

void Cloud::tell_diagnostics(const wire::Message& message, io::mqtt::Retain retained) {
    if (const auto* request = std::get_if<wire::DiagnosticRequest>(&message))
        diagnostics_->on_order(request->content, retained);
    if (const auto* ack = std::get_if<wire::CommandAck>(&message)) diagnostics_->on_acknowledged(ack->acknowledged);
    if (const auto* error = std::get_if<wire::ErrorMessage>(&message); error && error->about)
        diagnostics_->on_acknowledged(*error->about);
}

void Cloud::publish(const update::Outgoing& message) {
    if (broker_.connected()) loop_.spawn("publish", publish_one(broker_, message));
}

}  // namespace pitstop::gateway
