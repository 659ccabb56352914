// The zonal gateway as an ECU that takes updates: a whole zone behind its DoIP server, flashed as a gateway does it.
#include "apps/zone/own_image.h"

#include "apps/zone/zone.h"
#include "core/flash/bank_state.h"
#include "core/flash/faults.h"
#include "core/flash/zone_work.h"
#include "core/uptane/cloud_on_the_desk.h"
#include "core/uptane/faults.h"
#include "io/can/test_hub.h"
#include "io/config/faults.h"
#include "io/ethernet/doip_client.h"
#include "io/ethernet/doip_server.h"
#include "io/files/atomic_file.h"
#include "io/flashing/flashing.h"
#include "io/keys/key_file.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <format>

namespace pitstop::zone {
namespace {

using namespace std::chrono_literals;
using flash::Plan;

Bytes image_of(std::size_t size_bytes, std::uint8_t seed) {
    Bytes image(size_bytes);
    for (std::size_t i = 0; i < size_bytes; ++i) image[i] = static_cast<std::uint8_t>(i * 13 + seed + i / 255);
    return image;
}

// One power-on of the zone: everything but its files is gone at its end. ECU_011 is behind it, on a bus, and dead.
struct RunningZone {
    explicit RunningZone(const Settings& with) : settings(with), trust(settings) {
        started = image->power_on(trust);
        if (!started) return;
        store.emplace(*Store::open(settings.store->folder, settings.store->size_bytes_max));
        zone.emplace(loop, settings, ZoneParts{&trust, &*store, image.get()});
        EXPECT_TRUE(complete(loop, zone->join(std::array{BusSettings{"can0", hub.address()}})));
        server = *io::ethernet::DoipServer::listen(loop, {.port = 0, .identity = doip::Identity::of("TEST1", 0x0091)},
                                                   *zone);
        zone->when_restarting([this] { server->pause(); }, [this] { server->resume(); });
        tester.emplace(loop, io::ethernet::DoipPeer{.host = "127.0.0.1", .port = server->port()});
        loop.spawn("work", zone->work());
    }
    ~RunningZone() {
        tester.reset();
        loop.stop();
        loop.run();
        server.reset();
        zone.reset();
    }

    Result<Bytes> ask(const Bytes& request, std::uint16_t target = 0x0091) {
        return complete(loop, tester->request(target, request));
    }
    Result<Bytes> read(std::uint16_t did) {
        TRY(const Bytes answer, ask({0x22, static_cast<std::uint8_t>(did >> 8), static_cast<std::uint8_t>(did)}));
        return Bytes(answer.begin() + 3, answer.end());
    }
    std::string text(std::uint16_t did) {
        const auto said = read(did);
        return said ? std::string(text_of(*said)) : said.error().str();
    }
    flash::BankState banks() { return *flash::parse_bank_state(*read(uds::did::bank_state)); }

    // F012, as a gateway does it.
    uptane::Nonce begin_cycle() {
        EXPECT_TRUE(ask({0x10, 0x03}));
        return flash::parse_trust_standing(View(*ask({0x31, 0x01, 0xF0, 0x12})).subspan(5))->nonce;
    }
    Result<void> carry_out(Plan plan, const Bytes& image_bytes, const flash::ImageRecord& record, Bytes metadata = {}) {
        io::flashing::Order order{.plan = plan, .ecu = settings.identity.id, .image = record};
        order.read_image = [&](std::uint32_t offset, Room into) -> Result<void> {
            std::ranges::copy(View(image_bytes).subspan(offset, into.size()), into.begin());
            return {};
        };
        order.payload = {{}, static_cast<std::uint32_t>(image_bytes.size())};
        order.metadata = std::move(metadata);
        return complete(loop, io::flashing::carry_out(loop, {*tester, 0x0091, 65538}, std::move(order)));
    }
    void wait(std::chrono::milliseconds time) {
        EXPECT_TRUE(complete(loop, [&]() -> io::Task<void> {
            co_await io::pause(time);
            co_return Result<void>{};
        }()));
    }

