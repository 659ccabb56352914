#include "io/http/transport.h"

#include "io/http/faults.h"
#include "io/tls/connection.h"

#include <openssl/err.h>
#include <algorithm>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace pitstop::io::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Grows when a read filled it: a keep-alive connection needs little, a transfer wants few system calls.
constexpr std::size_t inbox_bytes_first = 4 * 1024;
constexpr std::size_t inbox_bytes_max = 256 * 1024;
constexpr std::size_t outbox_bytes_kept = 16 * 1024;

struct Inbox {
    Bytes bytes;
    std::size_t begin = 0, end = 0;
    bool ended = false;

    [[nodiscard]] bool empty() const { return begin == end; }
    std::size_t take(char* to, std::size_t size) {
        const std::size_t taken = std::min(size, end - begin);
        std::copy_n(bytes.data() + begin, taken, reinterpret_cast<std::uint8_t*>(to));  // same types: one memmove
        begin += taken;
        return taken;
    }
};

struct Outbox {
    Bytes bytes;
    std::size_t sent = 0;

    [[nodiscard]] bool empty() const { return sent == bytes.size(); }
    void add(View data) { bytes.insert(bytes.end(), data.begin(), data.end()); }
};

struct Boxes {
    Inbox in;
    Outbox out;
};

Boxes& boxes_of(BIO* bio) { return *static_cast<Boxes*>(BIO_get_data(bio)); }

int bio_write(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
    boxes_of(bio).out.add(view_of({data, size}));
    *written = size;
    return 1;
}

int bio_read(BIO* bio, char* to, std::size_t size, std::size_t* taken) {
    Inbox& in = boxes_of(bio).in;
    BIO_clear_retry_flags(bio);
    *taken = in.take(to, size);
    if (*taken > 0) return 1;
    if (!in.ended) BIO_set_retry_read(bio);
    return 0;
}

long bio_control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return boxes_of(bio).in.ended && boxes_of(bio).in.empty() ? 1 : 0;
    return 0;
}

BIO_METHOD* bio_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "pitstop boxes");
        BIO_meth_set_write_ex(made, bio_write);
        BIO_meth_set_read_ex(made, bio_read);
        BIO_meth_set_ctrl(made, bio_control);
        return made;
    }();
    return method;
}

std::string tls_reason() {
    std::string reason = "the peer ended the connection";
    if (const unsigned long code = ERR_peek_error(); code != 0) {
        const char* text = ERR_reason_error_string(code);
        reason = text != nullptr ? text : "TLS error";
    }
    ERR_clear_error();
    return reason;
}

}  // namespace

struct Transport::Inside {
    tcp::socket socket;
    Boxes boxes;
    std::unique_ptr<SSL, decltype(&SSL_free)> tls{nullptr, &SSL_free};
    std::optional<std::chrono::milliseconds> patience;
    bool expired = false;

