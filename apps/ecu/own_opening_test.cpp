// Updates in other forms than plain, over DoIP into the flash file of a whole ECU.
#include "io/ecu/own_opening.h"

#include "apps/ecu/running_ecu_test.h"
#include "core/compress/faults.h"
#include "core/delta/faults.h"
#include "core/flash/faults.h"
#include "core/package/faults.h"
#include "core/package/packed_image_test.h"
#include "io/config/faults.h"
#include "io/keys/faults.h"
#include "io/keys/seal_key.h"

#include <algorithm>

namespace pitstop::ecu {
namespace {

constexpr std::string_view opens_line = "opens: gzip zstd delta hpke window=4096\nseal_key: seal.key\n";

struct OwnOpeningTest : EcuTest {
    const crypto::xwing::PrivateKey key = package::test::key_of(21);

    void SetUp() override {
        EcuTest::SetUp();
        ASSERT_TRUE(io::keys::save_seal_key(folder / "seal.key", key));
    }
    Result<Settings> opening_settings(std::string_view line = opens_line) {
        return settings_with({id_lines, flash_lines, factory_lines, link_lines, partial_lines, line});
    }
    Bytes packed(View image, const Form& form, View old_image) const {
        return *package::test::packed(image, form, old_image, id, key.public_key());
    }
    // Staged over the factory's image; what the metadata approves is `image`.
    Result<flash::DoneBecause> stage(io::Loop& loop, RunningEcu& running, View image, const Form& form, View payload) {
        cloud.assign(id, hardware, image);
        const Bytes metadata = cloud.partial_bundle(io::complete(loop, running.begin_cycle())->nonce);
        return io::complete(loop, running.carry_out(flash::Plan::stage, record_of(image), payload, metadata, form));
    }
};

struct OwnOpeningInEveryForm : OwnOpeningTest, testing::WithParamInterface<std::string_view> {};

TEST_P(OwnOpeningInEveryForm, EndsWithTheImageRunning) {
    const Form form = *Form::parse(GetParam());
    const auto wanted = opening_settings();
    ASSERT_TRUE(wanted) << wanted.error().str();
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    ASSERT_TRUE(running.started) << running.started.error().str();
    const auto staged = stage(loop, running, new_image, form, packed(new_image, form, factory_image));
    ASSERT_TRUE(staged) << staged.error().str();
    for (const flash::Plan plan : {flash::Plan::activate, flash::Plan::confirm}) {
        const auto done = io::complete(loop, running.carry_out(plan, new_record(), {}));
        ASSERT_TRUE(done) << done.error().str();
    }
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::image_digest)), text_of(View(crypto::sha256(new_image))));
}

INSTANTIATE_TEST_SUITE_P(Forms, OwnOpeningInEveryForm, testing::ValuesIn(package::test::every_form),
                         [](const auto& form) {
                             std::string name(form.param);
                             std::ranges::replace(name, '+', '_');
                             return name;
                         });

TEST_F(OwnOpeningTest, SaysWhatItOpens) {
    for (const auto& [line, words] : {std::pair{opens_line, "gzip zstd delta hpke window=4096"},
                                      std::pair{std::string_view("opens: zstd window=65536\n"), "zstd window=65536"},
                                      std::pair{std::string_view(), "plain"}}) {
        const auto wanted = opening_settings(line);
        ASSERT_TRUE(wanted) << wanted.error().str();
        io::Loop loop;
        RunningEcu running{loop, *wanted};
        EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::openings)), words);
    }
}

TEST_F(OwnOpeningTest, NamesADeltaForAnotherBaseAndTakesTheFullImageThen) {
    const auto wanted = opening_settings();
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    for (const std::string_view name : {"delta", "delta+hpke"}) {
        const Form form = *Form::parse(name);
        const auto staged = stage(loop, running, new_image, form, packed(new_image, form, image_of(100'000, 9)));
        EXPECT_TRUE(staged.error().is(delta::faults::other_base)) << staged.error().str();
    }
    const Form form = *Form::parse("zstd+hpke");
    EXPECT_TRUE(stage(loop, running, new_image, form, packed(new_image, form, {})));
}

TEST_F(OwnOpeningTest, RefusesABombBeforeTheBankIsFull) {
    const auto wanted = opening_settings();
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    for (const std::string_view name : {"gzip", "zstd", "zstd+hpke"}) {
        const Form form = *Form::parse(name);
        const auto staged = stage(loop, running, new_image, form, packed(Bytes(20'000'000), form, {}));
        EXPECT_TRUE(staged.error().is(compress::faults::too_large)) << staged.error().str();
    }
    EXPECT_EQ(*io::complete(loop, running.read_text(uds::did::software_version)), "1.0.0");
}

TEST_F(OwnOpeningTest, FindsInTheFlashWhatOpenedToAnotherImage) {
    const auto wanted = opening_settings();
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    Bytes other = new_image;
    other[5000] ^= 0x20;
    for (const std::string_view name : package::test::every_form) {
        const Form form = *Form::parse(name);
        const auto staged = stage(loop, running, new_image, form, packed(other, form, factory_image));
        EXPECT_TRUE(staged.error().is(flash::faults::wrong_digest)) << name << ": " << staged.error().str();
    }
}

TEST_F(OwnOpeningTest, TakesNoFormThatItDoesNotName) {
    const auto wanted = opening_settings("opens: gzip\n");
    io::Loop loop;
    RunningEcu running{loop, *wanted};
    const Form zstd = *Form::parse("zstd"), gzip = *Form::parse("gzip");
    const auto staged = stage(loop, running, new_image, zstd, packed(new_image, zstd, {}));
    EXPECT_TRUE(staged.error().is(package::faults::cannot_open)) << staged.error().str();
    EXPECT_TRUE(stage(loop, running, new_image, gzip, packed(new_image, gzip, {})));
}

TEST_F(OwnOpeningTest, NeedsAKeyThatOnlyItsOwnerReads) {
    EXPECT_TRUE(opening_settings("opens: zstd hpke\n").error().is(io::config::faults::out_of_range));
    EXPECT_TRUE(opening_settings("opens: zstd\nseal_key: seal.key\n").error().is(io::config::faults::out_of_range));
    EXPECT_TRUE(opening_settings("opens: lzma\n").error().is(io::config::faults::out_of_range));
    std::filesystem::permissions(folder / "seal.key", std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    const auto wanted = opening_settings();
    ASSERT_TRUE(wanted) << wanted.error().str();
    io::Loop loop;
    const auto layout = *flash::plan_layout(wanted->flash.geometry);
    const auto flash = *FileFlash::open(wanted->flash.file, wanted->flash.geometry, layout.vouching_sectors());
    Ecu ecu(loop, *wanted, *flash, layout);
    EXPECT_TRUE(ecu.power_on().error().is(io::keys::faults::exposed));
}

}  // namespace
}  // namespace pitstop::ecu
