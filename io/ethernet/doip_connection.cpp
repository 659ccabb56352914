#include "io/ethernet/doip_connection.h"

#include "io/ethernet/address_name.h"
#include "io/log/log.h"

#include <algorithm>
#include <format>
#include <utility>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;

namespace {

// What an entity's packet refuses, in words; nothing where it refuses nothing.
std::optional<std::string> refusal_in(const doip::Packet& said) {
    const View payload = said.view().subspan(doip::header_size_bytes);
    switch (static_cast<doip::PayloadType>(load_be<std::uint16_t>(&said.view()[2]))) {
        case doip::PayloadType::header_nack:
            return std::format("message refused: {} (0x{:02X})", to_string(static_cast<doip::HeaderNack>(payload[0])),
                               payload[0]);
        case doip::PayloadType::routing_activation_response: {
            const auto answer = doip::ActivationResponse::decode(payload);
            const bool waits = answer.code == doip::Activation::confirmation_required;
            if (waits || answer.code == doip::Activation::activated) return std::nullopt;
            return std::format("routing for 0x{:04X} refused: {} (0x{:02X})", answer.tester, to_string(answer.code),
                               static_cast<unsigned>(answer.code));
        }
        case doip::PayloadType::diagnostic_nack: {
            const auto nack = doip::Acknowledgement::decode(payload);
            return std::format("message from 0x{:04X} to {} refused: {} (0x{:02X})", nack.target, name_of(nack.source),
                               to_string(nack.code), static_cast<unsigned>(nack.code));
        }
        default: return std::nullopt;
    }
}

}  // namespace

DoipConnection::DoipConnection(Loop& loop, DoipStream stream, DoipConnectionSettings settings, DoipSurroundings around)
    : loop_(loop),
      stream_(std::move(stream)),
      around_(around),
      entity_(settings.entity, around.target, around.policy, loop.now()),
      storage_size_bytes_(doip::header_size_bytes + settings.data_size_bytes_max),
      storage_(std::make_unique_for_overwrite<std::uint8_t[]>(storage_size_bytes_)),
      reader_({storage_.get(), storage_size_bytes_}, doip::Listener::entity_tcp, settings.data_size_bytes_max),
      watch_(loop.context()),
      confirming_(loop.context()),
      confirms_after_(settings.confirms_after) {}

asio::awaitable<void> DoipConnection::serve() {
    watch();
    if (!co_await secure()) co_return close();
    while (is_open()) {
        const auto read = co_await stream_.read_some(reader_.prepare());
        if (read.code) break;
        if (ending_) continue;  // closed with bytes unread, the socket would reset what is still on its way out
        reader_.commit(read.size_bytes);
        collecting_ = true;
        while (is_open() && !ending_) {
            const auto item = reader_.next();
            if (!item) break;
            co_await handle(*item);
        }
        collecting_ = false;
        flush();
    }
    close();
}

asio::awaitable<bool> DoipConnection::secure() {
    if (!stream_.is_tls()) co_return true;
    const auto secured = co_await stream_.secure();
    if (secured)
        entity_.on_secured(stream_.peer_showed_certificate() ? doip::Proof::certificate : doip::Proof::none);
    else
        log::problem(secured.error(), "DoIP connection");
    co_return secured.has_value();
}

asio::awaitable<void> DoipConnection::handle(const doip::Item& item) {
    const bool was_checking = entity_.is_checking_alive();
    doip::Actions actions = entity_.on_item(item, loop_.now());
    if (was_checking && !entity_.is_checking_alive()) around_.others.changed();
    if (actions.registers) {
        watch();
        const auto registration = co_await around_.others.find_out(*this, *actions.registers);
        actions = entity_.on_registered(registration, loop_.now());
        watch();
    }
    act(actions);
    if (entity_.awaits_confirmation()) confirm_later();
}

void DoipConnection::act(const doip::Actions& actions) {
    log_refusal(actions.send);
    append(actions.send.view());
    if (actions.deliver && !ending_) around_.target.on_request(*actions.deliver, shared_from_this());
    if (actions.then == doip::Then::close) end_when_sent();
}

