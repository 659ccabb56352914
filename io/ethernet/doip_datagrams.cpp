#include "io/ethernet/doip_datagrams.h"

#include "io/log/log.h"

#include <net/if.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

// The longest request has 25 bytes; longer datagrams are cut and then refused.
constexpr std::size_t datagram_size_bytes = 512;

std::chrono::milliseconds random_wait() {
    std::random_device device;
    return std::chrono::milliseconds(device() % static_cast<unsigned>(doip::announce_wait_max.count() + 1));
}

}  // namespace

asio::ip::address everybody_near(const asio::ip::address& host) {
    if (host.is_v4())
        return host.is_loopback() ? asio::ip::make_address("127.255.255.255") : asio::ip::address_v4::broadcast();
    auto all_nodes = asio::ip::make_address_v6("ff02::1");
    all_nodes.scope_id(host.is_loopback() ? ::if_nametoindex("lo") : static_cast<unsigned>(host.to_v6().scope_id()));
    return all_nodes;
}

DoipDatagrams::DoipDatagrams(Loop& loop, State state)
    : loop_(loop),
      state_(std::move(state)),
      own_(loop.context()),
      common_(loop.context()) {}

boost::system::error_code DoipDatagrams::open(const asio::ip::address& host, std::uint16_t port) {
    boost::system::error_code code, ignored;
    own_.close(ignored);
    const udp::endpoint endpoint(host, port);
    if (own_.open(endpoint.protocol(), code)) return code;
    if (own_.bind(endpoint, code)) return code;
    own_.set_option(asio::socket_base::broadcast(true), ignored);
    listen_to_everybody(endpoint);
    return code;
}

// A machine whose network does not allow it can still be asked directly.
void DoipDatagrams::listen_to_everybody(const udp::endpoint& own) {
    boost::system::error_code code, ignored;
    common_.close(ignored);
    if (own.address().is_unspecified()) return;  // hears everything already
    const udp::endpoint common(everybody_near(own.address()), own.port());
    common_.open(common.protocol(), code);
    if (!code) common_.set_option(asio::socket_base::reuse_address(true), code);  // all entities of one machine
    if (!code) common_.bind(common, code);
    if (!code && common.address().is_v6()) {
        const auto scope = static_cast<unsigned>(common.address().to_v6().scope_id());
        common_.set_option(asio::ip::multicast::join_group(common.address().to_v6(), scope), code);
        own_.set_option(asio::ip::multicast::outbound_interface(scope), ignored);
    }
    if (!code) return;
    log::warning("DoIP discovery does not hear what is asked of {}: {}", common.address().to_string(), code.message());
    common_.close(ignored);
}

void DoipDatagrams::start(const std::optional<DoipAnnouncing>& announcing) {
    loop_.spawn("DoIP discovery", answer(own_));
    if (common_.is_open()) loop_.spawn("DoIP discovery by everybody", answer(common_));
    announcing_ = announcing;
    begin_announcements();
}

void DoipDatagrams::begin_announcements() {
    if (!announcing_ || closed_) return;
    boost::system::error_code code;
    const auto host = own_.local_endpoint(code).address();
    const auto to = announcing_->to.empty() ? everybody_near(host) : asio::ip::make_address(announcing_->to, code);
    if (!code) loop_.spawn("DoIP announcements", announce({to, announcing_->port}, ++round_));
}

void DoipDatagrams::pause() { paused_ = true; }

void DoipDatagrams::resume() {
    paused_ = false;
    begin_announcements();
}

Task<void> DoipDatagrams::answer(udp::socket& heard_on) {
    const auto self = shared_from_this();
    std::array<std::uint8_t, datagram_size_bytes> storage;
    while (!closed_) {
        udp::endpoint sender;
        const auto [code, size_bytes] =
            co_await heard_on.async_receive_from(asio::buffer(storage), sender, asio::as_tuple(asio::use_awaitable));
        if (closed_) break;
        if (code || paused_) continue;  // the echo of a peer that went away; or nobody hears it
        const auto answer = doip::answer_datagram(View(storage).first(size_bytes), state_());
        if (!answer) continue;
        boost::system::error_code ignored;
        own_.send_to(asio::buffer(answer->view().data(), answer->view().size()), sender, 0, ignored);
    }
    co_return Result<void>{};
}

Task<void> DoipDatagrams::announce(udp::endpoint to, int round) {
    const auto self = shared_from_this();
    co_await io::pause(random_wait());
    for (int said = 0; said < doip::announcements && is_current(round); ++said) {
        if (said > 0) co_await io::pause(doip::announce_interval);
        if (!is_current(round)) break;
        const auto packet = doip::announcement(state_());
        boost::system::error_code code;
        own_.send_to(asio::buffer(packet.view().data(), packet.view().size()), to, 0, code);
        if (code && said == 0)
            log::warning("DoIP announcements do not reach {}: {}", to.address().to_string(), code.message());
    }
    co_return Result<void>{};
}

void DoipDatagrams::close() {
    closed_ = true;
    boost::system::error_code ignored;
    own_.close(ignored);
    common_.close(ignored);
}

}  // namespace pitstop::io::ethernet
