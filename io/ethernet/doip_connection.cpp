#include "io/ethernet/doip_connection.h"

#include "io/log/log.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;

DoipConnection::DoipConnection(Loop& loop, asio::ip::tcp::socket socket, doip::EntitySettings settings,
                               DiagnosticTarget& target, Connections& others)
    : loop_(loop),
      socket_(std::move(socket)),
      target_(target),
      others_(others),
      entity_(settings, target, loop.now()),
      storage_(doip::header_size_bytes + doip::data_size_bytes_max),
      reader_(storage_, doip::Listener::entity_tcp),
      watch_(loop.context()) {}

asio::awaitable<void> DoipConnection::serve() {
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    watch();
    while (is_open() && !ending_) {
        const Room room = reader_.prepare();
        const auto [code, size_bytes] = co_await socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                                                         asio::as_tuple(asio::use_awaitable));
        if (code) break;
        reader_.commit(size_bytes);
        collecting_ = true;
        while (is_open() && !ending_) {
            const auto item = reader_.next();
            if (!item) break;
            co_await handle(*item);
        }
        collecting_ = false;
        flush();
    }
    if (!ending_) close();
}

asio::awaitable<void> DoipConnection::handle(const doip::Item& item) {
    const bool was_checking = entity_.is_checking_alive();
    doip::Actions actions = entity_.on_item(item, loop_.now());
    if (was_checking && !entity_.is_checking_alive()) others_.changed();
    if (actions.registers) {
        const auto registration = co_await others_.find_out(*this, *actions.registers);
        actions = entity_.on_registered(registration);
        watch();
    }
    act(actions);
}

void DoipConnection::act(const doip::Actions& actions) {
    append(actions.send.view());
    if (actions.deliver && !ending_) target_.on_request(*actions.deliver, shared_from_this());
    if (actions.then == doip::Then::close) end_when_sent();
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
        const std::size_t sent_bytes = socket_.write_some(asio::buffer(unsent_), code);
        if (code && code != asio::error::would_block) return close();
        if (sent_bytes < unsent_.size()) {
            sending_.assign(unsent_.begin() + static_cast<std::ptrdiff_t>(sent_bytes), unsent_.end());
            unsent_.clear();
            send_due_ = loop_.now() + send_limit;
            watch();
            asio::async_write(socket_, asio::buffer(sending_),
                              [self = shared_from_this()](const boost::system::error_code& ended, std::size_t) {
                                  self->on_written(ended);
                              });
            return;
        }
        unsent_.clear();
    }
    if (ending_) close();
}

void DoipConnection::on_written(const boost::system::error_code& code) {
    send_due_.reset();
    if (code) return close();
    flush();
}

void DoipConnection::end_when_sent() {
    ending_ = true;
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_receive, ignored);  // ends a read that waits
    flush();
}

void DoipConnection::close() {
    if (!is_open()) return;
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    watch_.cancel();
    others_.changed();
}

void DoipConnection::watch() {
    if (!is_open()) return;
    const Tick due = send_due_ ? std::min(*send_due_, entity_.deadline()) : entity_.deadline();
    watch_.expires_after(std::max(due - loop_.now(), std::chrono::microseconds(0)));
    watch_.async_wait([weak = weak_from_this()](const boost::system::error_code& code) {
        if (const auto self = weak.lock(); self && !code) self->on_watch();
    });
}

void DoipConnection::on_watch() {
    const Tick now = loop_.now();
    const bool stuck = send_due_ && now >= *send_due_;
    if (stuck || entity_.on_deadline(now).then == doip::Then::close) return close();
    watch();
}

}  // namespace pitstop::io::ethernet
