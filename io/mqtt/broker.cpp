#include "io/mqtt/broker.h"

#include "io/files/atomic_file.h"
#include "io/files/faults.h"
#include "io/log/log.h"
#include "io/mqtt/broker_files.h"
#include "io/mqtt/faults.h"
#include "io/tls/broker_config.h"

#include <pwd.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstdlib>
#include <format>
#include <fstream>
#include <sstream>
#include <system_error>

namespace pitstop::io::mqtt {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::milliseconds ready_timeout{10'000};
constexpr std::chrono::milliseconds ready_poll{20};
constexpr std::chrono::milliseconds stop_grace{3'000};
constexpr std::chrono::milliseconds first_pause{200};
constexpr std::chrono::milliseconds longest_pause{30'000};
constexpr std::chrono::seconds healthy_after{60};  // who ran this long starts again without a pause

// PATH first. Debian installs it where the PATH of an ordinary user does not lead.
Result<std::filesystem::path> find_program(const std::string& name) {
    const char* from_environment = std::getenv("PATH");
    std::istringstream folders(std::string(from_environment != nullptr ? from_environment : "") +
                               ":/usr/sbin:/usr/local/sbin");
    if (name.find('/') != std::string::npos) {
        if (::access(name.c_str(), X_OK) == 0) return std::filesystem::path(name);
        return fail(faults::broker_missing, name);
    }
    for (std::string folder; std::getline(folders, folder, ':');)
        if (!folder.empty() && ::access((folder + "/" + name).c_str(), X_OK) == 0)
            return std::filesystem::path(folder) / name;
    return fail(faults::broker_missing, std::format("{} is in no folder of PATH, nor in /usr/sbin", name));
}

std::string own_user() {
    const passwd* user = ::getpwuid(::geteuid());
    return user != nullptr ? user->pw_name : "root";
}

Result<tcp::endpoint> endpoint_of(const BrokerSettings& settings) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(settings.address, error);
    if (error) return fail(faults::broker_not_ready, std::format("'{}' is no IP address", settings.address));
    return tcp::endpoint(address, settings.port);
}

// Mosquitto would say it too, in its log, after we have waited for it.
Result<void> check_port_is_free(Loop& loop, const tcp::endpoint& wanted) {
    tcp::acceptor trial(loop.context());
    boost::system::error_code error;
    trial.open(wanted.protocol(), error);
    if (!error) trial.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) trial.bind(wanted, error);
    if (!error) trial.listen(1, error);
    if (error)
        return fail(faults::port_taken,
                    std::format("{}:{}: {}", wanted.address().to_string(), wanted.port(), error.message()));
    return {};
}

Result<void> write_files(const BrokerSettings& settings) {
    TRY(const auto profile, tls::find_profile(settings.tls.profile, settings.tls.allow_classical));
    std::error_code error;
    std::filesystem::create_directories(settings.folder / "sessions", error);
    if (error) return fail(files::faults::unwritable, std::format("{}: {}", settings.folder.string(), error.message()));
    const auto write = [&](const char* name, const std::string& text) {
        return files::write_atomically(settings.folder / name, view_of(text), files::FileMode::private_);
    };
    ENSURE(write("mosquitto.conf", broker_configuration(settings, own_user())));
    ENSURE(write("access.list", access_list()));
    return write("openssl.cnf", tls::openssl_conf_for_broker(profile, settings.tls.hybrid));
}

// The lines that tell what is wrong, without their time stamps: the first names the file or setting.
std::string last_words(const std::filesystem::path& log) {
    std::ifstream file(log);
    std::string words;
    for (std::string line; std::getline(file, line);) {
        if (line.find("Error") == std::string::npos) continue;
        const auto after_time = line.find(": ");
        words += (words.empty() ? "" : "; ") + line.substr(after_time == std::string::npos ? 0 : after_time + 2);
    }
    return words;
}

// A TLS handshake, for Mosquitto listens before it has read its certificate. It needs none of ours: in TLS 1.3 the
// server judges the client's afterwards.
Task<void> shake_hands(Loop& loop, tcp::endpoint at, boost::asio::ssl::context& context) {
    boost::asio::ssl::stream<tcp::socket> stream(loop.context(), context);
    auto [refused] = co_await stream.next_layer().async_connect(at, boost::asio::as_tuple(boost::asio::use_awaitable));
    if (refused) co_return fail(error_of(refused, "connect"));
    auto [failed] = co_await stream.async_handshake(boost::asio::ssl::stream_base::client,
                                                    boost::asio::as_tuple(boost::asio::use_awaitable));
    if (failed) co_return fail(error_of(failed, "TLS handshake"));
    co_return Result<void>{};
}

Result<boost::asio::ssl::context> context_to_ask(const tls::TlsSettings& of_broker) {
    tls::TlsSettings settings;
    settings.profile = of_broker.profile;
    settings.hybrid = of_broker.hybrid;
    settings.allow_classical = of_broker.allow_classical;
    settings.peer_certificate = tls::PeerCertificate::none;  // nothing is said to it
    return tls::make_context(tls::Side::client, settings);
}

}  // namespace

Task<void> Broker::start() {
    CO_TRY(program_, find_program(settings_.program));
    CO_ENSURE(write_files(settings_));
    CO_TRY(const auto endpoint, endpoint_of(settings_));
    CO_ENSURE(check_port_is_free(loop_, endpoint));
    std::error_code ignored;  // an old log explains nothing about this start
    std::filesystem::remove(settings_.folder / "broker.log", ignored);
    co_return co_await start_process();
}

Task<void> Broker::start_process() {
    CO_TRY(const auto endpoint, endpoint_of(settings_));
    const auto log_file = settings_.folder / "broker.log";
    CO_TRY(process_, Process::start(
                         loop_, {.arguments = {program_.string(), "-c", (settings_.folder / "mosquitto.conf").string()},
                                 .environment = {{"OPENSSL_CONF", (settings_.folder / "openssl.cnf").string()}},
                                 .output = log_file}));
    CO_TRY(auto context, context_to_ask(settings_.tls));
    for (auto waited = std::chrono::milliseconds(0); waited < ready_timeout; waited += ready_poll) {
        if (co_await with_deadline(ready_timeout, "the broker", shake_hands(loop_, endpoint, context)))
            co_return Result<void>{};
        if (!process_->running()) {
            CO_TRY(const Exit ended, co_await process_->wait());
            co_return fail(faults::broker_not_ready, std::format("{}: {}", ended.str(), last_words(log_file)));
        }
        co_await pause(ready_poll);
    }
    co_return fail(faults::broker_not_ready,
                   std::format("no answer within {} s: {}", ready_timeout.count() / 1000, last_words(log_file)));
}

Task<void> Broker::watch() {
    auto wait = first_pause;
    for (;;) {
        const Tick started = loop_.now();
        if (process_) {
            CO_TRY(const Exit ended, co_await process_->wait());
            if (stopping_) co_return Result<void>{};
            log::warning("the broker ended ({}); starting it again", ended.str());
        }
        if (loop_.now() - started > healthy_after) wait = first_pause;
        co_await pause(wait);
        wait = std::min(wait * 2, longest_pause);
        if (auto again = co_await start_process(); !again) log::problem(again.error(), "broker");
    }
}

Task<void> Broker::stop() {
    stopping_ = true;
    if (!process_) co_return Result<void>{};
    CO_TRY(const Exit ended, co_await process_->terminate(stop_grace));
    log::info("the broker ended ({})", ended.str());
    co_return Result<void>{};
}

std::optional<pid_t> Broker::process_id() const {
    if (!process_ || !process_->running()) return std::nullopt;
    return process_->id();
}

}  // namespace pitstop::io::mqtt
