#include "core/package/opener.h"

#include "core/compress/faults.h"
#include "core/delta/faults.h"
#include "core/package/faults.h"
#include "core/package/packed_image_test.h"
#include "core/seal/faults.h"

#include <gtest/gtest.h>

namespace pitstop::package {
namespace {

constexpr std::uint32_t window_bytes = Openings::window_bytes_default;

struct Opened {
    Result<void> result;
    Bytes bytes;
    int finished = 0;
};

Opened open(View payload, const Form& form, const OpenerPorts& ports, std::uint64_t image_bytes,
            std::size_t cut = SIZE_MAX) {
    Bytes workspace(workspace_bytes(form, window_bytes));
    Collected bank;
    Opener opener(form, ports, workspace, {image_bytes, window_bytes}, bank);
    Result<void> result;
    for (View left = payload; result && !left.empty(); left = left.subspan(std::min(cut, left.size())))
        result = opener.push(left.first(std::min(cut, left.size())));
    const auto end = opener.finish();
    if (!result) {
        EXPECT_EQ(end.error().str(), result.error().str()) << "the same error again";
        EXPECT_FALSE(opener.push(payload));
    }
    EXPECT_LE(bank.bytes.size(), image_bytes);
    return {end, std::move(bank.bytes), bank.finished};
}

// As open(), in steps.
Opened open_in_steps(View payload, const Form& form, const OpenerPorts& ports, std::uint64_t image_bytes) {
    Bytes workspace(workspace_bytes(form, window_bytes));
    Collected bank;
    Opener opener(form, ports, workspace, {image_bytes, window_bytes}, bank);
    std::size_t largest = 0;
    Result<View> left = payload;
    while (left && (!left->empty() || opener.is_holding())) {
        const std::size_t before = bank.bytes.size();
        left = opener.push_some(*left);
        largest = std::max(largest, bank.bytes.size() - before);
    }
    EXPECT_TRUE(form.encoding == Encoding::delta || largest <= 17U * window_bytes) << largest;
    const auto end = opener.finish();
    EXPECT_TRUE(left || end.error().str() == left.error().str()) << "the same error again";
    return {end, std::move(bank.bytes), bank.finished};
}

struct EveryForm : testing::TestWithParam<std::string_view> {
    const Form form = *Form::parse(GetParam());
    const Bytes old_image = test::image_of(40'000, 1), image = test::next_version_of(old_image);
    test::Ecu ecu{old_image};

    Bytes packed(View of) const { return *test::packed(of, form, old_image, ecu.id, ecu.key.public_key()); }
    [[nodiscard]] bool seals() const { return form.sealing == Sealing::hpke; }
    [[nodiscard]] bool patches() const { return form.encoding == Encoding::delta; }
};

TEST_P(EveryForm, OpensToTheImageHoweverItIsCut) {
    const Bytes payload = packed(image);
    for (const std::size_t cut : {std::size_t{1}, std::size_t{16}, std::size_t{1000}, payload.size()}) {
        const Opened opened = open(payload, form, ecu.ports(), image.size(), cut);
        ASSERT_TRUE(opened.result) << opened.result.error().str() << ", cut " << cut;
        EXPECT_EQ(opened.bytes, image) << cut;
        EXPECT_EQ(opened.finished, 1);
    }
}

TEST_P(EveryForm, OpensToTheSameImageInSmallSteps) {
    const Opened opened = open_in_steps(packed(image), form, ecu.ports(), image.size());
    ASSERT_TRUE(opened.result) << opened.result.error().str();
    EXPECT_EQ(opened.bytes, image);
    EXPECT_EQ(opened.finished, 1);
}

TEST_P(EveryForm, IsRefusedInStepsForTheSameReasons) {
    Bytes payload = packed(image);
    for (const std::size_t at : {std::size_t{3}, payload.size() / 2, payload.size() - 1}) {
        payload[at] ^= 0x40;
        const Opened whole = open(payload, form, ecu.ports(), image.size());
        const Opened stepped = open_in_steps(payload, form, ecu.ports(), image.size());
        ASSERT_EQ(whole.result.has_value(), stepped.result.has_value()) << at;
        EXPECT_TRUE(whole.result || whole.result.error().code() == stepped.result.error().code()) << at;
        payload[at] ^= 0x40;
    }
    payload.push_back(0);
    EXPECT_FALSE(open_in_steps(payload, form, ecu.ports(), image.size()).result);
    EXPECT_FALSE(open_in_steps(View(payload).first(payload.size() - 2), form, ecu.ports(), image.size()).result);
}

TEST_P(EveryForm, IsRefusedWhenItOpensToAnotherSize) {
    const Bytes payload = packed(image);
    const Opened longer = open(payload, form, ecu.ports(), image.size() - 1);
    EXPECT_TRUE(longer.result.error().is(faults::wrong_image_size) ||
                longer.result.error().is(compress::faults::too_large))
        << longer.result.error().str();
    EXPECT_EQ(longer.finished, 0);
    const Opened shorter = open(payload, form, ecu.ports(), image.size() + 1);
    EXPECT_TRUE(shorter.result.error().is(faults::wrong_image_size)) << shorter.result.error().str();
    EXPECT_EQ(shorter.finished, 0);
}

TEST_P(EveryForm, IsNotCompleteBeforeItsLastByte) {
    const Bytes payload = packed(image);
    for (const std::size_t missing : {std::size_t{1}, std::size_t{20}, payload.size() / 2, payload.size()}) {
        const Opened opened = open(View(payload).first(payload.size() - missing), form, ecu.ports(), image.size());
        EXPECT_FALSE(opened.result) << missing;
        EXPECT_EQ(opened.finished, 0);
    }
}

TEST_P(EveryForm, TakesNothingBehindItsEnd) {
    Bytes payload = packed(image);
    payload.push_back(0);
    EXPECT_FALSE(open(payload, form, ecu.ports(), image.size()).result);
}

TEST_P(EveryForm, NeedsItsWholeWorkspaceAndSaysSo) {
    const std::size_t needed = workspace_bytes(form, window_bytes);
    if (form.is_plain()) {
        EXPECT_EQ(needed, 0U);
        return;
    }
    Bytes workspace(needed - 1);
    Collected bank;
    Opener opener(form, ecu.ports(), workspace, {image.size(), window_bytes}, bank);
    ASSERT_TRUE(opener.failed());
    EXPECT_TRUE(opener.failed()->is(faults::cannot_open));
    EXPECT_TRUE(opener.push(packed(image)).error().is(faults::cannot_open));
    EXPECT_TRUE(opener.finish().error().is(faults::cannot_open));
}

TEST_P(EveryForm, IsRefusedWhereWhatItNeedsIsMissing) {
    crypto::Sha256 hasher;
    Bytes workspace(workspace_bytes(form, window_bytes));
    Collected bank;
    const Opener opener(form, {.hasher = hasher}, workspace, {image.size(), window_bytes}, bank);
    ASSERT_EQ(opener.failed().has_value(), seals() || patches());
    EXPECT_TRUE(!opener.failed() || opener.failed()->is(faults::cannot_open));
}

TEST_P(EveryForm, IsOpenedByItsRecipientAlone) {
    test::Ecu other(old_image, 8);
    const Opened opened = open(packed(image), form, other.ports(), image.size());
    EXPECT_EQ(opened.result.has_value(), !seals());
    if (seals()) {
        EXPECT_TRUE(opened.result.error().is(seal::faults::not_for_us)) << opened.result.error().str();
        EXPECT_TRUE(opened.bytes.empty());
    }
}

TEST_P(EveryForm, IsOpenedOnlyOverTheImageThatItWasMadeFrom) {
    const Bytes another = test::image_of(40'000, 2);
    test::Ecu without_digest(another), with_digest(another);
    with_digest.old_port.verified = crypto::sha256(another);
    for (test::Ecu* const other : {&without_digest, &with_digest}) {
        const Opened opened = open(packed(image), form, other->ports(), image.size(), 100);
        EXPECT_EQ(opened.result.has_value(), !patches());
        if (!patches()) continue;
        EXPECT_TRUE(opened.result.error().is(delta::faults::other_base)) << opened.result.error().str();
        EXPECT_TRUE(opened.bytes.empty());
    }
    ecu.old_port.verified = crypto::sha256(old_image);
    EXPECT_EQ(open(packed(image), form, ecu.ports(), image.size()).bytes, image);
}

INSTANTIATE_TEST_SUITE_P(Forms, EveryForm, testing::ValuesIn(test::every_form), [](const auto& form) {
    std::string name(form.param);
    std::ranges::replace(name, '+', '_');
    return name;
});

TEST(Opener, EndsABombBeforeTheBankIsFull) {
    test::Ecu ecu({});
    for (const std::string_view name : {"gzip", "zstd", "gzip+hpke", "zstd+hpke"}) {
        const Form form = *Form::parse(name);
        const Bytes bomb = *test::packed(Bytes(4'000'000), form, {}, ecu.id, ecu.key.public_key());
        EXPECT_LT(bomb.size(), 40'000U) << name;
        const Opened opened = open(bomb, form, ecu.ports(), 10'000, 512);
        EXPECT_TRUE(opened.result.error().is(compress::faults::too_large)) << opened.result.error().str();
        EXPECT_LE(opened.bytes.size(), 10'000U);
        EXPECT_EQ(opened.finished, 0);
    }
}

TEST(Opener, FitsIntoTheMemoryOfASmallEcu) {
    EXPECT_LE(workspace_bytes(*Form::parse("delta"), window_bytes), 128U * 1024);
    EXPECT_LE(workspace_bytes(*Form::parse("zstd"), window_bytes), 128U * 1024);
    const auto openings = *Openings::parse("gzip zstd delta hpke window=4096");
    EXPECT_LE(workspace_bytes(openings), 208U * 1024);
    for (const std::string_view form : test::every_form)
        EXPECT_GE(workspace_bytes(openings), workspace_bytes(*Form::parse(form), window_bytes)) << form;
    EXPECT_EQ(workspace_bytes(Openings{}), 0U);
}

}  // namespace
}  // namespace pitstop::package
