// For this room's tests: a DoIP entity 0x0091 on a free port with two ECUs, and raw sockets for what no good tester
// does.
#pragma once

#include "core/uds/sample_ecu_test.h"
#include "io/ethernet/doip_client.h"
#include "io/ethernet/doip_server.h"
#include "io/ethernet/uds_driver.h"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancel_after.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <map>

namespace pitstop::io::ethernet {

struct SampleServerEcu {
    SampleServerEcu(Loop& loop, std::uint16_t address) : driver(loop, server, address) {}
    uds::SampleEcu ecu;
    Bytes storage = Bytes(4096);
    uds::Server server{ecu, uds::Timings{}, storage};
    UdsDriver driver;
};

struct SampleZone : DiagnosticTarget {
    explicit SampleZone(Loop& loop) {
        for (const std::uint16_t address : addresses) ecus.try_emplace(address, loop, address);
    }
    doip::Delivery look_up(std::uint16_t target, std::size_t) override {
        return ecus.contains(target) || target == silent || target == large || target == group
                   ? doip::Delivery::accepted
                   : doip::Delivery::unknown_target;
    }
    void on_request(const doip::Diagnostic& request, const std::shared_ptr<ReplySink>& sink) override {
        ++requests;
        if (request.target == large) return sink->reply(large, Bytes(100'000, 0x62));
        if (request.target == group)
            for (auto& [address, ecu] : ecus) ecu.driver.on_request(request.uds, uds::Addressing::functional, sink);
        if (const auto found = ecus.find(request.target); found != ecus.end())
            found->second.driver.on_request(request.uds, uds::Addressing::physical, sink);
    }
    void on_closed(const ReplySink& sink) override {
        for (auto& [address, ecu] : ecus) ecu.driver.on_closed(sink);
    }
    static constexpr std::array<std::uint16_t, 2> addresses{0x0011, 0x0012};
    static constexpr std::uint16_t silent = 0x0013, large = 0x0014, group = 0xE400;
    std::map<std::uint16_t, SampleServerEcu> ecus;
    int requests = 0;
};

struct Site {
    explicit Site(std::function<void(DoipServerSettings&)> with = {}) : change(std::move(with)) { open(0); }
    void open(std::uint16_t port) {
        server.reset();
        auto all = settings(port);
        if (change) change(all);
        auto made = DoipServer::listen(loop, std::move(all), zone);
        if (!made) throw std::runtime_error(made.error().str());
        server = *std::move(made);
    }
    static DoipServerSettings settings(std::uint16_t port) {
        return {.port = port, .identity = doip::Identity::of("PITSTOP0000000001", 0x0091), .connections_max = 2};
    }
    [[nodiscard]] DoipPeer peer(std::uint16_t tester = 0x0E80) const {
        return {.host = "127.0.0.1", .port = server->port(), .tester = tester};
    }

    std::function<void(DoipServerSettings&)> change;
    Loop loop;
    SampleZone zone{loop};
    std::unique_ptr<DoipServer> server;
};

// A tester that does as it likes: bytes in, bytes out, nothing in between.
class RawTester {
public:
    explicit RawTester(Site& site) : RawTester(site, site.server->port()) {}
    RawTester(Site& site, std::uint16_t port) : loop_(site.loop), socket_(site.loop.context()) {
        socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    }
    void send(View bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size())); }

    // So many bytes, or what came before the end of the connection.
    Bytes receive(std::size_t size_bytes) {
        Bytes bytes(size_bytes);
        auto done = complete(loop_, [&]() -> Task<std::size_t> {
            const auto [code, size] = co_await boost::asio::async_read(
                socket_, boost::asio::buffer(bytes),
                boost::asio::cancel_after(std::chrono::seconds(3), boost::asio::as_tuple(boost::asio::use_awaitable)));
            closed_ = code == boost::asio::error::eof || code == boost::asio::error::connection_reset;
            co_return size;
        }());
        bytes.resize(done.value_or(0));
        return bytes;
    }
    [[nodiscard]] bool is_closed_by_server() { return receive(1).empty() && closed_; }

private:
    Loop& loop_;
    boost::asio::ip::tcp::socket socket_;
    bool closed_ = false;
};

}  // namespace pitstop::io::ethernet
