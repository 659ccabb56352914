// Boost.MQTT5 over an Asio TLS stream, with the two pieces that it expects from whoever brings the stream. Slow to
// compile: included by client.cpp alone.
#pragma once

// The library asserts that a broker sends no packet that only clients may send: a hostile one must not end us.
#define BOOST_DISABLE_ASSERTS

#include "io/mqtt/client.h"
#include "io/mqtt/connection_state.h"
#include "io/tls/connection.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/mqtt5/mqtt_client.hpp>
#include <boost/mqtt5/ssl.hpp>
#include <boost/mqtt5/types.hpp>

namespace boost::mqtt5 {

template <class Below>
struct tls_handshake_type<boost::asio::ssl::stream<Below>> {
    static constexpr auto client = boost::asio::ssl::stream_base::client;
    static constexpr auto server = boost::asio::ssl::stream_base::server;
};

// Called before every handshake. Client::open has proved that the host can be verified; should it fail here all the
// same, no certificate is good enough.
template <class Below>
void assign_tls_sni(const authority_path& broker, boost::asio::ssl::context& /*context*/,
                    boost::asio::ssl::stream<Below>& stream) {
    if (pitstop::io::tls::verify_host(stream.native_handle(), broker.host)) return;
    boost::system::error_code ignored;
    stream.set_verify_callback([](bool, boost::asio::ssl::verify_context&) { return false; }, ignored);
}

}  // namespace boost::mqtt5

namespace pitstop::io::mqtt {

namespace library = boost::mqtt5;
using ssl_context = boost::asio::ssl::context;

// The library's only way to tell how connecting goes.
struct ConnectionLogger {
    std::shared_ptr<ConnectionState> state;

    void at_resolve(boost::system::error_code error, std::string_view host, std::string_view /*port*/,
                    const boost::asio::ip::tcp::resolver::results_type& /*found*/) const {
        if (error) state->failed(std::format("{}: {}", host, error.message()));
    }
    void at_tcp_connect(boost::system::error_code error, const boost::asio::ip::tcp::endpoint& /*to*/) const {
        if (error)
            state->failed(error.message());
        else
            state->attempts();
    }
    void at_tls_handshake(boost::system::error_code error, const boost::asio::ip::tcp::endpoint& /*to*/) const {
        if (error) state->failed(error.message());
    }
    void at_connack(library::reason_code reason, bool session_present,
                    const library::connack_props& /*properties*/) const {
        if (reason)
            state->refused(reason.message());
        else
            state->accepted(session_present ? Session::resumed : Session::fresh);
    }
    void at_disconnect(library::reason_code reason, const library::disconnect_props& /*properties*/) const {
        state->failed(reason.message());
    }
};

using LibraryStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;
using LibraryClient = library::mqtt_client<LibraryStream, ssl_context, ConnectionLogger>;

// The library takes the RETAIN flag apart and drops it. Here, where it hands a message over, the flag becomes one more
// user property; whoever sends such a property himself only says that his message is retained.
inline constexpr std::string_view retained_property = "pitstop-retained";

inline Retain retain_of(const library::publish_props& properties) {
    for (const auto& [name, value] : properties[library::prop::user_property])
        if (name == retained_property) return Retain::yes;
    return Retain::no;
}

}  // namespace pitstop::io::mqtt

namespace boost::mqtt5::detail {

template <>
inline bool client_service<pitstop::io::mqtt::LibraryStream, pitstop::io::mqtt::ssl_context,
                           pitstop::io::mqtt::ConnectionLogger>::channel_store(decoders::publish_message message) {
    constexpr std::uint8_t retain_flag = 0b0001;
    auto& [topic, packet_id, flags, properties, payload] = message;
    if ((flags & retain_flag) != 0)
        properties[prop::user_property].emplace_back(pitstop::io::mqtt::retained_property, "");
    return _rec_channel.try_send(error_code{}, std::move(topic), std::move(payload), std::move(properties));
}

}  // namespace boost::mqtt5::detail
