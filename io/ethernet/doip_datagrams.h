// The UDP half of a DoipServer: answers discovery, and announces the entity when it starts and when it is back. ISO
// 13400-2:2019 §7.4.
//
// One socket at the entity's own address answers everything; a second one hears what is asked of everybody (broadcast,
// or ff02::1 with IPv6). On loopback that is 127.255.255.255, and ::1 uses the loopback interface.
#pragma once

#include "core/doip/discovery.h"
#include "io/runtime/loop.h"

#include <boost/asio/ip/udp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pitstop::io::ethernet {

struct DoipAnnouncing {
    std::string to;  // an IP address; empty: everybody on the entity's own network
    std::uint16_t port = 13400;
};

// Whom one must ask to ask everybody that this address can reach: 127.255.255.255, 255.255.255.255 or ff02::1.
[[nodiscard]] boost::asio::ip::address everybody_near(const boost::asio::ip::address& host);

class DoipDatagrams : public std::enable_shared_from_this<DoipDatagrams> {
public:
    using State = std::function<doip::DiscoveryState()>;
    DoipDatagrams(Loop& loop, State state);

    boost::system::error_code open(const boost::asio::ip::address& host, std::uint16_t port);
    void start(const std::optional<DoipAnnouncing>& announcing);
    void pause();   // nothing is answered or announced
    void resume();  // announced anew, as after a start
    void close();

private:
    void listen_to_everybody(const boost::asio::ip::udp::endpoint& own);
    Task<void> answer(boost::asio::ip::udp::socket& heard_on);
    void begin_announcements();
    Task<void> announce(boost::asio::ip::udp::endpoint to, int round);
    [[nodiscard]] bool is_current(int round) const { return !closed_ && !paused_ && round == round_; }

    Loop& loop_;
    State state_;
    boost::asio::ip::udp::socket own_, common_;
    std::optional<DoipAnnouncing> announcing_;
    int round_ = 0;  // of announcements: an earlier one ends where a later one begins
    bool paused_ = false, closed_ = false;
};

}  // namespace pitstop::io::ethernet
