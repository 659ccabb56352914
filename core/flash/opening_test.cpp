// Images in other forms than plain, over the real server into the flash, and the tester that brings them.
#include "core/compress/faults.h"
#include "core/delta/faults.h"
#include "core/flash/opening_refusal.h"
#include "core/flash/target_application_test.h"
#include "core/flash/test_ecu.h"
#include "core/package/faults.h"
#include "core/package/packed_image_test.h"
#include "core/seal/faults.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

using namespace std::chrono_literals;
using package::test::every_form;

const Openings all_openings = *Openings::parse("gzip zstd delta hpke window=4096");

// As flash::test::TestEcu, and whatever an ECU needs that opens everything.
struct OpeningEcu {
    explicit OpeningEcu(const Openings& openings = all_openings, const Geometry& geometry = test::even_geometry())
        : flash(geometry),
          ecu(flash, nullptr, openings, ImageOpening::Key{desk.key_opener, desk.cipher, desk.id.address()}) {}

    Bytes packed(View image, const Form& form, View old_image) const {
        return *package::test::packed(image, form, old_image, desk.id, desk.key.public_key());
    }
    Result<DoneBecause> stage(View image, const Form& form, View payload) {
        const ImageRecord record = test::record_of(image, 2);
        const ProgrammerSettings settings{.block_size_bytes_max = 130, .repeats_max = 1};
        return test::carry_out(
            Programmer(Plan::stage, record, settings, {}, {form, static_cast<std::uint32_t>(payload.size())}), ecu,
            payload);
    }

    package::test::Ecu desk{{}};
    RamFlash flash;
    test::TestEcu ecu;
};

// Of one size, so that every form's error is about what it is made for.
const Bytes old_image = test::image_of(1900, 1), image = [] {
    Bytes next = old_image;
    for (std::size_t i = 50; i < next.size(); i += 300) next[i] ^= 0x77;
    return next;
}();

struct StagingInEveryForm : testing::TestWithParam<std::string_view> {
    const Form form = *Form::parse(GetParam());
    OpeningEcu opening;

    void SetUp() override { ASSERT_TRUE(test::update(opening.ecu, old_image, test::record_of(old_image, 1))); }
};

TEST_P(StagingInEveryForm, EndsWithTheImageRunning) {
    const Bytes payload = opening.packed(image, form, old_image);
    const auto staged = opening.stage(image, form, payload);
    ASSERT_TRUE(staged) << staged.error().str();
    const ImageRecord record = test::record_of(image, 2);
    ASSERT_TRUE(test::carry_out(Programmer(Plan::activate, record, {}), opening.ecu, {}));
    ASSERT_TRUE(test::carry_out(Programmer(Plan::confirm, record, {}), opening.ecu, {}));
    EXPECT_TRUE(test::runs(opening.ecu, opening.flash, image));
}

TEST_P(StagingInEveryForm, StartsOverWhenTheEcuRestartsInTheMiddleOfTheTransfer) {
    const Bytes payload = opening.packed(image, form, old_image);
    opening.ecu.request_log().clear();
    opening.ecu.restart_before_request(10);
    const auto staged = opening.stage(image, form, payload);
    ASSERT_TRUE(staged) << staged.error().str();
    EXPECT_EQ(opening.ecu.count(uds::Service::request_download), 2U);
    EXPECT_EQ(opening.ecu.slots().bank_state().new_image, crypto::sha256(image));
}

TEST_P(StagingInEveryForm, IsRefusedByNameWhenThePayloadWasChanged) {
    Bytes payload = opening.packed(image, form, old_image);
    payload[payload.size() - 25] ^= 0x10;
    const auto staged = opening.stage(image, form, payload);
    ASSERT_FALSE(staged);
    const std::string_view code = staged.error().code();
    if (form.sealing == Sealing::hpke)
        EXPECT_EQ(code, "seal.damaged");
    else if (form.compression != Compression::none)
        EXPECT_EQ(code, "compress.damaged");
    else  // what nobody notices on the way is found in the flash
        EXPECT_TRUE(code == "flash.wrong-digest" || code == "delta.damaged") << code;
    EXPECT_TRUE(test::runs(opening.ecu, opening.flash, old_image));
}

TEST_P(StagingInEveryForm, IsRefusedByNameWhenThePayloadEndsEarly) {
    const Bytes payload = opening.packed(image, form, old_image);
    const auto staged = opening.stage(image, form, View(payload).first(payload.size() - 1));
    ASSERT_FALSE(staged);
    if (form.is_plain())
        EXPECT_TRUE(staged.error().is(uds::faults::refused)) << "the transfer itself is not complete";
    else if (form.encoding == Encoding::full && form.compression == Compression::none)
        EXPECT_EQ(staged.error().code(), "seal.truncated");
    else
        EXPECT_TRUE(staged.error().code().ends_with(".truncated")) << staged.error().str();
}

