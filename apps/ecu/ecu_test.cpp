#include "apps/ecu/ecu.h"

#include "apps/ecu/ethernet_link.h"
#include "apps/ecu/report_memory.h"
#include "apps/ecu/settings.h"
#include "core/flash/faults.h"
#include "core/flash/programmer.h"
#include "core/flash/routine_status.h"
#include "core/uptane/cloud_on_the_desk.h"
#include "core/uptane/faults.h"
#include "io/config/faults.h"
#include "io/ethernet/doip_client.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"
#include "io/files/file_flash.h"
#include "io/keys/key_file.h"

#include <gtest/gtest.h>
#include <cstdlib>

namespace pitstop::ecu {
namespace {

using io::Task;
using io::files::FileFlash;

const std::filesystem::path samples = "config";

TEST(EcuSettings, LoadFromTheSamples) {
    const auto can = Settings::from_file(samples / "ecu-can.yaml");
    ASSERT_TRUE(can) << can.error().str();
    EXPECT_EQ(can->identity.id.str(), "ECU_011");
    ASSERT_TRUE(can->can);
    EXPECT_EQ(can->can->request_id, 0x711U);
    const auto ethernet = Settings::from_file(samples / "ecu-ethernet.yaml");
    ASSERT_TRUE(ethernet) << ethernet.error().str();
    ASSERT_TRUE(ethernet->ethernet);
    EXPECT_EQ(ethernet->ethernet->port, 13400);
    EXPECT_EQ(ethernet->flash.geometry.size_bytes(), 4 * 16 * 1024U + 128 * 256 * 1024U);
    EXPECT_EQ(ethernet->factory->version, (Version{1, 0, 0, 0}));
    EXPECT_EQ(can->trust->verification, flash::Verification::partial);
    EXPECT_EQ(ethernet->trust->verification, flash::Verification::full);
    EXPECT_TRUE(can->keys->post_quantum);
}

Bytes image_of(std::size_t size_bytes, std::uint8_t seed) {
    Bytes image(size_bytes);
    for (std::size_t i = 0; i < size_bytes; ++i) image[i] = static_cast<std::uint8_t>(i * 13 + seed + i / 255);
    return image;
}

constexpr std::string_view id_lines =
    "id: ECU_012\nvin: WPTSTP00000000001\nhardware_id: infotainment-4\n"
    "part_number: P\nserial_number: S\nboot_time_ms: 5\n";
constexpr std::string_view flash_lines =
    "flash:\n  file: ecu.flash\n  sectors: [{count: 4, size_kib: 16}, {count: 20, size_kib: 16}]\n";
constexpr std::string_view factory_lines = "factory: {image: factory.img, version: 1.0.0}\n";
constexpr std::string_view full_lines = "trust: {director_root: root.json, image_root: root.json, state: ecu.trust}\n";
constexpr std::string_view partial_lines = "trust: {director_root: root.json, verification: partial}\n";
constexpr std::string_view keys_lines = "keys: {classical: ecu.key}\n";
constexpr std::string_view link_lines = "ethernet: {host: 127.0.0.1, port: 0}\n";

class EcuTest : public testing::Test {
protected:
    std::filesystem::path folder;
    const Bytes factory_image = image_of(100'000, 1), new_image = image_of(140'001, 2);
    const Vin vin = *Vin::parse("WPTSTP00000000001");
    const EcuId id = *EcuId::parse("ECU_012");
    const HardwareId hardware = *HardwareId::parse("infotainment-4");
    uptane::desk::Cloud cloud{vin, io::Loop().utc_now()};

    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "pitstop_ecu_XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        write("factory.img", factory_image);
        write("root.json", cloud.director_root());
        ASSERT_TRUE(io::keys::save_private_key(folder / "ecu.key", *crypto::generate(crypto::KeyType::ecdsa_p256)));
        cloud.assign(id, hardware, new_image);
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    void write(std::string_view name, View bytes) {
        ASSERT_TRUE(io::files::write_atomically(folder / name, bytes, io::files::FileMode::shared));
    }
    Result<Settings> settings_with(std::initializer_list<std::string_view> parts) {
        std::string yaml;
        for (const auto part : parts) yaml += part;
        write("ecu.yaml", view_of(yaml));
        return Settings::from_file(folder / "ecu.yaml");
    }
    Result<Settings> settings() {
        return settings_with({id_lines, flash_lines, factory_lines, link_lines, full_lines, keys_lines});
    }

