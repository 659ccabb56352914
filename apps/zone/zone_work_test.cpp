// A zone that flashes its own ECUs: between a real DoIP tester and ECUs with real flash rules on two buses.
#include "core/flash/zone_work.h"
#include "apps/zone/faults.h"
#include "apps/zone/zone.h"
#include "core/flash/faults.h"
#include "core/flash/test_ecu.h"
#include "core/uds/faults.h"
#include "io/can/test_hub.h"
#include "io/ethernet/doip_client.h"
#include "io/ethernet/doip_server.h"
#include "io/flashing/faults.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <format>
#include <fstream>

namespace pitstop::zone {
namespace {

using namespace std::chrono_literals;
namespace can = io::can;
using flash::WorkState;

// An ECU with two banks on a bus, which listens to 0x7DF too.
class FlashEcu {
public:
    FlashEcu(io::Loop& loop, std::string bus, std::uint32_t number)
        : loop_(loop),
          bus_address_(std::move(bus)),
          settings_(can::fd_settings({0x740 + number}, {0x700 + number})) {
        settings_.functional = isotp::FrameAddress(isotp::CanId{0x7DF});
        EXPECT_TRUE(flash::test::update(ecu, old_image, flash::test::record_of(old_image, 1)));
    }

    io::Task<void> serve() {
        CO_TRY(bus_, co_await can::BusClient::connect(loop_, bus_address_));
        CO_TRY(link_, can::IsotpLink::open(*bus_, settings_));
        while (true) {
            CO_TRY(const can::Received request, co_await link_->receive());
            if (request.message == Bytes{0x3E, 0x80}) continue;
            if (request.message == Bytes{0x10, 0x81}) {  // from a zone that joins the bus; nobody waits for an answer
                static_cast<void>(ecu.ask(Bytes{0x10, 0x01}));
                continue;
            }
            if (request.message[0] == 0x36) {
                ++blocks;
                while (holds_blocks) co_await io::pause(5ms);
            }
            const auto answer = ecu.ask(request.message);
            if (!answer) continue;
            const Bytes refused{0x7F, request.message[0], static_cast<std::uint8_t>(answer->refusal)};
            CO_ENSURE(co_await link_->send(answer->refused() ? refused : answer->positive));
        }
    }

