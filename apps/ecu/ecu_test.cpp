#include "apps/ecu/ecu.h"

#include "apps/ecu/running_ecu_test.h"
#include "core/flash/faults.h"
#include "core/flash/routine_status.h"
#include "core/uptane/faults.h"
#include "io/config/faults.h"
#include "io/ecu/report_memory.h"
#include "io/ethernet/doip_search.h"
#include "io/files/faults.h"

namespace pitstop::ecu {
namespace {

const std::filesystem::path samples = "config";

TEST(EcuSettings, LoadFromTheSamples) {
    const auto can = Settings::from_file(samples / "ecu-can.yaml");
    ASSERT_TRUE(can) << can.error().str();
    EXPECT_EQ(can->identity.id.str(), "ECU_011");
    ASSERT_TRUE(can->can);
    EXPECT_EQ(can->can->request_id, 0x711U);
    EXPECT_EQ(can->can->functional_id, 0x7DFU);
    const auto ethernet = Settings::from_file(samples / "ecu-ethernet.yaml");
    ASSERT_TRUE(ethernet) << ethernet.error().str();
    ASSERT_TRUE(ethernet->ethernet);
    EXPECT_EQ(ethernet->ethernet->port, 13400);
    EXPECT_EQ(ethernet->flash.geometry.size_bytes(), 4 * 16 * 1024U + 128 * 256 * 1024U);
    EXPECT_EQ(ethernet->factory->version, (Version{1, 0, 0, 0}));
    EXPECT_EQ(can->trust->verification, flash::Verification::partial);
    EXPECT_EQ(ethernet->trust->verification, flash::Verification::full);
    EXPECT_TRUE(can->keys->post_quantum);
    EXPECT_EQ(can->opening.opens.str(), "gzip zstd delta hpke window=4096");
    EXPECT_EQ(ethernet->opening.opens.window_bytes, 1U << 20);
    EXPECT_TRUE(ethernet->opening.seal_key);
}

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

TEST_F(EcuTest, KeepsItsSoftwareWhenASectorOfTheOtherBankIsWornOut) {
    const std::string worn_out = std::string(flash_lines) + "  worn_out_sectors: [16]\n";
    for (const bool is_repaired : {false, true}) {
        const auto wanted = settings_with(
            {id_lines, is_repaired ? flash_lines : std::string_view(worn_out), factory_lines, link_lines, full_lines});
        ASSERT_TRUE(wanted) << wanted.error().str();
        io::Loop loop;
        RunningEcu running{loop, *wanted};
        running.flash->fail_sectors(wanted->flash.worn_out);
        const Bytes metadata = cloud.full_bundle(io::complete(loop, running.begin_cycle())->nonce);
        const auto staged =
            io::complete(loop, running.carry_out(flash::Plan::stage, new_record(), new_image, metadata));
        ASSERT_EQ(staged.has_value(), is_repaired);
        EXPECT_TRUE(is_repaired || staged.error().is(flash::faults::device_failed));
        EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::software_version)), "1.0.0");
    }
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

TEST_F(EcuTest, IsNotThereForATesterWhileItRestarts) {
    auto wanted = settings();
    ASSERT_TRUE(wanted);
    wanted->boot_time = std::chrono::milliseconds(300);
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    const auto is_found = [&](std::chrono::milliseconds limit) {
        const io::ethernet::DoipSearch search{.to = "127.0.0.1", .port = running.link->port(), .limit = limit};
        return !io::complete(loop, io::ethernet::find_entities(loop, search))->empty();
    };
    EXPECT_TRUE(is_found(std::chrono::milliseconds(50)));
    const Bytes reset{0x11, 0x01};
    ASSERT_TRUE(io::complete(loop, running.tester.request(running.settings.identity.id.address(), reset)));
    EXPECT_FALSE(is_found(std::chrono::milliseconds(100)));
    EXPECT_FALSE(io::complete(loop, running.tester.connect()));
    const Tick patience = loop.now() + std::chrono::seconds(5);
    while (!running.ecu.answers() && loop.now() < patience) loop.context().run_one_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(is_found(std::chrono::milliseconds(50)));
    EXPECT_TRUE(io::complete(loop, running.tester.connect()));
}

TEST_F(EcuTest, SaysHowLongARequestMayBeAndTakesThat) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    const auto status =
        io::complete(loop, io::ethernet::ask_status(loop, {.to = "127.0.0.1", .port = running.link->port()}));
    ASSERT_TRUE(status);
    const std::size_t uds_bytes = status->data_size_bytes_max - 4;
    const std::uint16_t address = wanted->identity.id.address();
    EXPECT_EQ(running.link->look_up(address, uds_bytes), doip::Delivery::accepted);
    EXPECT_EQ(running.link->look_up(address, uds_bytes + 1), doip::Delivery::message_too_large);
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
