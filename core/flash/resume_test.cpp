// A transfer that was cut goes on: every form that can, a cut at every operation, and how much has to be sent again.
#include "core/flash/faults.h"
#include "core/flash/ram_flash.h"
#include "core/flash/test_ecu.h"
#include "core/flash/test_tester.h"
#include "core/package/packed_image_test.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

constexpr std::string_view hardware = "body-controller-2";

Geometry geometry() {
    Geometry geometry;
    geometry.runs = {SectorRun{4, 2048}, SectorRun{44, 1024}};
    geometry.program_unit_bytes = 32;
    return geometry;
}

// Most of it is new, so that a delta of it has several sealed chunks.
Bytes new_version_of(View image) {
    Bytes next = package::test::next_version_of(image);
    std::uint32_t seed = 99;
    for (std::size_t i = 0; i < next.size(); ++i) {
        seed = seed * 1664525U + 1013904223U;
        if (i / 512 % 4 != 0) next[i] = static_cast<std::uint8_t>(seed >> 24);
    }
    return next;
}

struct ResumedTransfer : testing::TestWithParam<std::string_view> {
    const Form form = *Form::parse(GetParam());
    const Bytes old_image = package::test::image_of(15'000, 1), image = new_version_of(old_image);
    const EcuId id = *EcuId::parse("ECU_011");
    crypto::xwing::PrivateKey key = package::test::key_of(7);
    seal::XWingKeyOpener key_opener{key};
    seal::OpenSslChunkCipher cipher;
    RamFlash flash{geometry()};
    test::EcuParts parts{.layout = *plan_layout(geometry()),
                         .hardware_id = std::string(hardware),
                         .openings = {.gzip = true, .zstd = true, .delta = true, .hpke = true},
                         .key = ImageOpening::Key{key_opener, cipher, id.address()}};

    void SetUp() override {
        test::BareEcu ecu(flash, parts);
        test::BareTester tester(ecu);
        ASSERT_TRUE(ecu.slots().boot());
        ASSERT_TRUE(tester.stage({test::record_of(old_image, 1, hardware), {}, old_image}, test::Erase::short_form));
        ASSERT_TRUE(tester.activate());
        ASSERT_TRUE(ecu.slots().boot());
        ASSERT_TRUE(tester.commit());
    }

    // In small blocks and the smallest chunks, so that there are many places to go on.
    [[nodiscard]] test::Delivery delivery() const {
        Bytes payload = image;
        if (form.encoding == Encoding::delta)
            payload = *delta::make(old_image, image, {.sector_bytes = 512, .block_bytes_max = 1024});
        if (form.compression == Compression::zstd) payload = *compress::zstd(image, {.window_bytes = 4096});
        if (form.sealing == Sealing::hpke) payload = *package::test::sealed(payload, id, key.public_key());
        return {test::record_of(image, 2, hardware), form, payload};
    }
    [[nodiscard]] bool can_go_on() const { return form.compression == Compression::none; }

    struct Life {
        bool done = false;
        std::uint64_t sent_bytes = 0;
        std::string refusal;
    };
    Life live(RamFlash& on, const test::Delivery& what, test::Erase erase = test::Erase::long_form) {
        test::BareEcu ecu(on, parts);
        test::BareTester tester(ecu);
        EXPECT_TRUE(ecu.slots().boot());
        const auto staged = tester.stage(what, erase);
        return {staged.has_value(), tester.sent_bytes(), ecu.last_refusal()};
    }
    // Of one that nobody cuts.
    std::uint64_t operations_of(const test::Delivery& what) {
        RamFlash smooth = flash;
        const auto before = smooth.operations();
        EXPECT_TRUE(live(smooth, what).done);
        return smooth.operations() - before;
    }
    static bool holds(RamFlash& on, const Layout& layout, View wanted) {
        return std::ranges::equal(on.cells().subspan(layout.bank(Bank::b).offset, wanted.size()), wanted);
    }
};

TEST_P(ResumedTransfer, EndsWithTheImageWhereverItWasCut) {
    const test::Delivery what = delivery();
    const auto operations = operations_of(what);
    std::uint64_t saved_bytes = 0;
    for (const Torn torn : {Torn::half, Torn::scattered, Torn::everything}) {
        for (std::uint64_t cut = 1; cut <= operations; cut += 3) {
            RamFlash cut_flash = flash;
            cut_flash.cut_at(cut, torn);
            ASSERT_FALSE(live(cut_flash, what).done) << cut;
            cut_flash.power_up();
            const Life second = live(cut_flash, what);
            ASSERT_TRUE(second.done) << "cut " << cut << ": " << second.refusal;
            ASSERT_TRUE(holds(cut_flash, parts.layout, image)) << cut;
            saved_bytes += what.payload.size() - std::min<std::uint64_t>(what.payload.size(), second.sent_bytes);
        }
    }
    EXPECT_EQ(saved_bytes > 0, can_go_on());
}

TEST_P(ResumedTransfer, SendsLittleAgainAfterALateCut) {
    const test::Delivery what = delivery();
    flash.cut_at(operations_of(what) - 2, Torn::half);
    ASSERT_FALSE(live(flash, what).done);
    flash.power_up();
    const Life second = live(flash, what);
    ASSERT_TRUE(second.done) << second.refusal;
    if (!can_go_on()) {
        EXPECT_EQ(second.sent_bytes, what.payload.size());
        return;
    }
    const std::size_t beginning = form.sealing == Sealing::hpke ? 1500 : 0;  // a key's envelope, mostly
    const std::size_t opening = form.encoding == Encoding::delta ? 2048 : 0;
    const std::size_t chunk = form.sealing == Sealing::hpke ? 4096 : 0;
    EXPECT_LT(second.sent_bytes, beginning + opening + chunk + 3 * 1024);
}

TEST_P(ResumedTransfer, BeginsAnewWithTheShortErase) {
    const test::Delivery what = delivery();
    flash.cut_at(operations_of(what) * 2 / 3, Torn::half);
    ASSERT_FALSE(live(flash, what).done);
    flash.power_up();
    const Life second = live(flash, what, test::Erase::short_form);
    EXPECT_TRUE(second.done) << second.refusal;
    EXPECT_EQ(second.sent_bytes, what.payload.size());
}

TEST_P(ResumedTransfer, BeginsAnewWithAnotherPayload) {
    const test::Delivery what = delivery();
    flash.cut_at(operations_of(what) * 2 / 3, Torn::half);
    ASSERT_FALSE(live(flash, what).done);
    flash.power_up();
    test::Delivery other = what;
    other.transfer.name[0] ^= 1;
    const Life second = live(flash, other);
    EXPECT_TRUE(second.done) << second.refusal;
    EXPECT_EQ(second.sent_bytes, what.payload.size());
}

// The same name for other bytes: the digest finds it, and the third time it begins anew.
TEST_P(ResumedTransfer, IsForgottenWhenWhatItEndedWithWasWrong) {
    const test::Delivery what = delivery();
    flash.cut_at(operations_of(what) * 3 / 4, Torn::half);
    ASSERT_FALSE(live(flash, what).done);
    flash.power_up();
    flash.cells()[parts.layout.bank(Bank::b).offset + 3] ^= 0x01;  // before everything that is proved
    const Life second = live(flash, what);
    if (can_go_on() && !second.done) {
        const Life third = live(flash, what);
        EXPECT_TRUE(third.done) << third.refusal;
        EXPECT_EQ(third.sent_bytes, what.payload.size());
    }
    EXPECT_TRUE(holds(flash, parts.layout, image));
}

INSTANTIATE_TEST_SUITE_P(Forms, ResumedTransfer, testing::Values("plain", "delta", "plain+hpke", "delta+hpke", "zstd"),
                         [](const auto& each) {
                             std::string name(each.param);
                             std::ranges::replace(name, '+', '_');
                             return name;
                         });

TEST(ResumeState, SaysWhatIsHalfDoneBeforeAndAfterTheErase) {
    using enum ResumeState::Standing;
    RamFlash flash(geometry());
    test::EcuParts parts{.layout = *plan_layout(geometry()), .hardware_id = std::string(hardware)};
    const Bytes image = package::test::image_of(9'000, 3);
    const test::Delivery what{test::record_of(image, 1, hardware), {}, image};
    {
        test::BareEcu ecu(flash, parts);
        ASSERT_TRUE(ecu.slots().boot());
        EXPECT_EQ(ecu.slots().resume_state(), ResumeState{});
        flash.cut_at(30, Torn::scattered);
        ASSERT_FALSE(test::BareTester(ecu).stage(what));
    }
    flash.power_up();
    test::BareEcu ecu(flash, parts);
    ASSERT_TRUE(ecu.slots().boot());
    EXPECT_EQ(ecu.slots().resume_state(), (ResumeState{interrupted, what.transfer, {}}));
    ASSERT_TRUE(ecu.slots().begin(what.record.size_bytes, &what.transfer));
    while (*ecu.slots().erase_step() == Step::more) {}
    const ResumeState state = ecu.slots().resume_state();
    EXPECT_EQ(state.standing, goes_on);
    EXPECT_GT(state.point.image_offset, 0U);
    EXPECT_EQ(state.point.image_offset % 1024, 0U);
    EXPECT_EQ(state.point.payload_offset, state.point.image_offset);
}

TEST(Resume, NeedsRoomBehindTheBootRecordAndDoesWithout) {
    Geometry tight;
    tight.runs = {SectorRun{4, 256}, SectorRun{12, 1024}};
    tight.program_unit_bytes = 32;
    RamFlash flash(tight);
    test::EcuParts parts{.layout = *plan_layout(tight), .hardware_id = std::string(hardware)};
    const Bytes image = package::test::image_of(5'000, 3);
    const test::Delivery what{test::record_of(image, 1, hardware), {}, image};
    for (const bool is_cut : {true, false}) {
        test::BareEcu ecu(flash, parts);
        ASSERT_TRUE(ecu.slots().boot());
        if (is_cut) flash.cut_at(14, Torn::half);
        test::BareTester tester(ecu);
        EXPECT_EQ(tester.stage(what).has_value(), !is_cut) << ecu.last_refusal();
        EXPECT_EQ(tester.sent_bytes() == image.size(), !is_cut);
        flash.power_up();
    }
}

}  // namespace
}  // namespace pitstop::flash
