#include "apps/ecu/diagnostics.h"

#include "apps/ecu/running_ecu_test.h"
#include "core/package/packed_image_test.h"
#include "io/keys/seal_key.h"

namespace pitstop::ecu {
namespace {

constexpr std::string_view sealed_lines = "opens: hpke window=4096\nseal_key: seal.key\n";

// An ECU on its own, asked byte by byte.
struct Asked {
    io::Loop loop;
    RunningEcu running;

    explicit Asked(const Settings& settings) : running{loop, settings} {
        EXPECT_TRUE(running.started) << running.started.error().str();
    }
    Bytes ask(Bytes request) {
        const auto answer = io::complete(loop, running.tester.ask(running.settings.identity.id.address(), request, {}));
        EXPECT_TRUE(answer) << answer.error().str();
        if (!answer) return {};
        if (answer->refused()) return {0x7F, request[0], static_cast<std::uint8_t>(answer->refusal)};
        return answer->positive;
    }
    // While it boots, nothing is delivered to it.
    void wait_for_boot() {
        const Bytes present{0x3E, 0x00};
        for (int i = 0; i < 200; ++i) {
            if (io::complete(loop, running.tester.ask(running.settings.identity.id.address(), present, {}))) return;
            ASSERT_TRUE(io::complete(loop, rest()));
        }
        ADD_FAILURE() << "it does not boot";
    }
    static Task<void> rest() {
        co_await io::pause(std::chrono::milliseconds(5));
        co_return Result<void>{};
    }
    // What stands behind the service's byte and its echo.
    std::string text_behind(const Bytes& request, std::size_t size) {
        const Bytes answer = ask(request);
        return answer.size() < size ? "" : std::string(text_of(View(answer).subspan(size)));
    }
    std::uint8_t status_of(std::uint32_t code) {
        const Bytes answer = ask({0x19, 0x06, static_cast<std::uint8_t>(code >> 16),
                                  static_cast<std::uint8_t>(code >> 8), static_cast<std::uint8_t>(code), 0x01});
        return answer.size() > 5 ? answer[5] : 0xFF;
    }
};

TEST_F(EcuTest, ReadsItsRunningImageOutInBlocks) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    Asked ecu(*wanted);
    ecu.ask({0x10, 0x03});
    EXPECT_EQ(ecu.ask({0x23, 0x14, 0, 0, 0, 0, 4}),
              (Bytes{0x63, factory_image[0], factory_image[1], factory_image[2], factory_image[3]}));
    const Bytes begun = ecu.ask({0x35, 0x00, 0x44, 0, 0, 0, 0, 0x00, 0x01, 0x86, 0xA0});
    ASSERT_EQ(begun[0], 0x75);
    Bytes got;
    for (std::uint8_t counter = 1; got.size() < factory_image.size(); ++counter) {
        const Bytes block = ecu.ask({0x36, counter});
        ASSERT_EQ(block[0], 0x76);
        got.insert(got.end(), block.begin() + 2, block.end());
    }
    EXPECT_EQ(ecu.ask({0x37}), (Bytes{0x77}));
    EXPECT_EQ(got, factory_image);
    EXPECT_EQ(ecu.ask({0x35, 0x00, 0x44, 0, 0, 0, 1, 0x00, 0x01, 0x86, 0xA0}), (Bytes{0x7F, 0x35, 0x31}));
}

TEST_F(EcuTest, HandsOutNoImageThatCameSealed) {
    ASSERT_TRUE(io::keys::save_seal_key(folder / "seal.key", package::test::key_of(21)));
    const auto wanted = settings_with({id_lines, flash_lines, factory_lines, link_lines, sealed_lines});
    ASSERT_TRUE(wanted) << wanted.error().str();
    Asked ecu(*wanted);
    ecu.ask({0x10, 0x03});
    EXPECT_EQ(ecu.ask({0x23, 0x14, 0, 0, 0, 0, 4}), (Bytes{0x7F, 0x23, 0x33}));
    EXPECT_EQ(ecu.ask({0x35, 0x00, 0x11, 0, 4}), (Bytes{0x7F, 0x35, 0x33}));
    EXPECT_EQ(ecu.ask({0x23, 0x14, 0x20, 0, 0, 0, 1}), (Bytes{0x63, 0x00}));
}

TEST_F(EcuTest, RemembersWhoProgrammedItOverARestart) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    {
        Asked ecu(*wanted);
        EXPECT_EQ(ecu.ask({0x22, 0xF1, 0x5A}), (Bytes{0x62, 0xF1, 0x5A})) << "nobody yet";
        EXPECT_EQ(ecu.ask({0x2E, 0xF1, 0x5A, 'm', 'e'}), (Bytes{0x7F, 0x2E, 0x31})) << "not in the default session";
        ecu.ask({0x10, 0x03});
        EXPECT_EQ(ecu.ask({0x2E, 0xF1, 0x5A, 'm', 'e'}), (Bytes{0x6E, 0xF1, 0x5A}));
    }
    Asked ecu(*wanted);
    EXPECT_EQ(ecu.text_behind({0x22, 0xF1, 0x5A}, 3), "me");
}

