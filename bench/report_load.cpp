// Vehicles that report as fast as they are answered, or at a fixed pace: one line of JSON for bench/run.
//
// Each vehicle sends OTA_STATUS, made by core/wire, with QoS 1. Answered means: the server's COMMAND_ACK came, which it
// sends after the database's commit. With --subscriber there is no server: that client takes every report from the
// broker and its arrival is the answer, which is what the same road carries without a database.
//
// Both ends of the road run here in one thread. All reports of a vehicle differ in message_id and sequence only: both
// have a fixed length and are written into a text made once, so that the load costs little beside what is measured.
#include "core/wire/envelope.h"
#include "io/mqtt/client.h"
#include "io/runtime/loop.h"

#include <CLI/CLI.hpp>

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <filesystem>
#include <format>
#include <iostream>
#include <random>

namespace {

using namespace pitstop;
using Clock = std::chrono::steady_clock;
using io::mqtt::Client;

constexpr std::size_t index_digits = 12;  // the last group of a UUID carries the report's number
constexpr std::chrono::milliseconds patience{15'000};
constexpr std::chrono::milliseconds last_answers{3'000};

struct Settings {
    std::uint16_t port = 0;
    int profile = io::tls::default_profile;
    std::filesystem::path pki;
    std::vector<std::string> vins;
    std::string campaign;
    bool subscriber = false;  // of ours, in the server's place
    unsigned window = 64;     // reports of one vehicle that wait for their answer
    unsigned rate_per_s = 0;  // of all vehicles together; 0: as fast as the window allows
    double seconds = 5;
};

struct Vehicle {
    Vin vin;
    std::string topic;
    Client client;
    Bytes report;
    std::size_t index_at, sequence_at;
};

struct Sent {
    Clock::time_point at;
    std::uint32_t vehicle;
    bool open;
};

void write_hex(std::uint8_t* at, std::uint64_t number) {
    for (std::size_t i = index_digits; i-- > 0; number >>= 4)
        at[i] = static_cast<std::uint8_t>("0123456789abcdef"[number & 15]);
}

void write_decimal(std::uint8_t* at, std::size_t digits, std::uint64_t number) {
    for (std::size_t i = digits; i-- > 0; number /= 10) at[i] = static_cast<std::uint8_t>('0' + number % 10);
}

class Load {
public:
    Load(io::Loop& loop, Settings settings) : loop_(loop), settings_(std::move(settings)) {
        std::random_device random;
        for (std::size_t i = 0; i < 4; ++i) id_[i] = static_cast<std::uint8_t>(random());
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        first_sequence_ =
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
        sent_.reserve(1'000'000);
    }

    Result<void> open() {
        for (const auto& name : settings_.vins) ENSURE(open_vehicle(name));
        if (!settings_.subscriber) return {};
        TRY(auto server, connect(std::string(wire::server_identifier), settings_.pki / "server" / "mqtt-client"));
        server_.emplace(std::move(server));
        return {};
    }

    io::Task<void> run() {
        for (auto& vehicle : vehicles_) {
            auto filters = wire::filters_for_vehicle(vehicle.vin);
            CO_ENSURE(
                co_await io::with_deadline(patience, vehicle.vin.str(), begin(vehicle.client, std::move(filters))));
        }
        if (server_) {
            std::vector<std::string> filters{"oem/+/ota/status"};
            CO_ENSURE(co_await io::with_deadline(patience, "subscriber", begin(*server_, std::move(filters))));
        }
        start_ = Clock::now();
        end_ = start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(settings_.seconds));
        if (settings_.rate_per_s > 0)
            co_await send_at_pace();
        else
            send_windows();
        boost::asio::steady_timer timer(loop_.context(), end_);
        co_await timer.async_wait(boost::asio::use_awaitable);
        while (answered_ < sent_.size() && Clock::now() < end_ + last_answers)
            co_await io::pause(std::chrono::milliseconds(10));
        print();
        loop_.stop();
        co_return Result<void>{};
    }

private:
    [[nodiscard]] Result<Client> connect(std::string name, const std::filesystem::path& papers) {
        io::mqtt::ClientSettings client;
        client.host = "localhost";
        client.port = settings_.port;
        client.client_id = std::move(name);
        client.session_expiry = std::chrono::seconds(0);  // nothing of this run may reach the next
        client.inbox_max = 1 << 20;
        client.message_bytes_max = 16 * 1024;  // the library moves a buffer of this size for every message it reads
        client.tls.profile = settings_.profile;
        client.tls.certificate_chain = papers.string() + ".crt";
        client.tls.private_key = papers.string() + ".key";
        client.tls.trust_anchors = settings_.pki / "ca" / "ca.crt";
        return Client::open(loop_, client, registry_);
    }

    Result<void> open_vehicle(const std::string& name) {
        TRY(const auto vin, Vin::parse(name));
        TRY(const auto campaign, CampaignId::parse(settings_.campaign));
        TRY(const auto ecu, EcuId::from_number(11));
        const wire::OtaStatus status{campaign, first_sequence_, campaign::Phase::downloading, ecu, std::uint8_t{50}, {},
                                     {}};
        const auto id = wire::MessageId::from_bytes(id_);
        const wire::Envelope envelope{id, std::nullopt, loop_.utc_now(), wire::Entity::vehicle, vin, status};
        const Bytes report = wire::to_bytes(envelope);
        const auto id_at = text_of(report).find(id.view());
        const auto sequence_at = text_of(report).find(std::to_string(first_sequence_));
        prefix_ = id.str().substr(0, id.view().size() - index_digits);
        TRY(auto client, connect(name, settings_.pki / "vehicles" / name / "vehicle"));
        vehicles_.push_back({vin, envelope.topic(), std::move(client), report, id_at + prefix_.size(), sequence_at});
        return {};
    }

    // Connected, subscribed, and listened to from now on.
    io::Task<void> begin(Client& client, std::vector<std::string> filters) {
        while (!client.connected()) CO_ENSURE((co_await client.receive()).transform([](const auto&) {}));
        CO_ENSURE(co_await client.subscribe(std::move(filters), wire::Qos::at_least_once));
        loop_.spawn("listen", listen(client));
        co_return Result<void>{};
    }

    io::Task<void> listen(Client& client) {
        for (;;) {
            CO_TRY(const auto some, co_await client.receive_some(64));
            for (const auto& incoming : some)
                if (const auto* message = std::get_if<io::mqtt::Message>(&incoming)) hear(message->payload);
        }
    }

    void send_windows() {
        for (std::uint32_t vehicle = 0; vehicle < vehicles_.size(); ++vehicle)
            for (unsigned i = 0; i < settings_.window; ++i) send(vehicle, Clock::now());
    }

    boost::asio::awaitable<void> send_at_pace() {
        boost::asio::steady_timer timer(loop_.context());
        for (std::uint64_t i = 0;; ++i) {
            const auto due = start_ + std::chrono::nanoseconds(i * 1'000'000'000 / settings_.rate_per_s);
            if (due >= end_) co_return;
            timer.expires_at(due);
            co_await timer.async_wait(boost::asio::use_awaitable);
            send(static_cast<std::uint32_t>(i % vehicles_.size()), due);  // waiting for us counts as well
        }
    }

    void send(std::uint32_t number, Clock::time_point since) {
        Vehicle& vehicle = vehicles_[number];
        Bytes report = vehicle.report;
        write_hex(report.data() + vehicle.index_at, sent_.size());
        write_decimal(report.data() + vehicle.sequence_at, std::to_string(first_sequence_).size(),
                      first_sequence_ + sent_.size());
        sent_.push_back({since, number, true});
        loop_.spawn("report", vehicle.client.publish(vehicle.topic, std::move(report), wire::Qos::at_least_once,
                                                     io::mqtt::Retain::no));
    }

    // Our id stands in an answer as in a report; whatever has none is no answer.
    void hear(std::string_view payload) {
        const auto found = payload.find(prefix_);
        if (found == std::string_view::npos || payload.size() < found + prefix_.size() + index_digits) return;
        const auto digits = payload.substr(found + prefix_.size(), index_digits);
        std::uint64_t index = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), index, 16);
        if (index >= sent_.size() || !sent_[index].open) return;  // delivered twice
        sent_[index].open = false;
        ++answered_;
        const auto now = Clock::now();
        if (now < end_) ++answered_in_time_;
        latencies_ms_.push_back(std::chrono::duration<double, std::milli>(now - sent_[index].at).count());
        if (settings_.rate_per_s == 0 && now < end_) send(sent_[index].vehicle, now);
    }

    [[nodiscard]] double percentile_ms(double part) {
        if (latencies_ms_.empty()) return 0;
        const auto at = static_cast<std::ptrdiff_t>(std::floor(part * static_cast<double>(latencies_ms_.size() - 1)));
        std::ranges::nth_element(latencies_ms_, latencies_ms_.begin() + at);
        return latencies_ms_[static_cast<std::size_t>(at)];
    }

    void print() {
        const double per_second = static_cast<double>(answered_in_time_) / settings_.seconds;
        std::cout << std::format(R"({{"answered": {}, "unanswered": {}, "per_second": {:.1f}, "p50_ms": {:.3f}, )"
                                 R"("p99_ms": {:.3f}, "message_bytes": {}}})"
                                 "\n",
                                 answered_, sent_.size() - answered_, per_second, percentile_ms(0.5),
                                 percentile_ms(0.99), vehicles_.front().report.size());
    }

    io::Loop& loop_;
    Settings settings_;
    io::metrics::Registry registry_;
    std::array<std::uint8_t, 16> id_{};
    std::string prefix_;
    std::uint64_t first_sequence_ = 0;  // rises from run to run: the server takes no older one
    std::deque<Vehicle> vehicles_;
    std::optional<Client> server_;
    Clock::time_point start_, end_;
    std::vector<Sent> sent_;
    std::vector<double> latencies_ms_;
    std::size_t answered_ = 0, answered_in_time_ = 0;
};

// What the clients began must end by running, after them and before the loop.
struct Unwind {
    io::Loop& loop;
    ~Unwind() {
        loop.stop();
        loop.run();
    }
};

Result<void> run(const Settings& settings) {
    io::Loop loop;
    std::optional<Error> failed;
    loop.on_failure([&](std::string_view, const Error& error) {
        if (!failed) failed = error;
        loop.stop();
    });
    loop.stop_on_signals();
    const Unwind unwind{loop};
    Load load(loop, settings);
    ENSURE(load.open());
    loop.spawn("load", load.run());
    loop.run();
    if (failed) return fail(*failed);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Vehicles that report over MQTT as fast as they are answered, or at a fixed pace.", "bench-reports");
    Settings settings;
    app.add_option("--port", settings.port, "the broker's, on localhost")->required();
    app.add_option("--profile", settings.profile, "TLS profile")->capture_default_str();
    app.add_option("--pki", settings.pki, "folder that `pitstop pki init` made")
        ->required()
        ->check(CLI::ExistingDirectory);
    app.add_option("--vin", settings.vins, "a vehicle; may be repeated")->required();
    app.add_option("--campaign", settings.campaign, "that these vehicles are assigned to")->required();
    app.add_flag("--subscriber", settings.subscriber, "take the reports ourselves, with the server's certificate");
    app.add_option("--window", settings.window, "reports of one vehicle that wait for their answer")
        ->capture_default_str();
    app.add_option("--rate", settings.rate_per_s, "reports each second; 0: as fast as the window allows")
        ->capture_default_str();
    app.add_option("--seconds", settings.seconds, "how long")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    if (const auto done = run(settings); !done) {
        std::cerr << "bench-reports: " << done.error().str() << '\n';
        return 1;
    }
    return 0;
}
