// Bytes over one connection, through TLS or, on loopback, plain.
//
// Bring a connected socket and a TLS context (nullptr: plain). OpenSSL never touches the socket: what arrives is put
// into an inbox, what it makes is gathered in an outbox and sent at once, so that a large write costs few system calls
// and cannot raise SIGPIPE. Each wait ends when bytes move, when expire() is called from the same loop (http.too-slow),
// or after the patience.
#pragma once

#include "core/base/bytes.h"
#include "io/runtime/task.h"

#include <openssl/ssl.h>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>

namespace pitstop::io::http {

enum class Role { server, client };

// One call to OpenSSL takes at most this much and leaves it encrypted in the outbox: eight TLS records, one send().
inline constexpr std::size_t write_piece_bytes = 128 * 1024;

class Transport {
public:
    Transport(boost::asio::ip::tcp::socket socket, SSL_CTX* context, Role role);
    ~Transport();
    Transport(Transport&&) noexcept;
    Transport& operator=(Transport&&) = delete;

    void be_patient_for(std::chrono::milliseconds time);  // for clients; servers sweep all connections with expire()

    [[nodiscard]] Task<void> handshake();  // http.handshake-failed
    // At least one byte; 0 when the peer has properly ended its side. http.connection-lost
    [[nodiscard]] Task<std::size_t> read_some(Room room);
    // All of it. The bytes are taken before the first wait when they fit into one piece: the caller may reuse them
    // then.
    [[nodiscard]] Task<void> write(View bytes);
    [[nodiscard]] Task<void> end_writing();          // close_notify and FIN
    [[nodiscard]] Task<std::size_t> discard_some();  // bytes thrown away as they come, undecrypted; 0 at the end

    void expire();     // the wait that is under way, and each later one, ends
    void give_time();  // undoes expire(), for a last answer
    void release();    // gives back buffers that only large transfers need

    [[nodiscard]] bool expired() const;
    [[nodiscard]] SSL* tls() const;  // nullptr: plain
    [[nodiscard]] boost::asio::ip::tcp::socket& socket();

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace pitstop::io::http