TEST_F(EcuTest, IsNotReadyWithAWeakBatteryAndRemembersThat) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    {
        Asked ecu(*wanted);
        ecu.ask({0x10, 0x03});
        EXPECT_EQ(ecu.ask({0x31, 0x01, 0x02, 0x03}), (Bytes{0x71, 0x01, 0x02, 0x03, 0x00}));
        EXPECT_EQ(ecu.ask({0x2F, 0x01, 0x10, 0x03, 0x27, 0x10}), (Bytes{0x6F, 0x01, 0x10, 0x03, 0x27, 0x10}));
        EXPECT_EQ(ecu.ask({0x31, 0x01, 0x02, 0x03}), (Bytes{0x71, 0x01, 0x02, 0x03, 0x01}));
        EXPECT_EQ(ecu.ask({0x31, 0x03, 0x02, 0x03}), (Bytes{0x71, 0x03, 0x02, 0x03, 0x01}));
        EXPECT_EQ(ecu.status_of(dtc::supply_voltage_low), 0x2F);
        ecu.ask({0x10, 0x01});
        EXPECT_EQ(ecu.ask({0x22, 0x01, 0x10}), (Bytes{0x62, 0x01, 0x10, 0x31, 0x38})) << "12600 mV again";
        EXPECT_EQ(ecu.status_of(dtc::supply_voltage_low), 0x2E);
    }
    Asked ecu(*wanted);
    EXPECT_EQ(ecu.status_of(dtc::supply_voltage_low), 0x6C) << "confirmed and pending, not tested since power-on";
    const Bytes snapshot = ecu.ask({0x19, 0x04, 0x05, 0x62, 0x16, 0xFF});
    ASSERT_EQ(snapshot.size(), 24u);
    EXPECT_EQ(Bytes(snapshot.end() - 8, snapshot.end()), (Bytes{0, 1, 0, 0, 0, 0, 0, 0})) << "software 1.0.0.0";
    EXPECT_EQ(ecu.ask({0x14, 0xFF, 0xFF, 0xFF}), (Bytes{0x54}));
    EXPECT_EQ(ecu.status_of(dtc::supply_voltage_low), 0x00) << "tested again, and passed";
}

TEST_F(EcuTest, ReportsAFaultThatLastsAgainAfterTheMemoryWasClearedOrFrozen) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    Asked ecu(*wanted);
    const Bytes weak{0x2F, 0x01, 0x10, 0x03, 0x27, 0x10}, usual{0x2F, 0x01, 0x10, 0x00};
    ecu.ask({0x10, 0x03});
    ecu.ask(weak);
    EXPECT_EQ(ecu.ask({0x14, 0xFF, 0xFF, 0xFF}), (Bytes{0x54}));
    EXPECT_EQ(ecu.status_of(dtc::supply_voltage_low), 0x2F);
    ecu.ask(usual);
    ecu.ask({0x14, 0xFF, 0xFF, 0xFF});
    ecu.ask({0x85, 0x02});
    ecu.ask(weak);
    EXPECT_EQ(ecu.status_of(dtc::supply_voltage_low), 0x00) << "frozen";
    ecu.ask({0x85, 0x01});
    EXPECT_EQ(ecu.status_of(dtc::supply_voltage_low), 0x2F);
}

TEST_F(EcuTest, RemembersThatItsProgrammingWasAborted) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    Asked ecu(*wanted);
    const Bytes metadata = cloud.full_bundle(io::complete(ecu.loop, ecu.running.begin_cycle())->nonce);
    Bytes changed = new_image;
    changed[77'000] ^= 0x01;
    ASSERT_FALSE(io::complete(ecu.loop, ecu.running.carry_out(flash::Plan::stage, new_record(), changed, metadata)));
    ecu.ask({0x10, 0x01});
    EXPECT_EQ(ecu.status_of(dtc::programming_aborted), 0x2F);

    const Bytes again = cloud.full_bundle(io::complete(ecu.loop, ecu.running.begin_cycle())->nonce);
    ASSERT_TRUE(io::complete(ecu.loop, ecu.running.carry_out(flash::Plan::stage, new_record(), new_image, again)));
    ecu.ask({0x10, 0x01});
    EXPECT_EQ(ecu.status_of(dtc::programming_aborted), 0x2E);
}