TEST_P(StagingInEveryForm, IsRefusedByAnEcuThatTakesImagesOnlyAsTheyAre) {
    OpeningEcu plain_only{Openings{}};
    ASSERT_TRUE(test::update(plain_only.ecu, old_image, test::record_of(old_image, 1)));
    const auto staged = plain_only.stage(image, form, plain_only.packed(image, form, old_image));
    ASSERT_EQ(staged.has_value(), form.is_plain());
    EXPECT_TRUE(form.is_plain() || staged.error().is(package::faults::cannot_open));
}

INSTANTIATE_TEST_SUITE_P(Forms, StagingInEveryForm, testing::ValuesIn(every_form), [](const auto& form) {
    std::string name(form.param);
    std::ranges::replace(name, '+', '_');
    return name;
});

TEST(Delta, OverAnotherBaseIsRefusedByNameSoThatTheFullImageCanBeTried) {
    OpeningEcu opening;
    const Bytes another = test::image_of(1900, 3);
    ASSERT_TRUE(test::update(opening.ecu, another, test::record_of(another, 1)));
    const Form delta = *Form::parse("delta");
    const auto staged = opening.stage(image, delta, opening.packed(image, delta, old_image));
    EXPECT_TRUE(staged.error().is(delta::faults::other_base)) << staged.error().str();
    EXPECT_EQ(opening.ecu.session(), uds::Session::default_);
    EXPECT_TRUE(opening.stage(image, {}, image));
}

TEST(Delta, NeedsAnImageThatRuns) {
    OpeningEcu opening;  // an empty flash
    const Form delta = *Form::parse("delta");
    const auto staged = opening.stage(image, delta, opening.packed(image, delta, old_image));
    EXPECT_TRUE(staged.error().is(package::faults::cannot_open)) << staged.error().str();
}

TEST(Bomb, IsRefusedByNameBeforeTheBankIsFull) {
    for (const std::string_view name : {"gzip", "zstd", "zstd+hpke"}) {
        OpeningEcu opening;
        const Form form = *Form::parse(name);
        const auto operations = opening.flash.operations();
        const auto staged = opening.stage(image, form, opening.packed(Bytes(3'000'000), form, {}));
        EXPECT_TRUE(staged.error().is(compress::faults::too_large)) << staged.error().str();
        // a record, the sectors' erasing, and at most the bank's program units
        const std::uint64_t bank_operations = opening.ecu.slots().layout().image_size_bytes_max() / 8 + 8;
        EXPECT_LE(opening.flash.operations() - operations, bank_operations) << name;
    }
}

TEST(OpeningRefusal, NamesEveryFaultByACodeOfItsOwn) {
    for (int code = 0xF0; code <= 0xFE; ++code) {
        const Fault* fault = fault_of_refusal(static_cast<uds::Nrc>(code));
        ASSERT_NE(fault, nullptr) << code;
        EXPECT_EQ(static_cast<int>(refusal_of(Error(*fault))), code) << fault->code;
    }
    EXPECT_EQ(fault_of_refusal(uds::Nrc::general_programming_failure), nullptr);
    EXPECT_EQ(refusal_of(Error(faults::device_failed)), uds::Nrc::general_programming_failure);
}

// One bank of 1 MiB, and a tester without a link in between.
struct LargeOpening : testing::Test, TargetObserver {
    static Geometry geometry() {
        Geometry large;
        large.runs = {SectorRun{4, 4096}, SectorRun{512, 4096}};
        large.program_unit_bytes = 8;
        return large;
    }
    void did(std::string_view) override {}
    void refused(std::string_view, const Error& why) override { last_refusal = why; }

    void open_bank(std::uint32_t size_bytes) {
        ASSERT_TRUE(slots.boot());
        ASSERT_TRUE(slots.begin(size_bytes));
        while (*slots.erase_step() == Step::more) {}
        target.session_changed(uds::Session::programming);
    }

    // Of an image of zeros in a bank that was erased.
    std::uint32_t programmed_bytes() {
        const Room cells = flash.cells().subspan(layout.bank(Bank::a).offset, layout.bank(Bank::a).size_bytes);
        const auto end = std::ranges::partition_point(cells, [](std::uint8_t cell) { return cell == 0; });
        return static_cast<std::uint32_t>(end - cells.begin());
    }

    RamFlash flash{geometry()};
    Layout layout = *plan_layout(flash.geometry());
    crypto::Sha256 hasher, opening_hasher;
    Slots slots{flash, layout, hasher, test::our_hardware};
    Bytes storage = Bytes(ImageOpening::storage_bytes(all_openings));
    package::test::Ecu desk{{}};
    ImageOpening opening{all_openings, slots, opening_hasher, storage,
                         ImageOpening::Key{desk.key_opener, desk.cipher, desk.id.address()}};
    test::OpenGate gate;
    Bytes one_block = Bytes(16 * 1024);  // nothing is queued
    Target target{slots, gate, &opening, *this, {65538, {}, one_block}};
    std::optional<Error> last_refusal;
};

constexpr std::uint32_t mebibyte = 1 << 20;

