#include "io/can/address.h"

#include "io/can/faults.h"

#include <net/if.h>
#include <sys/un.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>
#include <format>

namespace pitstop::io::can {
namespace {

Result<Address> parse_unix(std::string_view text, std::string_view path) {
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path))
        return fail(faults::bad_address,
                    std::format("{}: a socket path has 1 to {} characters", text, sizeof(sockaddr_un::sun_path) - 1));
    if (path.find('\0') != std::string_view::npos) return fail(faults::bad_address, "a socket path without NUL");
    return Address{boost::asio::local::stream_protocol::endpoint(std::string(path)), std::string(path),
                   std::string(text)};
}

Result<Address> parse_tcp(std::string_view text, std::string_view place) {
    const auto colon = place.rfind(':');
    if (colon == std::string_view::npos) return fail(faults::bad_address, std::format("{}: the port is missing", text));
    const std::string_view digits = place.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (wrong != std::errc() || end != digits.data() + digits.size() || digits.empty())
        return fail(faults::bad_address, std::format("{}: a port is 0 to 65535", text));
    boost::system::error_code code;
    const auto host = boost::asio::ip::make_address(std::string(place.substr(0, colon)), code);
    if (code) return fail(faults::bad_address, std::format("{}: HOST must be an IP address", text));
    if (!host.is_loopback())
        return fail(faults::bad_address, std::format("{}: only loopback addresses, a bus has no authentication", text));
    return Address{boost::asio::ip::tcp::endpoint(host, port), "", std::string(text)};
}

Result<Address> parse_socketcan(std::string_view text, std::string_view name) {
    if (name.empty() || name.size() >= IFNAMSIZ || name.find('\0') != std::string_view::npos)
        return fail(faults::bad_address,
                    std::format("{}: an interface name has 1 to {} characters", text, IFNAMSIZ - 1));
    return Address{{}, "", std::string(text), std::string(name)};
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
    if (text.starts_with("unix:")) return parse_unix(text, text.substr(5));
    if (text.starts_with("tcp:")) return parse_tcp(text, text.substr(4));
    if (text.starts_with("socketcan:")) return parse_socketcan(text, text.substr(10));
    return fail(faults::bad_address, std::format("{}: neither unix:PATH, tcp:HOST:PORT nor socketcan:INTERFACE", text));
}

}  // namespace pitstop::io::can