Task<void> program(RunningEcu& ecu, flash::ImageRecord record, View image, Bytes metadata) {
    CO_ENSURE(co_await ecu.carry_out(flash::Plan::stage, record, image, std::move(metadata)));
    co_return Result<void>{};
}

TEST_F(EcuTest, RemembersThatThePowerWentWhileItWasProgrammed) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    const auto is_under_way = [&] { return std::filesystem::exists(folder / "ecu.flash.programming"); };
    {
        Asked ecu(*wanted);
        const Bytes metadata = cloud.full_bundle(io::complete(ecu.loop, ecu.running.begin_cycle())->nonce);
        ecu.loop.spawn("programming", program(ecu.running, new_record(), new_image, metadata));
        for (int i = 0; i < 2000 && !is_under_way(); ++i) ecu.loop.context().run_one_for(std::chrono::milliseconds(10));
        ASSERT_TRUE(is_under_way());
        ecu.loop.stop();
        ecu.loop.run();
    }
    {
        Asked ecu(*wanted);
        EXPECT_EQ(ecu.status_of(dtc::programming_aborted), 0x2F);
    }
    EXPECT_FALSE(is_under_way());
    Asked ecu(*wanted);
    EXPECT_EQ(ecu.status_of(dtc::programming_aborted), 0x6D) << "still failed, not tested since power-on";
}

TEST_F(EcuTest, GivesItsLogToATesterAndForgetsItWhenAsked) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    Asked ecu(*wanted);
    const Bytes read{0x38, 0x04, 0, 10, 'e', 'v', 'e', 'n', 't', 's', '.', 'l', 'o', 'g', 0};
    const Bytes remove{0x38, 0x02, 0, 10, 'e', 'v', 'e', 'n', 't', 's', '.', 'l', 'o', 'g'};
    ecu.ask({0x10, 0x03});
    EXPECT_EQ(ecu.ask(read)[0], 0x78);
    EXPECT_NE(ecu.text_behind({0x36, 0x01}, 2).find("power on\n"), std::string::npos);
    EXPECT_EQ(ecu.ask({0x37}), (Bytes{0x77}));
    EXPECT_EQ(ecu.ask(remove), (Bytes{0x78, 0x02}));
    const Bytes empty = ecu.ask(read);
    EXPECT_EQ(Bytes(empty.end() - 4, empty.end()), Bytes(4)) << "no bytes";
    EXPECT_EQ(ecu.ask({0x37}), (Bytes{0x77}));
}

TEST_F(EcuTest, StartsAnewWithEachKindOfReset) {
    const auto wanted = settings();
    ASSERT_TRUE(wanted);
    Asked ecu(*wanted);
    for (const std::uint8_t type : Bytes{0x01, 0x02, 0x03}) {
        ecu.ask({0x10, 0x03});
        ecu.ask({0x3D, 0x14, 0x20, 0, 0, 0xFF, 1, 0xAB});
        EXPECT_EQ(ecu.ask({0x11, type}), (Bytes{0x51, type}));
        ecu.wait_for_boot();
        EXPECT_EQ(ecu.text_behind({0x22, 0xF1, 0x86}, 3), "\x01");
        EXPECT_EQ(ecu.ask({0x23, 0x14, 0x20, 0, 0, 0xFF, 1}), (Bytes{0x63, 0x00})) << "RAM is gone";
    }
}

TEST_F(EcuTest, KeepsNoMoreOfItsLogThanThereIsRoomFor) {
    EventLog log(folder / "long.log");
    const std::string line(1000, 'x');
    for (int i = 0; i < 200; ++i) log.add({i}, std::format("{} {}", i, line));
    const auto lines = log.read();
    ASSERT_TRUE(lines);
    EXPECT_LE(lines->size(), EventLog::size_bytes_max + 1100);
    EXPECT_TRUE(text_of(*lines).starts_with("1970-01-01T00:0")) << "whole lines";
    EXPECT_NE(text_of(*lines).find("199 x"), std::string::npos);
}

}  // namespace
}  // namespace pitstop::ecu