void DoipConnection::log_refusal(const doip::Packet& said) {
    if (said.empty() || has_logged_refusal_) return;
    const auto why = refusal_in(said);
    if (!why) return;
    has_logged_refusal_ = true;
    log::info("DoIP tester {}: {}", stream_.peer_name(), *why);
}

void DoipConnection::confirm_later() {
    if (!confirms_after_) return;
    confirming_.expires_after(*confirms_after_);
    confirming_.async_wait([weak = weak_from_this()](const boost::system::error_code& code) {
        if (const auto self = weak.lock(); self && !code) self->confirm(doip::Confirmation::given);
    });
}

void DoipConnection::confirm(doip::Confirmation confirmation) {
    act(entity_.on_confirmed(confirmation, loop_.now()));
    flush();
}

void DoipConnection::reply(std::uint16_t source, View uds) {
    const auto tester = entity_.source();
    if (!tester || !is_open()) return;
    append(doip::diagnostic_prefix(entity_.version(), source, *tester, uds.size()));
    append(uds);
    entity_.on_sent(loop_.now());
    flush();
}

void DoipConnection::check_alive() {
    append(entity_.check_alive(loop_.now()).view());
    flush();
    watch();
}

void DoipConnection::append(View bytes) {
    if (unsent_.size() + bytes.size() > unsent_bytes_max) {
        log::warning("a DoIP tester does not read what it is sent: connection closed");
        return close();
    }
    unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
}

// Most of what an entity says fits the socket's buffer at once; only the rest needs a turn of the loop.
void DoipConnection::flush() {
    if (collecting_ || send_due_ || !is_open()) return;
    if (!unsent_.empty()) {
        boost::system::error_code code;
        const std::size_t sent_bytes = stream_.write_now({asio::buffer(unsent_), asio::const_buffer()}, code);
        if (code) return close();
        if (sent_bytes < unsent_.size()) return send_rest(sent_bytes);
        unsent_.clear();
    }
    if (!ending_ || saying_goodbye_) return;
    saying_goodbye_ = true;
    linger_due_ = loop_.now() + linger_limit;
    watch();
    stream_.end([self = shared_from_this()](const boost::system::error_code&) {});
}

void DoipConnection::send_rest(std::size_t sent_bytes) {
    std::swap(sending_, unsent_);
    unsent_.clear();
    send_due_ = loop_.now() + send_limit;
    watch();
    stream_.write({asio::buffer(sending_) + sent_bytes, asio::const_buffer()},
                  [self = shared_from_this()](const boost::system::error_code& ended) { self->on_written(ended); });
}

void DoipConnection::on_written(const boost::system::error_code& code) {
    send_due_.reset();
    if (code) return close();
    flush();
}

void DoipConnection::end_when_sent() {
    ending_ = true;
    around_.others.changed();
    flush();
}

void DoipConnection::close() {
    if (!is_open()) return;
    stream_.close();
    watch_.cancel();
    confirming_.cancel();
    around_.target.on_closed(*this);
    around_.others.changed();
}

void DoipConnection::watch() {
    if (!is_open()) return;
    Tick due = entity_.deadline();
    if (send_due_) due = std::min(due, *send_due_);
    if (linger_due_) due = std::min(due, *linger_due_);
    watch_.expires_after(std::max(due - loop_.now(), std::chrono::microseconds(0)));
    watch_.async_wait([weak = weak_from_this()](const boost::system::error_code& code) {
        if (const auto self = weak.lock(); self && !code) self->on_watch();
    });
}

void DoipConnection::on_watch() {
    const Tick now = loop_.now();
    const bool stuck = (send_due_ && now >= *send_due_) || (linger_due_ && now >= *linger_due_);
    if (stuck || entity_.on_deadline(now).then == doip::Then::close) return close();
    watch();
}

}  // namespace pitstop::io::ethernet
