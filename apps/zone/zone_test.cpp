// The zone between a real DoIP tester and real UDS servers on a bus.
#include "apps/zone/faults.h"
#include "apps/zone/running_zone_test.h"

#include "core/doip/faults.h"
#include "core/flash/directed.h"
#include "core/flash/faults.h"
#include "core/flash/routine_status.h"
#include "core/flash/test_ecu.h"
#include "core/uds/faults.h"
#include "core/uptane/cloud_on_the_desk.h"
#include "core/uptane/faults.h"
#include "io/config/faults.h"
#include "io/files/atomic_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace pitstop::zone {
namespace {

TEST(Zone, SaysThatAnEcuIsUnknown) {
    Site site;
    site.join();
    EXPECT_TRUE(site.ask(0x0099, read_version).error().is(doip::faults::unknown_target));
}

TEST(Zone, SaysThatAnEcuIsUnreachableWhileItsBusIsNotThere) {
    Site site;
    EXPECT_TRUE(site.ask(0x0011, read_version).error().is(doip::faults::unreachable));
    site.join();
    EXPECT_EQ(site.ask(0x0011, read_version), version_is);
}

TEST(Zone, RefusesAMessageThatTheBusCannotCarry) {
    Site site;
    site.join();
    EXPECT_TRUE(
        site.ask(0x0011, Bytes(can::message_size_bytes_max + 1, 0x36)).error().is(doip::faults::message_too_large));
}

TEST(Zone, IsNotHeldUpByASilentEcu) {
    Site site;
    site.join();
    Bytes long_request(500, 0x36);  // needs a flow control that never comes
    std::optional<Result<Bytes>> silent;
    site.loop.spawn("silent", [](Site& at, View request, std::optional<Result<Bytes>>& outcome) -> io::Task<void> {
        outcome = co_await at.client->request(0x0012, request, {.p2 = 2000ms});
        co_return Result<void>{};
    }(site, long_request, silent));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(site.ask(0x0011, read_version), version_is);
    EXPECT_FALSE(silent);
    while (!silent) site.loop.context().run_one();
    ASSERT_FALSE(*silent);
    EXPECT_TRUE(silent->error().is(uds::faults::no_answer)) << silent->error().str();
}

TEST(Zone, GivesEachTesterItsOwnAnswers) {
    Site site;
    site.join();
    site.ecu->ecu.step_takes = 40ms;
    io::ethernet::DoipClient other(site.loop, {.host = "127.0.0.1", .port = site.server->port(), .tester = 0x0E81});
    const Bytes erase{0x31, 0x01, 0xFF, 0x00};
    std::optional<Result<Bytes>> erased;
    ASSERT_TRUE(complete(site.loop, other.connect()));
    ASSERT_EQ(site.ask(0x0011, read_version), version_is);
    site.loop.spawn("erase", [](Site& at, View request, std::optional<Result<Bytes>>& outcome) -> io::Task<void> {
        outcome = co_await at.client->request(0x0011, request, {});
        co_return Result<void>{};
    }(site, erase, erased));
    const auto refused = complete(site.loop, [&]() -> io::Task<uds::Answer> {
        co_await io::pause(20ms);
        co_return co_await other.ask(0x0011, read_version, {});
    }());
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->refusal, uds::Nrc::busy_repeat_request);
    while (!erased) site.loop.context().run_one();
    EXPECT_EQ(*erased, (Bytes{0x71, 0x01, 0xFF, 0x00, 0x5A}));
    EXPECT_EQ(complete(site.loop, other.request(0x0011, read_version)), version_is);
}

