// The client's side of one connection, and the address it leads to. Only for the .cpp files of this room.
#pragma once

#include "io/http/client.h"
#include "io/http/incoming.h"

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>
#include <string>

namespace pitstop::io::http {

class ClientConnection;

// Where questions go, with what TLS needs from one connection to the next.
struct Origin {
    std::string host;  // name or IP address, without brackets
    std::string port;
    std::string host_field;  // as in the URL
    std::string prefix;      // put before every path
    bool secure = true;
    std::optional<boost::asio::ssl::context> tls;
    std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session{nullptr, &SSL_SESSION_free};

    // http.bad-url, http.plain-needs-loopback, and the faults of tls::make_context
    static Result<Origin> parse(std::string_view url, const std::optional<tls::TlsSettings>& settings);
    void remember_session(const ClientConnection& connection);  // a resumed handshake needs no certificates
};

class ClientConnection {
public:
    // http.connect-failed, http.handshake-failed, and the faults of tls::check_negotiated
    static Task<std::unique_ptr<ClientConnection>> open(const Origin& origin, const ClientSettings& settings);

    ClientConnection(boost::asio::ip::tcp::socket socket, SSL_CTX* context);

    [[nodiscard]] Task<void> write(View bytes) { return transport_.write(bytes); }
    // After a head with "Expect: 100-continue": whether the server wants the body. If not, its answer is what read_head
    // gives.
    [[nodiscard]] Task<bool> is_invited(Answer& answer);
    [[nodiscard]] Task<void> read_head(Answer& answer, std::string_view method);  // skips 1xx
    [[nodiscard]] Task<std::size_t> read_body(Room room);

    [[nodiscard]] bool answer_began() const { return answer_began_; }
    [[nodiscard]] bool may_be_kept() const;
    [[nodiscard]] std::optional<std::uint64_t> announced_bytes() const;
    [[nodiscard]] const std::optional<tls::Negotiated>& negotiated() const { return negotiated_; }
    [[nodiscard]] SSL* tls() const { return transport_.tls(); }

private:
    Task<void> agree(const Origin& origin, const ClientSettings& settings);
    Task<void> read_one_head(Answer& answer, std::string_view method);

    Transport transport_;
    Incoming<false> incoming_;
    std::optional<tls::Negotiated> negotiated_;
    bool answer_began_ = false;
    bool has_answer_ = false;  // is_invited met the answer itself
};

}  // namespace pitstop::io::http
