#include "core/seal/open.h"

#include "core/seal/faults.h"
#include "core/seal/sealed_on_the_desk_test.h"

namespace pitstop::seal {
namespace {

constexpr std::size_t four_chunks = 3 * small_chunk_bytes + 100;
constexpr std::size_t sealed_chunk_bytes = small_chunk_bytes + tag_size_bytes;
constexpr std::size_t header_at = envelopes_size_bytes(3), chunks_at = header_at + header_size_bytes;

// A sealed payload that somebody meddled with, and how far an ECU follows.
struct Attack {
    Desk desk;
    Bytes sealed = desk.sealed(payload_of(four_chunks));

    [[nodiscard]] auto chunk(std::size_t number) {
        return sealed.begin() + static_cast<std::ptrdiff_t>(chunks_at + number * sealed_chunk_bytes);
    }
    // Which fault stops it, and that exactly the good chunks before it went on.
    void ends(const Fault& fault, std::size_t good_chunks) const {
        for (const std::size_t cut : {SIZE_MAX, std::size_t{777}}) {
            Ecu ecu;
            const auto taken = ecu.take(sealed, cut);
            ASSERT_FALSE(taken.has_value());
            EXPECT_TRUE(taken.error().is(fault)) << taken.error().str();
            EXPECT_TRUE(std::ranges::equal(ecu.out.bytes, View(payload_of(four_chunks)).first(ecu.out.bytes.size())));
            EXPECT_EQ(ecu.out.bytes.size(), std::min(good_chunks * small_chunk_bytes, four_chunks));
            EXPECT_FALSE(ecu.out.finished);
            if (fault.code != faults::truncated.code) {
                EXPECT_TRUE(ecu.unsealer.push(sealed).error().is(fault)) << "the same again";
                EXPECT_TRUE(ecu.unsealer.finish().error().is(fault));
                EXPECT_TRUE(ecu.unsealer.continue_at(0).error().is(fault));
            }
        }
    }
};

TEST(Unsealer, NoticesSwappedChunks) {
    Attack attack;
    std::swap_ranges(attack.chunk(1), attack.chunk(2), attack.chunk(2));
    attack.ends(faults::damaged, 1);
}

TEST(Unsealer, NoticesADroppedChunk) {
    Attack attack;
    attack.sealed.erase(attack.chunk(1), attack.chunk(2));
    attack.ends(faults::damaged, 1);
}

TEST(Unsealer, NoticesARepeatedChunk) {
    Attack attack;
    std::copy(attack.chunk(0), attack.chunk(1), attack.chunk(1));
    attack.ends(faults::damaged, 1);
}

TEST(Unsealer, NoticesReorderedChunks) {
    Attack attack;
    std::rotate(attack.chunk(0), attack.chunk(1), attack.chunk(3));
    attack.ends(faults::damaged, 0);
}

TEST(Unsealer, NoticesAMissingEndAtEveryByte) {
    const Attack whole;
    for (std::size_t size = 0; size < whole.sealed.size(); size += size < chunks_at ? 1 : 97) {
        Ecu ecu;
        ASSERT_TRUE(ecu.take(View(whole.sealed).first(size)).error().is(faults::truncated)) << size;
        ASSERT_FALSE(ecu.out.finished);
    }
    Attack without_last;
    without_last.sealed.erase(without_last.chunk(3), without_last.sealed.end());
    without_last.ends(faults::truncated, 3);
}

// Even where the header, which says how many chunks there are, could be changed with it: the last one knows that it is.
TEST(Unsealer, KnowsTheLastChunkByItsNonce) {
    const Desk desk;
    const Bytes payload = payload_of(2 * small_chunk_bytes), content = *desk.content(payload);
    const Header header = *decode(View(content).first(header_size_bytes));
    crypto::Sha256 hasher;
    const PayloadKeys keys = payload_keys(hasher, desk.key.view(), header.salt, Desk::header_of(content));
    OpenSslChunkCipher cipher;
    ASSERT_TRUE(cipher.set_key(keys.key.view()));
    const auto opens = [&](std::uint32_t chunk, bool is_last) {
        Bytes bytes(content.begin() + static_cast<std::ptrdiff_t>(chunk_offset_bytes(header, chunk)),
                    content.begin() + static_cast<std::ptrdiff_t>(chunk_offset_bytes(header, chunk + 1)));
        return cipher.open(nonce_of(keys.nonce_prefix, chunk, is_last), keys.header_digest, bytes);
    };
    EXPECT_TRUE(opens(0, false));
    EXPECT_FALSE(opens(0, true));
    EXPECT_TRUE(opens(1, true));
    EXPECT_FALSE(opens(1, false));
}

TEST(Unsealer, NoticesTrailingBytes) {
    Attack attack;
    attack.sealed.push_back(0);
    attack.ends(faults::trailing_bytes, 4);
}

TEST(Unsealer, NoticesEveryFlippedByteOfTheHeader) {
    const Attack honest;
    for (std::size_t at = 0; at < header_size_bytes; ++at) {
        for (const int flip : {0x01, 0x80}) {
            Bytes sealed = honest.sealed;
            sealed[header_at + at] ^= static_cast<std::uint8_t>(flip);
            Ecu ecu;
            ASSERT_FALSE(ecu.take(sealed).has_value()) << at;
            ASSERT_TRUE(ecu.out.bytes.empty()) << at;
        }
    }
}

// The salt is bound by nothing but the envelope, the commitment and the keys: no field check hides them here.
TEST(Unsealer, SaysWrongKeyWhereOnlyCryptographyNotices) {
    Attack attack;
    attack.sealed[header_at + 24] ^= 1;
    attack.ends(faults::wrong_key, 0);
    Attack other;
    other.sealed[header_at + 120] ^= 1;
    other.ends(faults::wrong_key, 0);
}

TEST(Unsealer, NoticesEveryFlippedByteOfItsEnvelope) {
    const Attack honest;
    constexpr std::size_t ours = envelopes_head_size_bytes + envelope_size_bytes;
    for (std::size_t at = 0; at < envelope_size_bytes; ++at) {
        Bytes sealed = honest.sealed;
        sealed[ours + at] ^= 1;
        Ecu ecu;
        const auto taken = ecu.take(sealed);
        ASSERT_FALSE(taken.has_value()) << at;
        ASSERT_TRUE(taken.error().is(at < key_hint_size_bytes ? faults::not_for_us : faults::wrong_key)) << at;
        ASSERT_TRUE(ecu.out.bytes.empty()) << at;
    }
}

TEST(Unsealer, NoticesEveryFlippedByteOfItsChunks) {
    const Attack honest;
    for (std::size_t at = chunks_at; at < honest.sealed.size(); at += 13) {
        Bytes sealed = honest.sealed;
        sealed[at] ^= 0x10;
        Ecu ecu;
        ASSERT_TRUE(ecu.take(sealed).error().is(faults::damaged)) << at;
        ASSERT_EQ(ecu.out.bytes.size(), (at - chunks_at) / sealed_chunk_bytes * small_chunk_bytes) << at;
    }
}

TEST(Unsealer, DoesNotCareAboutTheEnvelopesOfOthers) {
    Attack attack;
    attack.sealed[envelopes_head_size_bytes + 100] ^= 1;
    Ecu ecu;
    ASSERT_TRUE(ecu.take(attack.sealed));
    EXPECT_EQ(ecu.out.bytes, payload_of(four_chunks));
}

TEST(Unsealer, OpensNothingForWhomItIsNotSealed) {
    const Attack honest;
    Ecu stranger(9);
    EXPECT_TRUE(stranger.take(honest.sealed).error().is(faults::not_for_us));
    EXPECT_TRUE(stranger.out.bytes.empty());

    Attack nobody;  // the hint says that it is for the stranger, the key in it is not
    std::ranges::copy(hint_of(key_number(9).public_key()), nobody.sealed.begin() + envelopes_head_size_bytes);
    Ecu fooled(9);
    EXPECT_TRUE(fooled.take(nobody.sealed).error().is(faults::wrong_key));
    EXPECT_TRUE(fooled.out.bytes.empty());

    Bytes empty(envelopes_head_size_bytes);
    std::ranges::copy(envelopes_head(0), empty.begin());
    empty.insert(empty.end(), honest.sealed.begin() + header_at, honest.sealed.end());
    EXPECT_TRUE(Ecu().take(empty).error().is(faults::not_for_us));
}

TEST(Unsealer, OpensNothingOfAnotherEcuOrCampaign) {
    const Attack honest;
    EXPECT_TRUE(Ecu(1, 12).take(honest.sealed).error().is(faults::not_for_us));
    EXPECT_TRUE(Ecu(1, 11, "OTA-2025-11-002").take(honest.sealed).error().is(faults::other_campaign));
    EXPECT_TRUE(Ecu(1, 11, "").take(honest.sealed)) << "whoever expects no campaign trusts the signed digest";

    // The right image, but the envelope was made for ECU_012, which this one is not.
    const Bytes content = *honest.desk.content(payload_of(10));
    const std::vector<Recipient> twelve{{*EcuId::from_number(12), key_number(1).public_key()}};
    Bytes sealed = *wrap(honest.desk.key, Desk::header_of(content), twelve);
    sealed.insert(sealed.end(), content.begin(), content.end());
    EXPECT_TRUE(Ecu().take(sealed).error().is(faults::wrong_key));
}

// An envelope belongs to one header: it opens neither another payload of the same campaign nor one of another campaign.
TEST(Unsealer, OpensNothingWithTheEnvelopeOfAnotherPayload) {
    const Attack honest;
    Desk same_key = honest.desk, other_key = honest.desk;
    other_key.key = *ContentKey::generate();
    for (const Desk& desk : {same_key, other_key}) {
        const Bytes content = *desk.content(payload_of(four_chunks));
        Bytes sealed(honest.sealed.begin(), honest.sealed.begin() + header_at);
        sealed.insert(sealed.end(), content.begin(), content.end());
        Ecu ecu;
        EXPECT_TRUE(ecu.take(sealed).error().is(faults::wrong_key));
        EXPECT_TRUE(ecu.out.bytes.empty());
    }
    Desk before = honest.desk;
    before.order.campaign = *CampaignId::parse("OTA-2024-01-001");
    EXPECT_TRUE(Ecu().take(before.sealed(payload_of(10))).error().is(faults::other_campaign));
}

// Somebody who knows the recipient's public key wraps a key of his own for an honest header.
TEST(Unsealer, OpensOnlyTheKeyThatTheHeaderCommitsTo) {
    const Attack honest;
    Desk attacker = honest.desk;
    attacker.key = *ContentKey::generate();
    const Bytes envelopes = attacker.envelopes(View(honest.sealed).subspan(header_at));
    Bytes sealed = envelopes;
    sealed.insert(sealed.end(), honest.sealed.begin() + header_at, honest.sealed.end());
    Ecu ecu;
    EXPECT_TRUE(ecu.take(sealed).error().is(faults::wrong_key));
    EXPECT_TRUE(ecu.out.bytes.empty());
}

TEST(Unsealer, ContinuesAtAnyChunkWithoutReading) {
    const Attack honest;
    const Bytes payload = payload_of(four_chunks);
    for (std::uint32_t chunk = 0; chunk < 4; ++chunk) {
        Ecu ecu;
        EXPECT_TRUE(ecu.unsealer.continue_at(chunk).error().is(faults::impossible_options)) << "no header yet";
        ASSERT_TRUE(ecu.unsealer.push(View(honest.sealed).first(chunks_at)));
        ASSERT_TRUE(ecu.unsealer.continue_at(chunk));
        const auto offset = header_at + chunk_offset_bytes(*ecu.unsealer.header(), chunk);
        ASSERT_TRUE(ecu.take(View(honest.sealed).subspan(offset)));
        EXPECT_TRUE(std::ranges::equal(ecu.out.bytes, View(payload).subspan(chunk * small_chunk_bytes)));
    }
    Ecu ecu;
    ASSERT_TRUE(ecu.unsealer.push(View(honest.sealed).first(chunks_at)));
    EXPECT_TRUE(ecu.unsealer.continue_at(4).error().is(faults::impossible_options));
}

TEST(Unsealer, DropsHalfAChunkWhenTheLineBreaks) {
    const Attack honest;
    Ecu ecu;
    const std::size_t broken = chunks_at + sealed_chunk_bytes + 1234;
    ASSERT_TRUE(ecu.unsealer.push(View(honest.sealed).first(broken)));
    EXPECT_EQ(ecu.unsealer.next_chunk(), 1U);
    ASSERT_TRUE(ecu.unsealer.continue_at(ecu.unsealer.next_chunk()));
    ASSERT_TRUE(ecu.take(View(honest.sealed).subspan(chunks_at + sealed_chunk_bytes)));
    EXPECT_EQ(ecu.out.bytes, payload_of(four_chunks));
}

// A chunk opens in its own place only, also for who asks for another place.
TEST(Unsealer, ContinuesNowhereElse) {
    const Attack honest;
    Ecu ecu;
    ASSERT_TRUE(ecu.unsealer.push(View(honest.sealed).first(chunks_at)));
    ASSERT_TRUE(ecu.unsealer.continue_at(2));
    EXPECT_TRUE(ecu.take(View(honest.sealed).subspan(chunks_at)).error().is(faults::damaged));
    EXPECT_TRUE(ecu.out.bytes.empty());
}

TEST(Unsealer, NeedsRoomForOneChunk) {
    Desk desk;
    desk.order.chunk_bytes = 8192;
    Ecu small;
    EXPECT_TRUE(small.take(desk.sealed(payload_of(10))).error().is(faults::chunk_too_large));
    Ecu large(1, 11, "OTA-2025-11-001", 8192);
    EXPECT_TRUE(large.take(desk.sealed(payload_of(10'000))));
    Ecu tiny(1, 11, "OTA-2025-11-001", small_chunk_bytes - 1);
    EXPECT_TRUE(tiny.take(desk.sealed(payload_of(10))).error().is(faults::workspace_too_small));
}

TEST(Unsealer, RefusesWhatItDoesNotKnow) {
    Attack other_envelopes;
    other_envelopes.sealed[4] = 2;
    other_envelopes.ends(faults::not_this_version, 0);
    Attack other_suite;
    other_suite.sealed[header_at + 5] = 2;
    other_suite.ends(faults::not_this_version, 0);
    Attack no_size;
    no_size.sealed[header_at + 6] = 30;
    no_size.ends(faults::bad_header, 0);
    EXPECT_TRUE(Ecu().take(view_of("SWPG is something else")).error().is(faults::not_this_version));
}

constexpr Fault full{"open-test.full", Remedy::stop, "The sink of this test is full.", "It was asked to be."};
struct Full final : ByteSink {
    Result<void> push(View) override { return fail(full); }
    Result<void> finish() override { return {}; }
};

TEST(Unsealer, PassesOnWhatTheNextStageSays) {
    const Attack honest;
    Ecu ecu;
    Full next;
    Unsealer unsealer({ecu.opener, ecu.cipher, ecu.hasher}, {0x0011, 0x0011, {}}, ecu.room, next);
    EXPECT_TRUE(unsealer.push(honest.sealed).error().is(full));
    EXPECT_TRUE(unsealer.finish().error().is(full));
}

}  // namespace
}  // namespace pitstop::seal