TEST(Zone, CarriesLongBlocksToAnEcuOnCanFd) {
    Site site;
    site.join();
    auto& ecu = site.ecu->ecu;
    ecu.block_bytes = 20'002;
    ecu.download_bytes_max = 20'000;
    EXPECT_TRUE(site.ask(0x0011, {0x10, 0x02}));
    EXPECT_TRUE(site.ask(0x0011, {0x34, 0x00, 0x21, 0x00, 0x4E, 0x20}));
    Bytes block{0x36, 0x01};
    for (int i = 0; i < 20'000; ++i) block.push_back(static_cast<std::uint8_t>(i * 31 >> 3));
    EXPECT_EQ(site.ask(0x0011, block), (Bytes{0x76, 0x01}));
    EXPECT_EQ(ecu.memory, Bytes(block.begin() + 2, block.end()));
}

TEST(Zone, SaysWhoItIs) {
    Site site;
    EXPECT_EQ(site.ask(0x0091, read_version), (Bytes{0x62, 0xF1, 0x89, '2', '.', '3', '.', '4'}));
    const Bytes name{0x22, 0xF1, 0x97}, alive{0x3E, 0x00}, programming{0x10, 0x02};
    EXPECT_EQ(text_of(View(*site.ask(0x0091, name)).subspan(3)), "zone-test");
    EXPECT_EQ(site.ask(0x0091, alive), (Bytes{0x7E, 0x00}));
    EXPECT_TRUE(site.ask(0x0091, programming).error().is(uds::faults::refused));
}

// A zone that verifies for itself: ECU_011 and ECU_012 are behind it.
struct Judging : testing::Test {
    const Vin vin = *Vin::parse("TEST1");
    const HardwareId hardware = *HardwareId::parse("BRK-2");
    const Bytes erase{0x31, 0x01, 0xFF, 0x00}, download{0x34, 0x00, 0x21, 0x00, 0x00, 0x10};
    uptane::desk::Cloud cloud{vin, io::Loop().utc_now()};
    std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / std::format("zone-{}", ::getpid());

    void SetUp() override {
        std::filesystem::create_directories(folder);
        const Bytes root = cloud.director_root();
        ASSERT_TRUE(io::files::write_atomically(folder / "root.json", root, io::files::FileMode::shared));
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    Settings settings() const {
        Settings made{.identity = {*EcuId::parse("ECU_091"), vin, "zone-test", {2, 3, 4}},
                      .host = "127.0.0.1",
                      .buses = {},
                      .routes = {}};
        for (const std::uint32_t number : {11u, 12u})
            made.routes.push_back({*EcuId::from_number(number), "can0", {1}, {2}, CanFormat::fd, hardware});
        made.trust = TrustSettings{folder / "root.json", folder / "root.json", folder / "zone.trust"};
        return made;
    }
    std::unique_ptr<ZoneTrust> open() const { return *ZoneTrust::open(settings(), cloud.now()); }

    // As a gateway does it. The status of F013.
    static std::uint8_t judge(Site& site, const uptane::desk::Cloud& of) {
        const Bytes extended{0x10, 0x03}, begin{0x31, 0x01, 0xF0, 0x12}, exit{0x37}, judge_it{0x31, 0x01, 0xF0, 0x13};
        EXPECT_TRUE(site.ask(0x0091, extended));
        const Bytes begun = *site.ask(0x0091, begin);
        const Bytes bundle = of.full_bundle(flash::parse_trust_standing(View(begun).subspan(5))->nonce);
        Bytes offer{0x34, 0x00, 0x44, 0xF0, 0, 0, 0, 0, 0, 0, 0};
        store_be(&offer[7], static_cast<std::uint32_t>(bundle.size()));
        EXPECT_TRUE(site.ask(0x0091, offer));
        std::uint8_t counter = 0;
        for (std::size_t at = 0; at < bundle.size(); at += 30'000) {
            Bytes block{0x36, ++counter};
            const View piece = View(bundle).subspan(at, std::min<std::size_t>(30'000, bundle.size() - at));
            block.insert(block.end(), piece.begin(), piece.end());
            EXPECT_TRUE(site.ask(0x0091, block));
        }
        EXPECT_TRUE(site.ask(0x0091, exit));
        return site.ask(0x0091, judge_it)->back();
    }
    void expect_shut(Site& site) {
        for (const Bytes& request : {erase, download})
            EXPECT_EQ(site.ask(0x0011, request).error().detail().find("conditionsNotCorrect") != std::string::npos,
                      true);
    }
};

TEST_F(Judging, LetsNobodyEraseAnEcuThatShallGetNoImage) {
    Site site(open());
    site.join();
    ASSERT_TRUE(site.ask(0x0011, {0x10, 0x02}));
    expect_shut(site);
    EXPECT_EQ(site.ask(0x0011, read_version), version_is) << "everything else passes";
    cloud.assign(*EcuId::parse("ECU_012"), hardware, Bytes{1, 2, 3});
    EXPECT_EQ(judge(site, cloud), flash::routine_succeeded);
    expect_shut(site);
    cloud.assign(*EcuId::parse("ECU_011"), hardware, Bytes{1, 2, 3});
    EXPECT_EQ(judge(site, cloud), flash::routine_succeeded);
    ASSERT_TRUE(site.ask(0x0011, {0x10, 0x02}));
    EXPECT_EQ(site.ask(0x0011, erase), (Bytes{0x71, 0x01, 0xFF, 0x00, 0x5A}));
    EXPECT_TRUE(site.ask(0x0011, download));
}

TEST_F(Judging, LetsNobodyEraseEverybodyAtOnce) {
    Site site(open());
    site.join();
    ASSERT_TRUE(site.ask(0x0011, {0x10, 0x02}));
    const auto ask_all = [&](const Bytes& request) {
        return complete(site.loop, site.client->ask_group(0xE400, request, 300ms, {}));
    };
    const auto heard = ask_all(erase);
    ASSERT_TRUE(heard) << heard.error().str();
    ASSERT_EQ(heard->size(), 2u) << "in the name of both ECUs on the bus";
    for (const auto& each : *heard) EXPECT_EQ(each.answer.refusal, uds::Nrc::conditions_not_correct);
    EXPECT_FALSE(ask_all(Bytes(70, 0x22))) << "no frame is that long";
}

TEST_F(Judging, BelievesNoMetadataOfAnotherVehicleAndKeepsWhatItTrustsOverARestart) {
    cloud.assign(*EcuId::parse("ECU_011"), hardware, Bytes{1, 2, 3});
    const uptane::desk::Cloud before = cloud;
    cloud.assign(*EcuId::parse("ECU_011"), hardware, Bytes{4, 5}, 3);
    {
        Site site(open());
        site.join();
        uptane::desk::Cloud other(*Vin::parse("TEST2"), cloud.now());
        other.assign(*EcuId::parse("ECU_011"), hardware, Bytes{1, 2, 3});
        EXPECT_EQ(judge(site, other), flash::status_byte(Error(uptane::faults::wrong_vin)));
        expect_shut(site);
        EXPECT_EQ(judge(site, cloud), flash::routine_succeeded);
    }
    Site site(open());
    site.join();
    expect_shut(site);
    EXPECT_EQ(judge(site, before), flash::status_byte(Error(uptane::faults::rolled_back)));
    expect_shut(site);
}

TEST_F(Judging, LetsNobodyEraseAnythingOnceItsTrustIsLost) {
    cloud.assign(*EcuId::parse("ECU_011"), hardware, Bytes{1, 2, 3});
    ASSERT_TRUE(open()->is_there());
    ASSERT_TRUE(io::files::write_atomically(folder / "zone.trust", Bytes{1, 2, 3}, io::files::FileMode::shared));
    Site site(open());
    site.join();
    ASSERT_TRUE(site.ask(0x0011, {0x10, 0x02}));
    expect_shut(site);
    EXPECT_EQ(site.ask(0x0011, read_version), version_is) << "everything else passes";
    EXPECT_FALSE(site.ask(0x0091, {0x31, 0x01, 0xF0, 0x12})) << "and no metadata gives it back";
}

TEST_F(Judging, StagesNothingByItselfThatNobodyDirected) {
    io::Loop loop;
    const std::unique_ptr<ZoneTrust> trust = open();
    Store store = *Store::open(folder / "store", 1'000'000);
    Route route(loop, settings().routes[0]);
    RouteLink link(loop, route);
    const EcuId ecu = route.settings().ecu;
    ZoneFlasher flasher(loop, store, trust.get(), {{ecu, Place{"can0", link}}});
    const Bytes image{1, 2, 3};
    cloud.assign(ecu, hardware, image);
    const auto is_refused_for = [&](const flash::ZoneOrder& order, const Fault& why) {
        const Result<void> started = flasher.start(order);
        return !started && started.error().is(why);
    };
    flash::ZoneOrder order{flash::Plan::stage, ecu, flash::test::record_of(image, 1), {}, {}, {}};
    order.payload = {order.image.sha256, order.image.size_bytes};
    EXPECT_TRUE(is_refused_for(order, flash::faults::not_approved)) << "nothing was judged yet";
    ASSERT_TRUE(trust->judge(cloud.full_bundle(trust->begin()->nonce)));
    const auto directed = trust->directed();
    ASSERT_EQ(directed.size(), 1u);
    order.image = flash::record_of(directed[0]);
    EXPECT_TRUE(is_refused_for(order, faults::not_stored)) << "this one is welcome, but has not come";
    ++order.image.release_counter;
    EXPECT_TRUE(is_refused_for(order, flash::faults::not_approved));
}

TEST_F(Judging, TellsWhatOverwritesAnImage) {
    EXPECT_TRUE(overwrites_an_image(Bytes{0x31, 0x01, 0xFF, 0x00, 0x44}));
    EXPECT_TRUE(overwrites_an_image(Bytes{0x31, 0x81, 0xFF, 0x00}));
    EXPECT_TRUE(overwrites_an_image(Bytes{0x34, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 1, 0}));
    EXPECT_TRUE(overwrites_an_image(Bytes{0x34, 0x00, 0x18, 1, 0xF0, 0, 0, 0, 0, 0, 0, 0})) << "more than four bytes";
    EXPECT_FALSE(overwrites_an_image(Bytes{0x34, 0x00, 0x44, 0xF0, 0, 0, 0, 0, 0, 1, 0}));
    EXPECT_FALSE(overwrites_an_image(Bytes{0x31, 0x01, 0xF0, 0x12}));
    EXPECT_FALSE(overwrites_an_image(Bytes{}));
}

Result<Settings> settings_with(std::string_view from, std::string_view to) {
    const auto sample = "config/zone.yaml";
    std::ifstream in(sample);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const auto file = std::filesystem::path(::testing::TempDir()) / std::format("zone-{}.yaml", ::getpid());
    std::ofstream(file) << text;
    auto settings = Settings::from_file(file);
    std::filesystem::remove(file);
    return settings;
}

TEST(ZoneSettings, RefusesWhatCannotWork) {
    const std::pair<std::string_view, std::string_view> mistakes[] = {
        {"bus: can0", "bus: can1"},
        {"id: ECU_011", "id: ECU_091"},
        {"response_id: 0x719", "response_id: 0x711"},
        {"address: unix:/tmp/pitstop/can0.sock", "address: /tmp/pitstop/can0.sock"},
        {"port: 13400", "port: 70000"},
        {"hardware_id: body-controller-2", "hardware_id: 'a b'"},
    };
    for (const auto& [from, to] : mistakes) {
        const auto settings = settings_with(from, to);
        ASSERT_FALSE(settings) << to;
        EXPECT_TRUE(settings.error().is(io::config::faults::out_of_range)) << settings.error().str();
        const auto key = to.substr(0, to.find(':'));
        EXPECT_NE(settings.error().detail().find(key), std::string_view::npos) << settings.error().str();
    }
    EXPECT_TRUE(settings_with("discovery:", "discovry:").error().is(io::config::faults::unknown_key));
}

TEST(ZoneSettings, AreWhatTheSampleSays) {
    const auto settings = Settings::from_file("config/zone.yaml");
    ASSERT_TRUE(settings) << settings.error().str();
    EXPECT_EQ(settings->identity.id.address(), 0x0091);
    EXPECT_EQ(settings->port, 13400);
    ASSERT_EQ(settings->routes.size(), 1u);
    EXPECT_EQ(settings->routes[0].ecu.address(), 0x0011);
    EXPECT_EQ(settings->routes[0].request.value, 0x711u);
    EXPECT_EQ(settings->store->size_bytes_max, 512ull << 20);
    EXPECT_EQ(settings->credential->filename(), "WPTSTP00000000001-ECU_091");
    EXPECT_TRUE(settings_with("  credential:", "  credentials:").error().is(io::config::faults::missing_key));
    EXPECT_EQ(settings->access->authorities.size(), 2u);
    const auto keyed = settings_with("  post_quantum_authority:", "  security_key: k\n  post_quantum_authority:");
    EXPECT_NE(keyed.error().detail().find("asks for certificates"), std::string_view::npos) << keyed.error().str();
}

}  // namespace
}  // namespace pitstop::zone
