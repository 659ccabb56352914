#include "apps/bus/listener.h"

#include "apps/bus/faults.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <boost/asio/ip/tcp.hpp>
#include <cstring>
#include <filesystem>
#include <format>

namespace pitstop::bus {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

Result<void> make_way(io::Loop& loop, const io::can::Address& address) {
    std::error_code none;
    const fs::file_status there = fs::symlink_status(address.socket_path, none);
    if (!fs::exists(there)) return {};
    if (!fs::is_socket(there))
        return fail(faults::not_listening, std::format("{} exists and is no socket", address.socket_path));
    asio::generic::stream_protocol::socket knock(loop.context());
    boost::system::error_code code;
    knock.connect(address.endpoint, code);
    if (!code) return fail(faults::address_taken, std::format("{} is in use by another bus", address.text));
    if (code != asio::error::connection_refused)
        return fail(faults::not_listening, std::format("{}: {}", address.text, code.message()));
    fs::remove(address.socket_path, none);
    return {};
}

// Only this user may join: the socket file is made without rights for others.
boost::system::error_code bind_privately(Acceptor& acceptor, const io::can::Address& address) {
    boost::system::error_code code;
    const mode_t before = ::umask(0077);
    acceptor.bind(address.endpoint, code);
    ::umask(before);
    return code;
}

}  // namespace

Result<Acceptor> listen_at(io::Loop& loop, const io::can::Address& address) {
    if (!address.interface.empty())
        return fail(faults::not_listening, std::format("{}: the kernel's own bus needs no other", address.text));
    if (!address.socket_path.empty()) ENSURE(make_way(loop, address));
    Acceptor acceptor(loop.context());
    boost::system::error_code code;
    acceptor.open(address.endpoint.protocol(), code);
    if (!code && address.socket_path.empty()) acceptor.set_option(asio::socket_base::reuse_address(true), code);
    if (!code) code = bind_privately(acceptor, address);
    if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
    if (code == asio::error::address_in_use)
        return fail(faults::address_taken, std::format("{} is in use", address.text));
    if (code) return fail(faults::not_listening, std::format("{}: {}", address.text, code.message()));
    return acceptor;
}

std::string text_of(const Acceptor& acceptor, const io::can::Address& address) {
    if (!address.socket_path.empty()) return address.text;
    boost::system::error_code none;
    const auto bound = acceptor.local_endpoint(none);
    asio::ip::tcp::endpoint tcp;
    tcp.resize(bound.size());
    std::memcpy(tcp.data(), bound.data(), bound.size());
    return std::format("tcp:{}:{}", tcp.address().to_string(), tcp.port());
}

}  // namespace pitstop::bus
