#include "io/mqtt/client.h"

#include "io/log/log.h"
#include "io/mqtt/connection_state.h"
#include "io/mqtt/faults.h"
#include "io/mqtt/granted.h"
#include "io/mqtt/handshake.h"
#include "io/mqtt/library.h"
#include "io/runtime/signal.h"

#include <openssl/ssl.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <format>
#include <functional>

namespace pitstop::io::mqtt {
namespace {

constexpr std::chrono::milliseconds restart_pause{500};
constexpr int turns_to_end = 32;  // a cancelled operation of the library takes fewer than ten
constexpr int turns_between_messages = 8;

// What the library will say about one request, for whoever still waits for it then.
template <class T>
struct Answer {
    explicit Answer(Loop& loop) : said(loop) {}
    Event said;
    std::optional<T> value;
};

template <class T>
Task<void> wait_for(std::shared_ptr<Answer<T>> answer) {
    co_await answer->said.wait();
    co_return Result<void>{};
}

// Not the library's own cancellation: that would end the whole client.
template <class T>
Task<T> answer_in_time(std::shared_ptr<Answer<T>> answer, std::chrono::milliseconds limit, std::string what) {
    auto waited = co_await with_deadline<void>(limit, what, wait_for(answer));
    if (answer->value) co_return *std::move(answer->value);
    if (!waited && waited.error().is(io::faults::deadline)) co_return fail(faults::too_late, what);
    if (!waited) co_return fail(waited.error());
    co_return fail(faults::closed, what);
}

struct PublishAnswer {
    boost::system::error_code error;
    std::string refusal;  // the broker's reason; empty when it took the message
};
struct SubscribeAnswer {
    std::optional<Error> refusal;
};

SubscribeAnswer judged(const boost::system::error_code& error, const std::vector<std::pair<std::string, Qos>>& filters,
                       const std::vector<library::reason_code>& reasons) {
    if (error) return {Error(faults::subscribe_refused, std::format("{}: {}", filters.front().first, error.message()))};
    for (std::size_t i = 0; i < filters.size() && i < reasons.size(); ++i) {
        const auto granted =
            check_granted(filters[i].second, reasons[i].value(), filters[i].first, reasons[i].message());
        if (!granted) return {granted.error()};
    }
    return {};
}

}  // namespace

struct Client::Inside {
    Inside(Loop& on, ClientSettings with, ssl_context context, std::shared_ptr<ConnectionState> watched)
        : loop(on),
          settings(std::move(with)),
          state(std::move(watched)),
          client(on.context(), std::move(context), ConnectionLogger{state}),
          unconfirmed(std::make_shared<std::size_t>(0)) {}

    Loop& loop;
    ClientSettings settings;
    std::shared_ptr<ConnectionState> state;
    LibraryClient client;
    std::shared_ptr<std::size_t> unconfirmed;  // shared with answers that come after the client is gone
    std::vector<std::pair<std::string, Qos>> subscriptions;

