// For this room's tests: a zone between a real DoIP tester and a real UDS server on a bus.
#pragma once

#include "apps/zone/zone.h"
#include "core/uds/sample_ecu_test.h"
#include "io/can/test_hub.h"
#include "io/ethernet/doip_client.h"
#include "io/ethernet/doip_server.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace pitstop::zone {

using namespace std::chrono_literals;
namespace can = io::can;

inline const Bytes read_version{0x22, 0xF1, 0x89}, version_is{0x62, 0xF1, 0x89, '1', '.', '2', '.', '3'};

// An ECU on the bus: the uds room's sample behind an ISO-TP link.
class BusEcu final : public io::ethernet::ReplySink, public std::enable_shared_from_this<BusEcu> {
public:
    BusEcu(io::Loop& loop, std::string bus, std::uint32_t request, std::uint32_t response)
        : loop_(loop),
          address_(std::move(bus)),
          settings_(can::fd_settings({response}, {request})),
          driver_(loop, server_, 0) {}

    io::Task<void> serve() {
        const auto self = shared_from_this();
        CO_TRY(bus_, co_await can::BusClient::connect(loop_, address_));
        CO_TRY(link_, can::IsotpLink::open(*bus_, settings_));
        while (true) {
            CO_TRY(const can::Received request, co_await link_->receive());
            driver_.on_request(request.message, uds::Addressing::physical, self);
        }
    }
    void reply(std::uint16_t, View uds) override {
        loop_.spawn("answer", [](BusEcu& of, Bytes answer) -> io::Task<void> {
            co_return co_await of.link_->send(answer);
        }(*this, Bytes(uds.begin(), uds.end())));
    }

    uds::SampleEcu ecu;

private:
    io::Loop& loop_;
    std::string address_;
    isotp::Settings settings_;
    Bytes storage_ = Bytes(4096);
    uds::Server server_{ecu, uds::Timings{}, storage_};
    io::ethernet::UdsDriver driver_;
    std::unique_ptr<can::BusClient> bus_;
    std::unique_ptr<can::IsotpLink> link_;
};

// A zone with two ECUs on its bus: ECU_011 lives, ECU_012 is switched off.
struct Site {
    explicit Site(std::unique_ptr<ZoneTrust> opened = nullptr) : trust(std::move(opened)) {
        auto listening =
            io::ethernet::DoipServer::listen(loop, {.port = 0, .identity = doip::Identity::of("TEST1", 0x0091)}, zone);
        EXPECT_TRUE(listening);
        server = *std::move(listening);
        client.emplace(loop, io::ethernet::DoipPeer{.host = "127.0.0.1", .port = server->port()});
        loop.spawn("ecu", ecu->serve());
    }
    ~Site() {
        loop.stop();
        loop.run();
    }
    void join() { EXPECT_TRUE(complete(loop, zone.join(std::array{BusSettings{"can0", hub.address()}}))); }
    Settings settings() {
        Settings made{.identity = {*EcuId::parse("ECU_091"), *Vin::parse("TEST1"), "zone-test", {2, 3, 4}},
                      .host = "127.0.0.1",
                      .buses = {{"can0", hub.address()}},
                      .routes = {}};
        for (const std::uint32_t number : {11u, 12u})
            made.routes.push_back(
                {*EcuId::from_number(number), "can0", {0x700 + number}, {0x740 + number}, CanFormat::fd});
        return made;
    }
    Result<Bytes> ask(std::uint16_t target, const Bytes& request, std::chrono::milliseconds p2 = 1000ms) {
        return complete(loop, client->request(target, request, {.p2 = p2}));
    }

    io::Loop loop;
    can::testing::TestHub hub{loop};
    std::shared_ptr<BusEcu> ecu = std::make_shared<BusEcu>(loop, hub.address(), 0x70B, 0x74B);
    std::unique_ptr<ZoneTrust> trust;
    Zone zone{loop, settings(), {.trust = trust.get()}};
    std::unique_ptr<io::ethernet::DoipServer> server;
    std::optional<io::ethernet::DoipClient> client;
};

}  // namespace pitstop::zone