    flash::ImageRecord new_record() const {
        flash::ImageRecord record;
        record.size_bytes = static_cast<std::uint32_t>(new_image.size());
        record.sha256 = crypto::sha256(new_image);
        record.version = {1, 2, 0, 0};
        record.release_counter = 2;
        record.hardware_id = Text<64>("infotainment-4");
        return record;
    }
};

TEST_F(EcuTest, RefusesAConfigurationWithNoLinkOrTwo) {
    EXPECT_TRUE(settings_with({id_lines, flash_lines}).error().is(io::config::faults::out_of_range));
    const std::string_view can = "can: {bus: unix:/x, request_id: 1, response_id: 2}\n";
    EXPECT_TRUE(settings_with({id_lines, flash_lines, link_lines, can}).error().is(io::config::faults::out_of_range));
    EXPECT_TRUE(settings_with({id_lines, flash_lines, link_lines, "kolour: red\n"})
                    .error()
                    .is(io::config::faults::unknown_key));
}

TEST_F(EcuTest, DoesNotStartWithoutItsFactoryImage) {
    std::filesystem::remove(folder / "factory.img");
    const auto wanted = settings();
    ASSERT_TRUE(wanted) << wanted.error().str();
    const auto layout = flash::plan_layout(wanted->flash.geometry);
    const auto flash = FileFlash::open(wanted->flash.file, wanted->flash.geometry, layout->vouching_sectors());
    ASSERT_TRUE(flash) << flash.error().str();
    io::Loop loop;
    Ecu ecu(loop, *wanted, **flash, *layout);
    EXPECT_TRUE(ecu.power_on().error().is(io::files::faults::not_there));
}

// An ECU from power-on to kill: everything but the flash file is gone at its end.
struct RunningEcu {
    io::Loop& loop;
    const Settings& settings;
    flash::Layout layout = *flash::plan_layout(settings.flash.geometry);
    std::unique_ptr<FileFlash> flash =
        *FileFlash::open(settings.flash.file, settings.flash.geometry, layout.vouching_sectors());
    Ecu ecu{loop, settings, *flash, layout};
    Result<void> started = ecu.power_on();
    std::unique_ptr<EthernetLink> link = *EthernetLink::listen(loop, ecu, *settings.ethernet);
    io::ethernet::DoipClient tester{loop, {.host = "127.0.0.1", .port = link->port()}};

    Task<std::string> read_text(std::uint16_t did) {
        const Bytes request{0x22, static_cast<std::uint8_t>(did >> 8), static_cast<std::uint8_t>(did)};
        CO_TRY(const Bytes answer, co_await tester.request(settings.identity.id.address(), request));
        co_return std::string(text_of(View(answer).subspan(3)));
    }

    // F012, as a gateway does it.
    Task<flash::TrustStanding> begin_cycle() {
        const Bytes extended{0x10, 0x03}, begin{0x31, 0x01, 0xF0, 0x12};
        CO_TRY(const Bytes entered, co_await tester.request(settings.identity.id.address(), extended));
        CO_TRY(const Bytes answer, co_await tester.request(settings.identity.id.address(), begin));
        co_return flash::parse_trust_standing(View(answer).subspan(5));
    }
    Task<flash::DoneBecause> carry_out(flash::Plan plan, flash::ImageRecord record, View image, Bytes metadata = {}) {
        using namespace flash;
        Programmer programmer(plan, record, {.block_size_bytes_max = 65538, .boot_pause = std::chrono::milliseconds(5)},
                              metadata);
        for (;;) {
            const Action action = programmer.next();
            if (const auto* send = std::get_if<SendRequest>(&action)) {
                const auto answer =
                    co_await tester.ask(settings.identity.id.address(), send->request, {.total = send->time_limit});
                if (!answer)
                    programmer.on_error(answer.error());
                else if (answer->refused())
                    programmer.on_refusal(answer->refusal);
                else
                    programmer.on_answer(answer->positive);
            } else if (const auto* need = std::get_if<NeedImage>(&action)) {
                std::ranges::copy(image.subspan(need->offset, need->into.size()), need->into.begin());
                programmer.on_image();
            } else if (const auto* pause = std::get_if<flash::Pause>(&action)) {
                co_await io::pause(pause->time);
            } else if (const auto* done = std::get_if<Done>(&action)) {
                co_return done->because;
            } else if (const auto* failed = std::get_if<Failed>(&action)) {
                co_return fail(failed->error);
            }
        }
    }
};

TEST_F(EcuTest, RunsItsFactoryImageAtFirstStart) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted) << wanted.error().str();
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    ASSERT_TRUE(running.started) << running.started.error().str();
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::software_version)), "1.0.0");
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::vin)), "WPTSTP00000000001");
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::hardware_number)), "infotainment-4");
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::system_name)), "ECU_012");
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::image_digest)),
              text_of(View(crypto::sha256(factory_image))));
    EXPECT_FALSE(io::complete(loop, running.read_text(0xF1FF)));
}

