// For this program's tests: a folder with an ECU's files and its cloud, and the ECU itself behind a real DoIP server.
#pragma once

#include "apps/ecu/ecu.h"
#include "apps/ecu/ethernet_link.h"
#include "apps/ecu/settings.h"
#include "core/flash/programmer.h"
#include "core/uptane/cloud_on_the_desk.h"
#include "io/ethernet/doip_client.h"
#include "io/files/atomic_file.h"
#include "io/files/file_flash.h"
#include "io/keys/key_file.h"

#include <gtest/gtest.h>
#include <cstdlib>

namespace pitstop::ecu {

using io::Task;
using io::files::FileFlash;

inline Bytes image_of(std::size_t size_bytes, std::uint8_t seed) {
    Bytes image(size_bytes);
    for (std::size_t i = 0; i < size_bytes; ++i) image[i] = static_cast<std::uint8_t>(i * 13 + seed + i / 255);
    return image;
}

inline constexpr std::string_view id_lines =
    "id: ECU_012\nvin: WPTSTP00000000001\nhardware_id: infotainment-4\n"
    "part_number: P\nserial_number: S\nboot_time_ms: 5\n";
inline constexpr std::string_view flash_lines =
    "flash:\n  file: ecu.flash\n  sectors: [{count: 4, size_kib: 16}, {count: 20, size_kib: 16}]\n";
inline constexpr std::string_view factory_lines = "factory: {image: factory.img, version: 1.0.0}\n";
inline constexpr std::string_view full_lines =
    "trust: {director_root: root.json, image_root: root.json, state: ecu.trust}\n";
inline constexpr std::string_view partial_lines = "trust: {director_root: root.json, verification: partial}\n";
inline constexpr std::string_view keys_lines = "keys: {classical: ecu.key}\n";
inline constexpr std::string_view link_lines = "ethernet: {host: 127.0.0.1, port: 0}\n";

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

    flash::ImageRecord new_record() const { return record_of(new_image); }
    flash::ImageRecord record_of(View image) const {
        flash::ImageRecord record;
        record.size_bytes = static_cast<std::uint32_t>(image.size());
        record.sha256 = crypto::sha256(image);
        record.version = {1, 2, 0, 0};
        record.release_counter = 2;
        record.hardware_id = Text<64>("infotainment-4");
        return record;
    }
};

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
    // `image`: the payload's bytes, in `form`.
    Task<flash::DoneBecause> carry_out(flash::Plan plan, flash::ImageRecord record, View image, Bytes metadata = {},
                                       Form form = {}) {
        using namespace flash;
        const Payload payload{form, static_cast<std::uint32_t>(image.size())};
        Programmer programmer(plan, record, {.block_size_bytes_max = 65538, .boot_pause = std::chrono::milliseconds(5)},
                              metadata, payload);
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

}  // namespace pitstop::ecu