    void send_subscribe(const std::vector<std::pair<std::string, Qos>>& filters,
                        std::function<void(SubscribeAnswer)> done);
    void run();
    static Task<void> read(std::shared_ptr<Inside> inside);
};

Client::Client(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() {
    if (!inside_) return;
    inside_->state->close();
    inside_->client.cancel();
}

Result<Client> Client::open(Loop& loop, const ClientSettings& settings, metrics::Registry& registry) {
    TRY(auto context, tls::make_context(tls::Side::client, settings.tls));
    TRY(const auto profile, tls::find_profile(settings.tls.profile, settings.tls.allow_classical));
    auto handshake = std::make_shared<Handshake>();
    ENSURE(watch_handshakes(context.native_handle(), handshake));
    {
        // The library has no place for a fault when it connects: a host that cannot be verified is found here.
        const std::unique_ptr<SSL, decltype(&SSL_free)> trial(SSL_new(context.native_handle()), &SSL_free);
        ENSURE(tls::verify_host(trial.get(), settings.host));
    }
    const Expected expected{profile, settings.tls.hybrid, std::format("{}:{}", settings.host, settings.port)};
    auto state = std::make_shared<ConnectionState>(loop, expected, handshake, settings.inbox_max, registry);
    auto inside = std::make_shared<Inside>(loop, settings, std::move(context), std::move(state));
    library::connect_props properties;
    properties[library::prop::session_expiry_interval] = static_cast<std::uint32_t>(settings.session_expiry.count());
    properties[library::prop::maximum_packet_size] = settings.message_bytes_max;
    inside->client.brokers(settings.host, settings.port)
        .credentials(settings.client_id)
        .keep_alive(static_cast<std::uint16_t>(settings.keep_alive.count()))
        .connect_properties(std::move(properties));
    inside->run();
    loop.spawn(std::format("mqtt {}", settings.client_id), Inside::read(inside));
    return Client(std::move(inside));
}

void Client::Inside::run() {
    client.async_run([](const boost::system::error_code&) {});  // read() notices its end
}

// Everything that the broker sends, until the client is closed or the loop stops.
Task<void> Client::Inside::read(std::shared_ptr<Inside> inside) {
    namespace asio = boost::asio;
    co_await asio::this_coro::throw_if_cancelled(false);
    asio::steady_timer pause(inside->loop.context());
    while (!inside->state->closed()) {
        auto [error, topic, payload, properties] =
            co_await inside->client.async_receive(asio::as_tuple(asio::use_awaitable));
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none) break;
        if (!error) {
            inside->state->push(Message{std::move(topic), std::move(payload), retain_of(properties)});
            continue;
        }
        if (error != library::client::error::session_expired) {
            if (inside->state->closed()) break;
            // The library gives up on errors that it does not know, such as TLS cut off without a farewell.
            inside->state->broken();
            pause.expires_after(restart_pause);
            co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            inside->client.cancel();
            inside->run();
        }
        inside->send_subscribe(inside->subscriptions, [](const SubscribeAnswer& answer) {
            if (answer.refusal) log::problem(*answer.refusal, "subscribe again");
        });
    }
    inside->state->close();
    inside->client.cancel();
    // The library's own operations must end by running: it does not survive their destruction together with the loop.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    for (int turn = 0; turn < turns_to_end; ++turn) co_await asio::post(asio::use_awaitable);
    co_return Result<void>{};
}

void Client::Inside::send_subscribe(const std::vector<std::pair<std::string, Qos>>& filters,
                                    std::function<void(SubscribeAnswer)> done) {
    if (filters.empty()) return done({});
    std::vector<library::subscribe_topic> topics;
    for (const auto& [filter, qos] : filters)  // `no local` is not allowed on shared subscriptions (MQTT 5.0 §3.8.3.1)
        topics.push_back({filter, {.max_qos = static_cast<library::qos_e>(qos), .no_local = library::no_local_e::no}});
    client.async_subscribe(topics, library::subscribe_props{},
                           [done = std::move(done), filters](
                               boost::system::error_code error, const std::vector<library::reason_code>& reasons,
                               const library::suback_props& /*properties*/) { done(judged(error, filters, reasons)); });
}

Task<void> Client::subscribe(std::vector<std::string> filters, Qos qos) {
    const auto inside = inside_;  // stays while we wait, also when the client goes
    std::vector<std::pair<std::string, Qos>> asked;
    for (auto& filter : filters) asked.emplace_back(std::move(filter), qos);
    inside->subscriptions.insert(inside->subscriptions.end(), asked.begin(), asked.end());
    auto answer = std::make_shared<Answer<SubscribeAnswer>>(inside->loop);
    inside->send_subscribe(asked, [answer](SubscribeAnswer said) {
        answer->value = std::move(said);
        answer->said.set();
    });
    const std::string what = std::format("subscribe to {}", asked.empty() ? "nothing" : asked.front().first);
    CO_TRY(auto said, co_await answer_in_time(answer, inside->settings.answer_timeout, what));
    if (said.refusal) co_return fail(*said.refusal);
    co_return Result<void>{};
}

Task<void> Client::publish(std::string topic, Bytes payload, Qos qos, Retain retain) {
    const auto kept = inside_;  // stays while we wait, also when the client goes
    Inside& inside = *kept;
    if (*inside.unconfirmed >= inside.settings.unconfirmed_max)
        co_return fail(faults::outbox_full, std::format("{} messages wait", *inside.unconfirmed));
    auto answer = std::make_shared<Answer<PublishAnswer>>(inside.loop);
    ++*inside.unconfirmed;
    const auto retained = retain == Retain::yes ? library::retain_e::yes : library::retain_e::no;
    std::string text(text_of(payload));
    if (qos == Qos::at_most_once) {
        inside.client.async_publish<library::qos_e::at_most_once>(
            topic, std::move(text), retained, library::publish_props{},
            [answer, waiting = inside.unconfirmed](boost::system::error_code error) {
                --*waiting;
                answer->value = PublishAnswer{error, {}};
                answer->said.set();
            });
    } else {
        inside.client.async_publish<library::qos_e::at_least_once>(
            topic, std::move(text), retained, library::publish_props{},
            [answer, waiting = inside.unconfirmed](boost::system::error_code error, library::reason_code reason,
                                                   const auto&) {
                --*waiting;
                answer->value = PublishAnswer{error, reason ? reason.message() : std::string()};
                answer->said.set();
            });
    }
    CO_TRY(const auto said, co_await answer_in_time(answer, inside.settings.answer_timeout, topic));
    if (said.error == boost::asio::error::operation_aborted)
        co_return fail(inside.state->closed() ? faults::closed : faults::connection_lost, topic);
    if (said.error) co_return fail(faults::publish_refused, std::format("{}: {}", topic, said.error.message()));
    if (!said.refusal.empty()) co_return fail(faults::publish_refused, std::format("{}: {}", topic, said.refusal));
    inside.state->count_published();
    co_return Result<void>{};
}

Task<Incoming> Client::receive() {
    const auto state = inside_->state;
    co_return co_await state->next();
}

Task<std::vector<Incoming>> Client::receive_some(std::size_t count_max) {
    const auto state = inside_->state;
    std::vector<Incoming> some;
    do {
        CO_TRY(auto next, co_await state->next());
        some.push_back(std::move(next));
        // The library hands out one message in a few turns of the loop: what the socket already holds comes along.
        for (int turn = 0; turn < turns_between_messages && !state->has_next(); ++turn)
            co_await boost::asio::post(boost::asio::use_awaitable);
    } while (some.size() < count_max && state->has_next());
    co_return some;
}

bool Client::connected() const { return inside_->state->connected(); }
std::optional<tls::Negotiated> Client::negotiated() const { return inside_->state->negotiated(); }

}  // namespace pitstop::io::mqtt
