#include "core/seal/seal.h"

#include "core/seal/faults.h"
#include "core/seal/sealed_on_the_desk_test.h"

#include <thread>

namespace pitstop::seal {
namespace {

TEST(Sealer, MakesWhatTheEcuOpens) {
    const Desk desk;
    for (const std::size_t size : {0, 1, 15, 16, 4095, 4096, 4097, 8192, 50'000}) {
        const Bytes payload = payload_of(size), sealed = desk.sealed(payload);
        for (const std::size_t cut : {SIZE_MAX, std::size_t{1000}, std::size_t{1}}) {
            Ecu ecu;
            const auto taken = ecu.take(sealed, cut);
            ASSERT_TRUE(taken) << taken.error().str();
            EXPECT_EQ(ecu.out.bytes, payload);
            EXPECT_TRUE(ecu.out.finished);
        }
    }
}

TEST(Sealer, MakesOneContentForAllRecipients) {
    const Desk desk;
    const Bytes content = *desk.content(payload_of(10'000));
    EXPECT_EQ(content.size(), *content_size_bytes(10'000, small_chunk_bytes));
    for (std::uint8_t number = 1; number <= 3; ++number) {
        const std::vector<Recipient> one{{*EcuId::from_number(11), key_number(number).public_key()}};
        Bytes sealed = *wrap(desk.key, Desk::header_of(content), one);
        sealed.insert(sealed.end(), content.begin(), content.end());
        Ecu ecu(number);
        ASSERT_TRUE(ecu.take(sealed));
        EXPECT_EQ(ecu.out.bytes, payload_of(10'000));
    }
}

TEST(Sealer, NeverMakesTheSameBytesTwice) {
    const Desk desk;
    const Bytes one = *desk.content(payload_of(100)), two = *desk.content(payload_of(100));
    EXPECT_FALSE(std::ranges::equal(View(one).subspan(header_size_bytes), View(two).subspan(header_size_bytes)));
}

TEST(Sealer, TakesThePayloadInAnyCut) {
    const Desk desk;
    const Bytes payload = payload_of(3 * small_chunk_bytes + 5);
    Collected whole, cut_up;
    const Salt salt{7};
    auto first = *Sealer::begin_with(salt, desk.order, payload.size(), desk.key, whole);
    ASSERT_TRUE(first.push(payload));
    ASSERT_TRUE(first.finish());
    auto second = *Sealer::begin_with(salt, desk.order, payload.size(), desk.key, cut_up);
    for (std::size_t at = 0; at < payload.size(); ++at) ASSERT_TRUE(second.push(View(payload).subspan(at, 1)));
    ASSERT_TRUE(second.finish());
    EXPECT_EQ(whole.bytes, cut_up.bytes);
}

TEST(Sealer, SealsExactlyWhatWasAnnounced) {
    const Desk desk;
    Collected out;
    auto much = *Sealer::begin(desk.order, 10, desk.key, out);
    EXPECT_TRUE(much.push(payload_of(11)).error().is(faults::wrong_size));
    EXPECT_TRUE(much.push(payload_of(1)).error().is(faults::wrong_size));
    auto little = *Sealer::begin(desk.order, 10, desk.key, out);
    ASSERT_TRUE(little.push(payload_of(9)));
    EXPECT_TRUE(little.finish().error().is(faults::wrong_size));
    EXPECT_TRUE(little.push(payload_of(1)).error().is(faults::wrong_size));
    auto twice = *Sealer::begin(desk.order, 0, desk.key, out);
    ASSERT_TRUE(twice.finish());
    EXPECT_TRUE(twice.finish().error().is(faults::wrong_size));
}

TEST(Sealer, RefusesImpossibleOptions) {
    Desk desk;
    Collected out;
    EXPECT_TRUE(
        Sealer::begin(desk.order, payload_size_bytes_max + 1, desk.key, out).error().is(faults::impossible_options));
    for (const std::uint32_t size : {0U, 2048U, 5000U, 2U << 20}) {
        desk.order.chunk_bytes = size;
        EXPECT_TRUE(Sealer::begin(desk.order, 1, desk.key, out).error().is(faults::impossible_options)) << size;
    }
}

constexpr Fault full{"seal-test.full", Remedy::stop, "The sink of this test is full.", "It was asked to be."};
struct Full final : ByteSink {
    Result<void> push(View piece) override { return piece.size() > header_size_bytes ? fail(full) : Result<void>{}; }
    Result<void> finish() override { return {}; }
};

TEST(Sealer, PassesOnWhatTheNextStageSays) {
    const Desk desk;
    Full out;
    auto sealer = *Sealer::begin(desk.order, 10'000, desk.key, out);
    EXPECT_TRUE(sealer.push(payload_of(10'000)).error().is(full));
    EXPECT_TRUE(sealer.finish().error().is(full));
}

TEST(Wrap, IsForAtLeastOneAndAtMost256) {
    const Desk desk;
    const HeaderBytes header = Desk::header_of(*desk.content({}));
    EXPECT_TRUE(wrap(desk.key, header, {}).error().is(faults::no_recipients));
    std::vector<Recipient> many(257, {*EcuId::from_number(11), key_number(1).public_key()});
    EXPECT_TRUE(wrap(desk.key, header, many).error().is(faults::too_many_recipients));
    many.pop_back();
    EXPECT_EQ(wrap(desk.key, header, many)->size(), envelopes_size_bytes(256));
}

TEST(Wrap, WorksInParallel) {
    const Desk desk;
    const Bytes content = *desk.content(payload_of(5));
    std::vector<Recipient> recipients;
    for (std::uint8_t number = 1; number <= 40; ++number)
        recipients.push_back({*EcuId::from_number(number), key_number(number).public_key()});
    const ForEach on_two_threads = [](std::size_t count, const Work& work) {
        std::thread other([&] {
            for (std::size_t i = 1; i < count; i += 2) work(i);
        });
        for (std::size_t i = 0; i < count; i += 2) work(i);
        other.join();
    };
    Bytes sealed = *wrap(desk.key, Desk::header_of(content), recipients, on_two_threads);
    sealed.insert(sealed.end(), content.begin(), content.end());
    for (const std::uint8_t number : std::array<std::uint8_t, 4>{1, 2, 39, 40}) {
        const auto key = key_number(number);
        XWingKeyOpener opener(key);
        OpenSslChunkCipher cipher;
        crypto::Sha256 hasher;
        Bytes room(Unsealer::room_size_bytes(small_chunk_bytes));
        Collected out;
        Unsealer zone({opener, cipher, hasher}, {0x0011, EcuId::from_number(number)->address(), "OTA-2025-11-001"},
                      room, out);
        ASSERT_TRUE(zone.push(sealed)) << int{number};
        ASSERT_TRUE(zone.finish());
        EXPECT_EQ(out.bytes, payload_of(5));
    }
}

TEST(Wrap, TellsOfARecipientWhoseKeyCannotBeUsed) {
    const Desk desk;
    const crypto::xwing::PublicKey honest = key_number(1).public_key();
    Bytes bytes(honest.bytes().begin(), honest.bytes().end());
    std::fill(bytes.end() - 32, bytes.end(), std::uint8_t{0});  // a point of small order
    const std::vector<Recipient> recipients{{*EcuId::from_number(11), key_number(1).public_key()},
                                            {*EcuId::from_number(12), *crypto::xwing::PublicKey::from_bytes(bytes)}};
    EXPECT_EQ(wrap(desk.key, Desk::header_of(*desk.content({})), recipients).error().code(), "crypto.bad-key");
}

}  // namespace
}  // namespace pitstop::seal