    Bytes old_image = flash::test::image_of(1500, 1);
    flash::RamFlash memory{flash::test::even_geometry()};
    flash::test::TestEcu ecu{memory};
    int blocks = 0;
    bool holds_blocks = false;

private:
    io::Loop& loop_;
    std::string bus_address_;
    isotp::Settings settings_;
    std::unique_ptr<can::BusClient> bus_;
    std::unique_ptr<can::IsotpLink> link_;
};

class Listening final : public io::ethernet::ReplySink {
public:
    void reply(std::uint16_t source, View uds) override { heard[source] = Bytes(uds.begin(), uds.end()); }
    std::map<std::uint16_t, Bytes> heard;
};

// ECU_011 and ECU_012 on can0, ECU_013 on can1; ECU_014 on can1 is switched off.
struct ZoneWork : testing::Test {
    io::Loop loop;
    can::testing::TestHub hubs[2]{can::testing::TestHub(loop), can::testing::TestHub(loop)};
    std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / std::format("zone-work-{}", ::getpid());
    Store store = *Store::open(folder, 10'000);
    std::map<std::uint32_t, std::unique_ptr<FlashEcu>> ecus;
    std::optional<Zone> zone;
    std::unique_ptr<io::ethernet::DoipServer> server;
    std::optional<io::ethernet::DoipClient> client;
    flash::ToldFaults told;
    const Bytes image = flash::test::image_of(2000, 2);

    void SetUp() override {
        for (const auto& [number, bus] : {std::pair{11u, 0}, {12u, 0}, {13u, 1}}) {
            ecus[number] = std::make_unique<FlashEcu>(loop, hubs[bus].address(), number);
            loop.spawn("ecu", ecus[number]->serve());
        }
        start_zone();
    }
    void TearDown() override {
        client.reset();
        loop.stop();
        loop.run();
        zone.reset();
        std::filesystem::remove_all(folder);
    }
    Settings settings() {
        Settings made{.identity = {*EcuId::parse("ECU_091"), *Vin::parse("TEST1"), "zone-test", {2, 3, 4}},
                      .host = "127.0.0.1",
                      .buses = {{"can0", hubs[0].address()}, {"can1", hubs[1].address()}},
                      .routes = {}};
        for (const std::uint32_t number : {11u, 12u, 13u, 14u})
            made.routes.push_back({*EcuId::from_number(number),
                                   number < 13 ? "can0" : "can1",
                                   {0x700 + number},
                                   {0x740 + number},
                                   CanFormat::fd});
        return made;
    }
    void start_zone() {
        zone.emplace(loop, settings(), ZoneParts{.store = &store});
        const Settings used = settings();
        EXPECT_TRUE(complete(loop, zone->join(used.buses)));
        server = *io::ethernet::DoipServer::listen(loop, {.port = 0, .identity = doip::Identity::of("TEST1", 0x0091)},
                                                   *zone);
        client.emplace(loop, io::ethernet::DoipPeer{.host = "127.0.0.1", .port = server->port()});
        loop.spawn("work", zone->work());
    }
    Result<Bytes> ask(const Bytes& request, std::uint16_t target = 0x0091) {
        return complete(loop, client->request(target, request));
    }
    static EcuId ecu(std::uint32_t number) { return *EcuId::from_number(number); }
    static flash::StoredBytes named(const Bytes& bytes) {
        return {crypto::sha256(bytes), static_cast<std::uint32_t>(bytes.size())};
    }

    Result<flash::Offered> offer(const flash::StoredBytes& bytes) {
        EXPECT_TRUE(ask({0x10, 0x03}));
        TRY(const Bytes answer, ask(flash::ask_offer(bytes)));
        return flash::parse_offered(answer, told);
    }
    // From where the zone stands, in blocks of 700.
    Result<void> put(const Bytes& bytes, std::size_t end) {
        TRY(const flash::Offered at, offer(named(bytes)));
        TRY(const Bytes begun, ask(flash::ask_download_to_zone(at, static_cast<std::uint32_t>(bytes.size()))));
        std::uint8_t counter = 0;
        for (std::size_t from = at.stored_bytes; from < end; from += 700) {
            Bytes block{0x36, ++counter};
            const View piece = View(bytes).subspan(from, std::min<std::size_t>(700, end - from));
            block.insert(block.end(), piece.begin(), piece.end());
            ENSURE(ask(block));
        }
        if (end == bytes.size()) ENSURE(ask({0x37}));
        return {};
    }
    flash::ZoneOrder order(std::uint32_t number, flash::Plan plan = flash::Plan::stage) {
        return {plan, ecu(number), flash::test::record_of(image, 2), {}, named(image), {}};
    }
    Result<void> start(const flash::ZoneOrder& wanted) {
        EXPECT_TRUE(ask({0x10, 0x03}));
        TRY(const Bytes answer, ask(flash::ask_work(wanted)));
        return flash::parse_done(answer, told);
    }
    flash::WorkReport row(std::uint32_t number) {
        const auto rows = flash::parse_report(*ask(flash::ask_report()));
        EXPECT_TRUE(rows);
        const auto found = std::ranges::find(*rows, ecu(number), &flash::WorkReport::ecu);
        EXPECT_NE(found, rows->end());
        return *found;
    }
    flash::WorkReport end_of(std::uint32_t number) {
        for (;;) {
            const flash::WorkReport now = row(number);
            if (now.state == WorkState::done || now.state == WorkState::failed) return now;
            wait(20ms);
        }
    }
    void wait(std::chrono::milliseconds time) {
        EXPECT_TRUE(complete(loop, [&]() -> io::Task<void> {
            co_await io::pause(time);
            co_return Result<void>{};
        }()));
    }
    bool has_staged(std::uint32_t number) {
        return ecus[number]->ecu.slots().bank_state().new_image == crypto::sha256(image);
    }
};

TEST_F(ZoneWork, WhatHasHalfComeGoesOnWhereItWasCut) {
    ASSERT_TRUE(put(image, 1400));
    client->close();
    EXPECT_EQ(offer(named(image))->stored_bytes, 1400u);
    ASSERT_TRUE(put(image, image.size()));
    EXPECT_EQ(offer(named(image))->stored_bytes, image.size());
}

TEST_F(ZoneWork, KeepsNothingThatHasAnotherDigest) {
    Bytes wrong = image;
    const flash::StoredBytes announced = named(image);
    wrong[900] ^= 1;
    const flash::Offered at = *offer(announced);
    ASSERT_TRUE(ask(flash::ask_download_to_zone(at, announced.size_bytes)));
    Bytes block{0x36, 0x01};
    block.insert(block.end(), wrong.begin(), wrong.end());
    ASSERT_TRUE(ask(block));
    EXPECT_FALSE(ask({0x37}));
    EXPECT_EQ(offer(announced)->stored_bytes, 0u);
    EXPECT_TRUE(start(order(11)).error().is(faults::not_stored));
    EXPECT_FALSE(ask(flash::ask_download_to_zone({at.handle, 0}, announced.size_bytes))) << "an old handle";
}

TEST_F(ZoneWork, StagesSideBySideWhileNobodyListens) {
    ASSERT_TRUE(put(image, image.size()));
    for (const std::uint32_t number : {11u, 12u, 13u}) ASSERT_TRUE(start(order(number)));
    client->close();
    wait(100ms);
    for (const std::uint32_t number : {11u, 12u, 13u}) {
        EXPECT_EQ(end_of(number).state, WorkState::done) << row(number).trouble.value_or(flash::Trouble{}).sentence;
        EXPECT_TRUE(has_staged(number));
        EXPECT_EQ(ecus[number]->ecu.communication(), uds::Communication::enable_rx_and_tx);
    }
    for (const flash::Plan plan : {flash::Plan::activate, flash::Plan::confirm}) {
        ASSERT_TRUE(start(order(13, plan)));
        EXPECT_EQ(end_of(13).state, WorkState::done);
    }
    EXPECT_TRUE(flash::test::runs(ecus[13]->ecu, ecus[13]->memory, image));
    EXPECT_EQ(row(11).order_id, order(11).id());
}

TEST_F(ZoneWork, ADeadEcuFailsAloneAfterItsOwnTime) {
    ASSERT_TRUE(put(image, image.size()));
    ASSERT_TRUE(start(order(14)));
    ASSERT_TRUE(start(order(13)));
    EXPECT_EQ(end_of(13).state, WorkState::done);
    EXPECT_EQ(row(14).state, WorkState::running) << "the dead one is still waited for";
    const flash::WorkReport dead = end_of(14);
    EXPECT_EQ(dead.state, WorkState::failed);
    EXPECT_EQ(dead.trouble->code, uds::faults::no_answer.code);
    EXPECT_EQ(dead.trouble->remedy, Remedy::retry);
}

TEST_F(ZoneWork, AnotherOrderTakesThePlaceOfTheOneUnderWayAndTheEcuIsRestored) {
    ASSERT_TRUE(put(image, image.size()));
    ecus[11]->holds_blocks = true;
    ASSERT_TRUE(start(order(11)));
    while (ecus[11]->blocks == 0) wait(5ms);
    EXPECT_EQ(row(11).step, "transfer");
    ASSERT_TRUE(start(order(11))) << "the same again changes nothing";
    ASSERT_TRUE(start(order(11, flash::Plan::roll_back)));
    EXPECT_EQ(row(11).plan, flash::Plan::roll_back);
    ecus[11]->holds_blocks = false;
    EXPECT_EQ(end_of(11).state, WorkState::done);
    EXPECT_FALSE(has_staged(11));
    EXPECT_EQ(ecus[11]->ecu.session(), uds::Session::default_);
    EXPECT_EQ(ecus[11]->ecu.communication(), uds::Communication::enable_rx_and_tx);
    EXPECT_EQ(ecus[11]->ecu.dtc(), uds::DtcSetting::on);
}

TEST_F(ZoneWork, StopsWhenItIsToldAndRestoresTheEcu) {
    ASSERT_TRUE(put(image, image.size()));
    ecus[11]->holds_blocks = true;
    ASSERT_TRUE(start(order(11)));
    while (ecus[11]->blocks == 0) wait(5ms);
    ASSERT_TRUE(ask({0x10, 0x03}));
    ASSERT_TRUE(ask(flash::ask_stop(ecu(11))));
    ecus[11]->holds_blocks = false;
    EXPECT_EQ(end_of(11).trouble->code, io::flashing::faults::stopped.code);
    EXPECT_EQ(ecus[11]->ecu.dtc(), uds::DtcSetting::on);
    ASSERT_TRUE(start(order(11))) << "and it can begin anew";
    EXPECT_EQ(end_of(11).state, WorkState::done);
}

TEST_F(ZoneWork, OthersMayOnlyReadFromAnEcuThatIsWorkedOn) {
    ASSERT_TRUE(put(image, image.size()));
    ecus[11]->holds_blocks = true;
    ASSERT_TRUE(start(order(11)));
    while (ecus[11]->blocks == 0) wait(5ms);
    const Result<Bytes> session = ask({0x10, 0x01}, 0x0011);
    ASSERT_FALSE(session);
    EXPECT_NE(session.error().detail().find("busyRepeatRequest"), std::string_view::npos) << session.error().str();
    ecus[11]->holds_blocks = false;
    EXPECT_EQ(end_of(11).state, WorkState::done);
    EXPECT_TRUE(ask({0x10, 0x01}, 0x0011)) << "afterwards it is anybody's";
}

TEST_F(ZoneWork, RefusesWhatItCannotDo) {
    EXPECT_TRUE(start(order(11)).error().is(faults::not_stored));
    EXPECT_TRUE(start(order(20)).error().is(faults::not_ours));
    EXPECT_FALSE(ask({0x31, 0x01, 0xF0, 0x20, 0x01})) << "an order of one byte";
    EXPECT_FALSE(ask({0x34, 0x00, 0x48, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1})) << "a handle that nobody gave";
    hubs[1].stop();
    wait(20ms);
    ASSERT_TRUE(put(image, image.size()));
    ASSERT_TRUE(start(order(13)));
    EXPECT_EQ(end_of(13).trouble->code, faults::unreachable.code);
}

TEST_F(ZoneWork, ARottenPayloadIsNotUsed) {
    ASSERT_TRUE(put(image, image.size()));
    std::ofstream(store.path_of(crypto::sha256(image)), std::ios::binary) << std::string(image.size(), 'x');
    ASSERT_TRUE(start(order(11)));
    EXPECT_EQ(end_of(11).trouble->code, faults::not_stored.code);
    EXPECT_EQ(ecus[11]->blocks, 0);
    EXPECT_EQ(offer(named(image))->stored_bytes, 0u) << "it is sent again";
}

TEST_F(ZoneWork, AFunctionalRequestBringsEachEcusAnswerWithItsOwnAddress) {
    const auto sink = std::make_shared<Listening>();
    const Bytes read_state{0x22, 0xF1, 0xA2};
    zone->on_request({.source = 0x0E80, .target = 0xE400, .uds = read_state}, sink);
    wait(100ms);
    EXPECT_EQ(sink->heard.size(), 3u) << "the dead one says nothing";
    for (const auto address : {std::uint16_t{0x0011}, std::uint16_t{0x0012}, std::uint16_t{0x0013}})
        EXPECT_EQ(Bytes(sink->heard[address].begin(), sink->heard[address].begin() + 3), (Bytes{0x62, 0xF1, 0xA2}));

    const auto own = std::make_shared<Listening>();
    const Bytes alive{0x3E, 0x00};
    zone->on_request({.source = 0x0E80, .target = 0xE400, .uds = alive}, own);
    wait(100ms);
    EXPECT_EQ(own->heard[0x0091], (Bytes{0x7E, 0x00})) << "the zone is one of them";
    EXPECT_EQ(own->heard.size(), 4u);
}

TEST_F(ZoneWork, AFunctionalRequestThatWouldDisturbIsKeptFromABusThatIsWorkedOn) {
    ASSERT_TRUE(put(image, image.size()));
    ecus[11]->holds_blocks = true;
    ASSERT_TRUE(start(order(11)));
    while (ecus[11]->blocks == 0) wait(5ms);
    const auto sink = std::make_shared<Listening>();
    const Bytes session{0x10, 0x03};
    zone->on_request({.source = 0x0E80, .target = 0xE400, .uds = session}, sink);
    wait(100ms);
    for (const auto address : {std::uint16_t{0x0011}, std::uint16_t{0x0012}})
        EXPECT_EQ(sink->heard[address], (Bytes{0x7F, 0x10, 0x21})) << "and says so in the names of its ECUs";
    EXPECT_EQ(ecus[12]->ecu.session(), uds::Session::default_);
    EXPECT_EQ(sink->heard[0x0013][0], 0x50) << "another bus";
    ecus[11]->holds_blocks = false;
    EXPECT_EQ(end_of(11).state, WorkState::done);
}

}  // namespace
}  // namespace pitstop::zone