    const Settings& settings;
    io::Loop loop;
    io::can::testing::TestHub hub{loop};
    ZoneTrust trust;
    std::unique_ptr<OwnImage> image = *OwnImage::open(loop, *settings.image);
    Result<void> started;
    std::optional<Store> store;
    std::optional<Zone> zone;
    std::unique_ptr<io::ethernet::DoipServer> server;
    std::optional<io::ethernet::DoipClient> tester;
};

struct OwnImageOfAZone : testing::Test {
    const Vin vin = *Vin::parse("TEST1");
    const EcuId zone_id = *EcuId::parse("ECU_091"), behind = *EcuId::parse("ECU_011");
    const HardwareId hardware = *HardwareId::parse("zone-gateway-1"), brakes = *HardwareId::parse("BRK-2");
    const Bytes factory_image = image_of(50'000, 1), new_image = image_of(70'001, 2);
    uptane::desk::Cloud cloud{vin, io::Loop().utc_now()};
    std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / std::format("zone-image-{}", ::getpid());
    std::optional<Settings> settings;

    void SetUp() override {
        std::filesystem::create_directories(folder);
        write("root.json", cloud.director_root());
        write("factory.img", factory_image);
        ASSERT_TRUE(io::keys::save_private_key(folder / "zone.key", *crypto::generate(crypto::KeyType::ecdsa_p256)));
        auto made = settings_of(trust_lines, flash_line);
        ASSERT_TRUE(made) << made.error().str();
        settings = *std::move(made);
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    void write(std::string_view name, View bytes) {
        ASSERT_TRUE(io::files::write_atomically(folder / name, bytes, io::files::FileMode::shared));
    }

    static constexpr std::string_view trust_lines =
        "trust: {director_root: root.json, image_root: root.json, state: zone.trust}\n";
    static constexpr std::string_view flash_line =
        "  flash: {file: zone.flash, sectors: [{count: 4, size_kib: 16}, {count: 12, size_kib: 16}]}\n";
    Result<Settings> settings_of(std::string_view trust, std::string_view flash) {
        const std::string yaml = std::format(
            "id: ECU_091\nvin: TEST1\nname: zone-test\nsoftware_version: 9.9.9\nlisten: {{host: 127.0.0.1, port: 0}}\n"
            "{}store: {{folder: store, size_mib: 1}}\nbuses: [{{name: can0, address: 'unix:/tmp/none.sock'}}]\n"
            "ecus: [{{id: ECU_011, bus: can0, request_id: 0x711, response_id: 0x719, hardware_id: BRK-2}}]\n"
            "image:\n  hardware_id: zone-gateway-1\n  part_number: P-91\n  serial_number: S-91\n  boot_time_ms: 300\n"
            "  factory: {{image: factory.img, version: 1.0.0}}\n  keys: {{classical: zone.key}}\n{}",
            trust, flash);
        write("zone.yaml", view_of(yaml));
        return Settings::from_file(folder / "zone.yaml");
    }

    flash::ImageRecord new_record() const {
        flash::ImageRecord record;
        record.size_bytes = static_cast<std::uint32_t>(new_image.size());
        record.sha256 = crypto::sha256(new_image);
        record.version = {1, 2, 0, 0};
        record.release_counter = 2;
        record.hardware_id = Text<64>("zone-gateway-1");
        return record;
    }
    Result<void> stage(RunningZone& zone) {
        return zone.carry_out(Plan::stage, new_image, new_record(), cloud.full_bundle(zone.begin_cycle()));
    }
    Result<void> carry_out(RunningZone& zone, Plan plan) { return zone.carry_out(plan, new_image, new_record()); }
};

TEST_F(OwnImageOfAZone, AnswersForItselfAsAnyEcu) {
    RunningZone zone(*settings);
    ASSERT_TRUE(zone.started) << zone.started.error().str();
    EXPECT_EQ(zone.text(uds::did::software_version), "1.0.0") << "the image's, not the configuration's";
    EXPECT_EQ(zone.text(uds::did::hardware_number), "zone-gateway-1");
    EXPECT_EQ(zone.text(uds::did::serial_number), "S-91");
    EXPECT_EQ(zone.text(uds::did::part_number), "P-91");
    EXPECT_EQ(zone.text(uds::did::system_name), "zone-test");
    const Sha256Digest digest = crypto::sha256(factory_image);
    EXPECT_EQ(zone.read(uds::did::image_digest), Bytes(digest.begin(), digest.end()));
    EXPECT_EQ(zone.banks().release_counter, 1u);
    EXPECT_NE(zone.text(uds::did::version_report).find("ECU_091"), std::string::npos);
    EXPECT_TRUE(zone.ask({0x10, 0x03}));
    EXPECT_EQ(zone.ask({0x31, 0x01, 0x02, 0x03})->back(), 0x00) << "ready to be programmed";
    EXPECT_EQ(zone.ask({0x31, 0x01, 0xF0, 0x01})->back(), 1) << "and it still collects what one ECU behind it says";
}

TEST_F(OwnImageOfAZone, RunsItsNewImageAfterItsRestartAndKeepsItOverAPowerCycle) {
    cloud.assign(zone_id, hardware, new_image);
    {
        RunningZone zone(*settings);
        const auto staged = stage(zone);
        ASSERT_TRUE(staged) << staged.error().str();
        EXPECT_EQ(zone.text(uds::did::software_version), "1.0.0") << "until it is activated";
        const auto activated = carry_out(zone, Plan::activate);
        ASSERT_TRUE(activated) << activated.error().str();
        EXPECT_EQ(zone.text(uds::did::software_version), "1.2.0");
        EXPECT_EQ(zone.banks().phase, flash::Phase::trial);
        EXPECT_TRUE(zone.trust.directed().empty()) << "what was judged before the restart is judged again";
        EXPECT_TRUE(carry_out(zone, Plan::confirm));
        EXPECT_EQ(zone.banks().release_counter, 2u);
    }
    RunningZone again(*settings);
    ASSERT_TRUE(again.started);
    EXPECT_EQ(again.text(uds::did::software_version), "1.2.0");
    EXPECT_EQ(again.banks().phase, flash::Phase::settled);
    EXPECT_NE(again.text(uds::did::version_report).find(to_hex(crypto::sha256(new_image))), std::string::npos);
}

TEST_F(OwnImageOfAZone, ReturnsToItsOldImageWhenItIsToldTo) {
    cloud.assign(zone_id, hardware, new_image);
    RunningZone zone(*settings);
    ASSERT_TRUE(stage(zone));
    ASSERT_TRUE(carry_out(zone, Plan::activate));
    const auto returned = carry_out(zone, Plan::roll_back);
    ASSERT_TRUE(returned) << returned.error().str();
    EXPECT_EQ(zone.text(uds::did::software_version), "1.0.0");
    EXPECT_EQ(zone.banks().release_counter, 1u);
}

TEST_F(OwnImageOfAZone, TakesOnlyWhatItHasJudgedForItself) {
    RunningZone zone(*settings);
    EXPECT_EQ(carry_out(zone, Plan::stage).error().code(), "uds.refused") << "no metadata";
    cloud.assign(behind, brakes, new_image);
    EXPECT_EQ(stage(zone).error().code(), "uds.refused") << "metadata that has an image for another ECU alone";
    ASSERT_EQ(zone.trust.directed().size(), 1u) << "which may be programmed";
    EXPECT_TRUE(zone.trust.may_program(behind));
    cloud.assign(zone_id, hardware, image_of(new_image.size(), 3));
    EXPECT_TRUE(stage(zone).error().is(flash::faults::not_approved)) << "another image is directed";
    EXPECT_EQ(zone.trust.directed().size(), 2u);
    EXPECT_EQ(zone.text(uds::did::software_version), "1.0.0");
}

TEST_F(OwnImageOfAZone, DoesNotRestartWhileItWorksOnOthers) {
    RunningZone zone(*settings);
    const flash::ZoneOrder order{Plan::roll_back, behind, new_record(), {}, {}, {}};
    ASSERT_TRUE(zone.ask({0x10, 0x03}));
    ASSERT_TRUE(zone.ask(flash::ask_work(order)));
    zone.wait(20ms);
    const auto refused = zone.ask({0x11, 0x01});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().str().find("busyRepeatRequest"), std::string::npos) << refused.error().str();
    ASSERT_TRUE(zone.ask(flash::ask_stop(behind)));
    for (int i = 0; i < 500 && !zone.ask({0x11, 0x01}); ++i) zone.wait(20ms);
    EXPECT_FALSE(zone.ask({0x3E, 0x00})) << "now it restarts";
    zone.wait(400ms);
    const auto rows = flash::parse_report(*zone.ask(flash::ask_report()));
    ASSERT_TRUE(rows);
    EXPECT_TRUE(rows->empty()) << "and has forgotten what it was ordered";
}

TEST_F(OwnImageOfAZone, NobodyReachesAnythingWhileItRestarts) {
    RunningZone zone(*settings);
    ASSERT_TRUE(zone.ask({0x3E, 0x00}));
    ASSERT_TRUE(zone.ask({0x11, 0x01}));
    zone.wait(50ms);
    EXPECT_FALSE(zone.tester->connected());
    EXPECT_EQ(zone.zone->power_mode(), doip::PowerMode::not_ready);
    EXPECT_EQ(zone.zone->look_up(0x0011, 2), doip::Delivery::target_unreachable);
    EXPECT_EQ(zone.zone->look_up(0x0091, 2), doip::Delivery::target_unreachable);
    zone.wait(400ms);
    EXPECT_EQ(zone.zone->look_up(0x0011, 2), doip::Delivery::accepted);
    EXPECT_TRUE(zone.ask({0x3E, 0x00}));
    EXPECT_EQ(zone.text(uds::did::software_version), "1.0.0");
}

TEST_F(OwnImageOfAZone, RunsOnWithoutItsTrustAndIsProgrammedByNobody) {
    {
        RunningZone zone(*settings);
        ASSERT_TRUE(zone.started);
    }
    std::filesystem::remove(folder / "zone.trust");
    RunningZone zone(*settings);
    ASSERT_TRUE(zone.started) << zone.started.error().str();
    EXPECT_FALSE(zone.trust.is_there()) << "it does not begin anew from the factory's";
    EXPECT_EQ(zone.text(uds::did::software_version), "1.0.0");
    EXPECT_FALSE(zone.read(uds::did::version_report)) << "it has nothing to say that could be believed";
    EXPECT_EQ(zone.zone->look_up(0x0011, 2), doip::Delivery::accepted) << "the ECUs behind it are still reached";
    ASSERT_TRUE(zone.ask({0x10, 0x03}));
    EXPECT_FALSE(zone.ask({0x31, 0x01, 0xF0, 0x12})) << "it judges no metadata";
    ASSERT_TRUE(zone.ask({0x10, 0x02}));
    EXPECT_FALSE(zone.ask({0x31, 0x01, 0xFF, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 0x10, 0}));
}

TEST_F(OwnImageOfAZone, NeedsTrustAndTwoBanks) {
    EXPECT_TRUE(settings_of("", flash_line).error().is(io::config::faults::out_of_range));
    const std::string one_bank = std::string(flash_line.substr(0, flash_line.size() - 2)) + ", banks: 1}\n";
    EXPECT_TRUE(settings_of(trust_lines, one_bank).error().is(io::config::faults::out_of_range));
}

}  // namespace
}  // namespace pitstop::zone