TEST_F(EcuTest, TakesAnImageOverDoipAndKeepsItOverARestart) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    for (const flash::Plan plan : {flash::Plan::stage, flash::Plan::activate, flash::Plan::confirm}) {
        io::Loop loop;  // every plan finds an ECU that was killed in between
        RunningEcu running{loop, *wanted};
        ASSERT_TRUE(running.started);
        Bytes metadata;
        if (plan == flash::Plan::stage) metadata = cloud.full_bundle(io::complete(loop, running.begin_cycle())->nonce);
        const auto done = io::complete(loop, running.carry_out(plan, new_record(), new_image, metadata));
        ASSERT_TRUE(done) << done.error().str();
        EXPECT_EQ(*done, flash::DoneBecause::did_it);
    }
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::software_version)), "1.2.0");
    EXPECT_TRUE(io::complete(loop, running.carry_out(flash::Plan::roll_back, new_record(), new_image))
                    .error()
                    .is(flash::faults::already_committed));
}

TEST_F(EcuTest, KeepsItsSoftwareWhenTheImageWasChangedOnTheWay) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    Bytes changed = new_image;
    changed[77'000] ^= 0x01;
    const Bytes metadata = cloud.full_bundle(io::complete(loop, running.begin_cycle())->nonce);
    const auto staged = io::complete(loop, running.carry_out(flash::Plan::stage, new_record(), changed, metadata));
    ASSERT_FALSE(staged);
    EXPECT_TRUE(staged.error().is(flash::faults::wrong_digest));
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::software_version)), "1.0.0");
}

TEST_F(EcuTest, IsNotReadyWhenItsConfigurationSaysSo) {
    const auto wanted =
        settings_with({id_lines, flash_lines, factory_lines, link_lines, "ready_for_programming: no\n"});
    ASSERT_TRUE(wanted);
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    EXPECT_TRUE(io::complete(loop, running.carry_out(flash::Plan::stage, new_record(), new_image))
                    .error()
                    .is(flash::faults::not_ready));
}

TEST_F(EcuTest, TakesTheTimeThatItsFlashWouldTake) {
    auto wanted = settings();
    ASSERT_TRUE(wanted);
    wanted->flash.times = {std::chrono::microseconds(500), std::chrono::microseconds(500)};
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    const Tick start = loop.now();
    const Bytes metadata = cloud.full_bundle(io::complete(loop, running.begin_cycle())->nonce);
    ASSERT_TRUE(io::complete(loop, running.carry_out(flash::Plan::stage, new_record(), new_image, metadata)));
    // 9 sectors of 16 KiB are erased, 136 KiB programmed
    EXPECT_GE(loop.now() - start, std::chrono::microseconds(500) * (144 + 136));
}

// What a gateway that somebody took over may try, at an ECU that verifies in full and at one that does so in part.
struct Tempted : EcuTest, testing::WithParamInterface<std::string_view> {
    Result<Settings> tempted() {
        return settings_with({id_lines, flash_lines, factory_lines, link_lines, GetParam(), keys_lines});
    }
    Bytes bundle(const uptane::desk::Cloud& of, const uptane::Nonce& nonce) const {
        return GetParam() == full_lines ? of.full_bundle(nonce) : of.partial_bundle(nonce);
    }
};