    explicit Inside(tcp::socket connected) : socket(std::move(connected)) {}
    ~Inside() {
        // Without this OpenSSL marks the session as one that may not be resumed.
        if (tls) SSL_set_shutdown(tls.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }

    Error wait_failed(const boost::system::error_code& code) const {
        if (code == asio::error::operation_aborted) return Error(faults::too_slow, "no byte moved in the time allowed");
        return Error(faults::connection_lost, code.message());
    }

    Task<void> fill();
    Task<void> flush();
    Task<bool> settle(int returned);
};

// Some more bytes into the inbox, or `ended`.
Task<void> Transport::Inside::fill() {
    Inbox& in = boxes.in;
    if (in.ended) co_return fail(faults::connection_lost, "the peer ended the connection");
    if (expired) co_return fail(wait_failed(asio::error::operation_aborted));
    if (in.empty()) {
        const bool was_full = in.end == in.bytes.size();
        if (was_full)
            in.bytes.resize(in.bytes.empty() ? inbox_bytes_first : std::min(in.bytes.size() * 2, inbox_bytes_max));
        in.begin = in.end = 0;
    } else if (in.end == in.bytes.size()) {
        in.bytes.resize(in.bytes.size() + inbox_bytes_first);  // OpenSSL leaves nothing behind; plain reads may
    }
    boost::system::error_code code;
    const auto room = asio::buffer(in.bytes.data() + in.end, in.bytes.size() - in.end);
    std::size_t got = 0;
    if (patience) {
        got = co_await socket.async_read_some(
            room, asio::cancel_after(*patience, asio::redirect_error(asio::use_awaitable, code)));
    } else {
        got = co_await socket.async_read_some(room, asio::redirect_error(asio::use_awaitable, code));
    }
    in.end += got;
    if (code == asio::error::eof)
        in.ended = true;
    else if (code)
        co_return fail(wait_failed(code));
    co_return Result<void>();
}

Task<void> Transport::Inside::flush() {
    Outbox& out = boxes.out;
    while (!out.empty()) {
        boost::system::error_code code;
        const auto rest = asio::buffer(out.bytes.data() + out.sent, out.bytes.size() - out.sent);
        out.sent += socket.write_some(rest, code);
        if (code == asio::error::would_block || code == asio::error::try_again) {
            if (expired) co_return fail(wait_failed(asio::error::operation_aborted));
            code = {};
            if (patience) {
                co_await socket.async_wait(
                    tcp::socket::wait_write,
                    asio::cancel_after(*patience, asio::redirect_error(asio::use_awaitable, code)));
            } else {
                co_await socket.async_wait(tcp::socket::wait_write, asio::redirect_error(asio::use_awaitable, code));
            }
        }
        if (code) co_return fail(wait_failed(code));
    }
    out.bytes.clear();
    out.sent = 0;
    co_return Result<void>();
}

// After a call to OpenSSL: moves what it needs moved. true: call again; false: the peer has properly ended its side.
Task<bool> Transport::Inside::settle(int returned) {
    const int reason = SSL_get_error(tls.get(), returned);
    if (reason == SSL_ERROR_ZERO_RETURN) co_return false;
    const std::string why = reason == SSL_ERROR_WANT_READ ? std::string() : tls_reason();
    CO_ENSURE(co_await flush());  // an alert tells the peer what is wrong
    if (reason != SSL_ERROR_WANT_READ) co_return fail(faults::connection_lost, why);
    CO_ENSURE(co_await fill());
    co_return true;
}

Transport::Transport(tcp::socket socket, SSL_CTX* context, Role role)
    : inside_(std::make_unique<Inside>(std::move(socket))) {
    boost::system::error_code ignored;
    inside_->socket.non_blocking(true, ignored);
    inside_->socket.set_option(tcp::no_delay(true), ignored);
    if (context == nullptr) return;
    inside_->tls.reset(SSL_new(context));
    BIO* bio = BIO_new(bio_method());
    BIO_set_data(bio, &inside_->boxes);
    BIO_set_init(bio, 1);
    SSL_set_bio(inside_->tls.get(), bio, bio);
    SSL_set_read_ahead(inside_->tls.get(), 1);
    if (role == Role::server)
        SSL_set_accept_state(inside_->tls.get());
    else
        SSL_set_connect_state(inside_->tls.get());
}

Transport::~Transport() = default;
Transport::Transport(Transport&&) noexcept = default;

void Transport::be_patient_for(std::chrono::milliseconds time) { inside_->patience = time; }

Task<void> Transport::handshake() {
    while (inside_->tls) {
        ERR_clear_error();
        const int done = SSL_do_handshake(inside_->tls.get());
        if (done == 1) break;
        const auto settled = co_await inside_->settle(done);
        if (!settled && settled.error().is(faults::too_slow)) co_return fail(settled.error());
        if (!settled)
            co_return fail(faults::handshake_failed, tls::why_failed(inside_->tls.get(), settled.error().detail()));
        if (!*settled) co_return fail(faults::handshake_failed, "the peer ended the connection");
    }
    co_return co_await inside_->flush();
}

Task<std::size_t> Transport::read_some(Room room) {
    while (true) {
        if (!inside_->tls) {
            if (!inside_->boxes.in.empty())
                co_return inside_->boxes.in.take(reinterpret_cast<char*>(room.data()), room.size());
            CO_ENSURE(co_await inside_->fill());
            if (inside_->boxes.in.ended) co_return 0;
            continue;
        }
        std::size_t got = 0;
        ERR_clear_error();
        const int done = SSL_read_ex(inside_->tls.get(), room.data(), room.size(), &got);
        if (done == 1) co_return got;
        CO_TRY(const bool again, co_await inside_->settle(done));
        if (!again) co_return 0;
    }
}

Task<void> Transport::write(View bytes) {
    while (!bytes.empty()) {
        const View piece = bytes.first(std::min(bytes.size(), write_piece_bytes));
        if (inside_->tls) {
            std::size_t taken = 0;
            ERR_clear_error();
            if (SSL_write_ex(inside_->tls.get(), piece.data(), piece.size(), &taken) != 1)
                co_return fail(faults::connection_lost, tls_reason());
        } else {
            inside_->boxes.out.add(piece);
        }
        bytes = bytes.subspan(piece.size());
        CO_ENSURE(co_await inside_->flush());
    }
    co_return Result<void>();
}

Task<void> Transport::end_writing() {
    if (inside_->tls && SSL_is_init_finished(inside_->tls.get())) SSL_shutdown(inside_->tls.get());
    CO_ENSURE(co_await inside_->flush());
    boost::system::error_code code;
    inside_->socket.shutdown(tcp::socket::shutdown_send, code);
    if (code) co_return fail(faults::connection_lost, code.message());
    co_return Result<void>();
}

Task<std::size_t> Transport::discard_some() {
    inside_->boxes.in.begin = inside_->boxes.in.end;
    if (inside_->boxes.in.ended) co_return 0;
    CO_ENSURE(co_await inside_->fill());
    co_return inside_->boxes.in.end - inside_->boxes.in.begin;
}

void Transport::expire() {
    inside_->expired = true;
    boost::system::error_code ignored;
    inside_->socket.cancel(ignored);
}

void Transport::give_time() { inside_->expired = false; }

void Transport::release() {
    auto& [in, out] = inside_->boxes;
    if (in.empty() && in.bytes.size() > inbox_bytes_first)
        in = {.bytes = Bytes(inbox_bytes_first), .begin = 0, .end = 0, .ended = in.ended};
    if (out.empty() && out.bytes.capacity() > outbox_bytes_kept) out = {};
}

bool Transport::expired() const { return inside_->expired; }
SSL* Transport::tls() const { return inside_->tls.get(); }
tcp::socket& Transport::socket() { return inside_->socket; }

}  // namespace pitstop::io::http