TEST_F(LargeOpening, GoesOnInSmallStepsWhenOneBlockMeansAWholeBank) {
    for (const std::string_view name : {"gzip", "zstd", "gzip+hpke", "zstd+hpke"}) {
        const Form form = *Form::parse(name);
        const Bytes payload = *package::test::packed(Bytes(mebibyte), form, {}, desk.id, desk.key.public_key());
        open_bank(mebibyte);
        ASSERT_LE(payload.size(), 6000U);
        const std::uint8_t format = data_format_of(form);
        ASSERT_EQ(target.request_download({.compression = static_cast<std::uint8_t>(format >> 4),
                                           .encryption = static_cast<std::uint8_t>(format & 0x0F),
                                           .size_bytes = mebibyte}),
                  one_block.size() + 2);
        std::array<std::uint8_t, 16> storage_of_reply{};
        uds::Reply reply(storage_of_reply);
        int steps = 1;
        std::uint32_t most_bytes = 0, before = 0;
        for (uds::Outcome outcome = target.transfer_data(payload); outcome.is_pending(); ++steps) {
            most_bytes = std::max(most_bytes, programmed_bytes() - before);
            before = programmed_bytes();
            outcome = target.continue_pending(reply);
            ASSERT_TRUE(outcome.is_pending() || outcome.nrc() == uds::Nrc::positive_response);
        }
        EXPECT_GE(steps, 1024 / 100);
        EXPECT_LE(most_bytes, ImageIntake::step_bytes + 17 * 4096U);
        EXPECT_EQ(programmed_bytes(), mebibyte);
        EXPECT_EQ(target.transfer_exit({}).nrc(), uds::Nrc::positive_response);
    }
}

TEST_F(LargeOpening, TellsTheTesterToWaitWithinP2AndEverySoOften) {
    Target slow{slots, gate, &opening, *this, {65538, {.program_per_kib = 8ms}, one_block}};
    test::TargetApplication application(slow);
    std::array<std::uint8_t, 64> storage_of_reply{};
    uds::Server server(application, {}, storage_of_reply);
    Tick now{1'000'000};
    const auto all_answers = [&](const Bytes& request) {
        server.on_request(request, uds::Addressing::physical, now);
        std::vector<std::pair<std::chrono::microseconds, Bytes>> said;
        const Tick asked = now;
        for (;;) {
            if (const auto answer = server.poll(now)) {
                said.emplace_back(now - asked, Bytes(answer->begin(), answer->end()));
                if (!server.busy()) return said;
            } else {
                now = std::max(now + 1us, *server.deadline());
            }
        }
    };
    ASSERT_EQ(all_answers({0x10, 0x02}).back().second[0], 0x50);
    open_bank(mebibyte);
    slow.session_changed(uds::Session::programming);
    ASSERT_EQ(all_answers({0x34, 0x20, 0x41, 0x00, 0x00, 0x10, 0x00, 0x00}).back().second[0], 0x74);
    Bytes block{0x36, 0x01};
    const Bytes payload = *compress::zstd(Bytes(mebibyte), {.window_bytes = 4096});
    block.insert(block.end(), payload.begin(), payload.end());
    const auto said = all_answers(block);
    ASSERT_GE(said.size(), 4U);
    EXPECT_LE(said.front().first, 50ms);
    for (std::size_t i = 0; i + 1 < said.size(); ++i) {
        EXPECT_EQ(said[i].second, (Bytes{0x7F, 0x36, 0x78}));
        EXPECT_LE(said[i + 1].first - said[i].first, 5s);
    }
    EXPECT_EQ(said.back().second, (Bytes{0x76, 0x01}));
    EXPECT_GE(said.back().first, 8ms * 1024) << "the flash takes its time";
    EXPECT_EQ(all_answers(block).back().second, (Bytes{0x76, 0x01})) << "a repeat is confirmed, not opened again";
    EXPECT_EQ(all_answers({0x37}).back().second, (Bytes{0x77}));
}

TEST_F(LargeOpening, RefusesABlockThatIsLargerThanItSaid) {
    open_bank(mebibyte);
    ASSERT_TRUE(target.request_download({.compression = 2, .size_bytes = mebibyte}));
    EXPECT_EQ(target.transfer_data(Bytes(one_block.size() + 1)).nrc(),
              uds::Nrc::incorrect_message_length_or_invalid_format);
}

TEST_F(LargeOpening, KnowsNoFormThatIsNotInTheTable) {
    open_bank(mebibyte);
    for (const auto& [high, low] : {std::pair{4, 0}, std::pair{0, 2}, std::pair{15, 15}}) {
        const uds::Download download{.compression = static_cast<std::uint8_t>(high),
                                     .encryption = static_cast<std::uint8_t>(low),
                                     .size_bytes = mebibyte};
        EXPECT_EQ(target.request_download(download).error(), uds::Nrc::request_out_of_range);
    }
    ImageOpening without_key{all_openings, slots, opening_hasher, storage, {}};
    Target unable{slots, gate, &without_key, *this, {65538, {}, one_block}};
    unable.session_changed(uds::Session::programming);
    EXPECT_EQ(unable.request_download({.compression = 2, .encryption = 1, .size_bytes = mebibyte}).error(),
              refusal_of(Error(package::faults::cannot_open)));
}

}  // namespace
}  // namespace pitstop::flash