TEST_P(Tempted, InstallsNothingThatItDoesNotBelieveItselfAndThenTheHonestUpdate) {
    const auto wanted = tempted();
    ASSERT_TRUE(wanted) << wanted.error().str();
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    ASSERT_TRUE(running.started) << running.started.error().str();
    const auto stage = [&](Bytes metadata, const flash::ImageRecord& record) {
        return io::complete(loop, running.carry_out(flash::Plan::stage, record, new_image, std::move(metadata)));
    };
    const auto nonce = [&] { return io::complete(loop, running.begin_cycle())->nonce; };

    EXPECT_EQ(stage({}, new_record()).error().code(), "uds.refused") << "no metadata";
    const Bytes old_bundle = bundle(cloud, nonce());
    nonce();
    EXPECT_TRUE(stage(old_bundle, new_record()).error().is(uptane::faults::nonce_missing)) << "a replay";
    uptane::desk::Cloud other(*Vin::parse("WPTSTP00000000002"), cloud.now());
    other.assign(id, hardware, new_image);
    EXPECT_TRUE(stage(bundle(other, nonce()), new_record()).error().is(uptane::faults::wrong_vin));
    flash::ImageRecord differs = new_record();
    differs.sha256[0] ^= 1;
    EXPECT_TRUE(stage(bundle(cloud, nonce()), differs).error().is(flash::faults::not_approved));
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::software_version)), "1.0.0");

    const auto honest = stage(bundle(cloud, nonce()), new_record());
    EXPECT_TRUE(honest) << honest.error().str();
}

TEST_P(Tempted, TellsTheAttacksThatItRefusedAlsoAfterARestart) {
    const auto wanted = tempted();
    ASSERT_TRUE(wanted);
    std::string first;
    {
        io::Loop loop;
        RunningEcu running{loop, *wanted};
        const Bytes old_bundle = bundle(cloud, io::complete(loop, running.begin_cycle())->nonce);
        ASSERT_TRUE(io::complete(loop, running.begin_cycle()));
        ASSERT_FALSE(io::complete(loop, running.carry_out(flash::Plan::trust, new_record(), {}, old_bundle)));
        first = *io::complete(loop, running.read_text(uds::did::version_report));
        EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::version_report)), first) << "nothing has changed";
    }
    EXPECT_NE(first.find(R"("attacks":1,"counter":1)"), std::string::npos) << first;
    EXPECT_NE(first.find("uptane.nonce-missing"), std::string::npos);
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    const std::string second = *io::complete(loop, running.read_text(uds::did::version_report));
    EXPECT_NE(second.find(R"("attacks":1,"counter":2)"), std::string::npos) << second;
}

TEST_P(Tempted, BootsButAcceptsNoImageWhenItsTrustIsLost) {
    const auto wanted = tempted();
    ASSERT_TRUE(wanted);
    {
        io::Loop loop;
        RunningEcu running{loop, *wanted};
    }
    std::filesystem::remove(folder / "ecu.trust");
    {
        const auto layout = *flash::plan_layout(wanted->flash.geometry);
        const auto flash = *FileFlash::open(wanted->flash.file, wanted->flash.geometry, layout.vouching_sectors());
        for (const auto& area : layout.trust_areas) ASSERT_TRUE(flash->erase(area.first_sector));
    }
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    ASSERT_TRUE(running.started) << running.started.error().str();
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::software_version)), "1.0.0");
    EXPECT_FALSE(io::complete(loop, running.begin_cycle()));
    EXPECT_EQ(io::complete(loop, running.carry_out(flash::Plan::stage, new_record(), new_image)).error().code(),
              "uds.refused");
}

INSTANTIATE_TEST_SUITE_P(Verifications, Tempted, testing::Values(full_lines, partial_lines));

TEST_F(EcuTest, WithoutTrustAcceptsNoImageButTheFactorys) {
    const auto wanted = settings_with({id_lines, flash_lines, factory_lines, link_lines});
    ASSERT_TRUE(wanted);
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::software_version)), "1.0.0");
    EXPECT_EQ(io::complete(loop, running.carry_out(flash::Plan::stage, new_record(), new_image)).error().code(),
              "uds.refused");
    EXPECT_TRUE(settings_with({id_lines, flash_lines, factory_lines, link_lines, keys_lines})
                    .error()
                    .is(io::config::faults::out_of_range));
}

TEST(ReportMemory, ComesBackAsItWasWritten) {
    const ReportMemory memory{7, 3, uptane::AttackCode("uptane.rolled-back")};
    EXPECT_EQ(*parse_report_memory(to_bytes(memory)), memory);
    EXPECT_TRUE(parse_report_memory(Bytes(79)).error().is(uptane::faults::broken_state));
    Bytes too_long(80);
    too_long[12] = 65;
    EXPECT_TRUE(parse_report_memory(too_long).error().is(uptane::faults::broken_state));
}

}  // namespace
}  // namespace pitstop::ecu
