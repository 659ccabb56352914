// In which form images travel, with real packages and real deltas.
#include "apps/server/faults.h"
#include "apps/server/two_releases_on_the_desk.h"
#include "core/delta/faults.h"
#include "core/delta/make.h"
#include "io/blobs/faults.h"

namespace pitstop::server {
namespace {

using desk::autumn, desk::spring, desk::release;
using Patience = Deliveries::Patience;
const Form zstd = *Form::parse("zstd"), delta_form = *Form::parse("delta");

using DeliveriesTest = desk::TwoReleases;

TEST_F(DeliveriesTest, MakeADeltaOnceForAllThatRunItsBase) {
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, new_image);
    hand_in(first), hand_in(second);
    EXPECT_TRUE(choose(second, runs(old_image)).being_made);
    EXPECT_TRUE(choose(second, runs(old_image), desk::other_car).being_made);
    EXPECT_EQ(listed(second).at("state"), "waiting");
    EXPECT_EQ(work(), 1U);
    const auto choice = choose(second, runs(old_image));
    ASSERT_TRUE(choice.delivery);
    EXPECT_EQ(choice.delivery->form, delta_form);
    EXPECT_EQ(choice.delivery->base, crypto::sha256(old_image));
    EXPECT_LT(choice.delivery->length_bytes, new_image.size() / 20);
    const Bytes delta = bytes_of(choice.delivery->sha256, second);
    EXPECT_EQ(delta.size(), choice.delivery->length_bytes);
    EXPECT_EQ(crypto::sha256(delta), choice.delivery->sha256);
    EXPECT_TRUE(check_gives_back(old_image, delta, new_image));
    EXPECT_EQ(listed(second).at("state"), "made");
    EXPECT_GE(listed(second).at("saving_percent").as_int64(), 95);
    cloud.open();  // as after kill -9
    EXPECT_EQ(choose(second, runs(old_image), desk::other_car).delivery, choice.delivery);
    EXPECT_EQ(work(), 0U);
}

TEST_F(DeliveriesTest, MakeNoDeltaFromNothingOrForWhoCannotApplyIt) {
    const auto second = release(spring, 1, new_image);
    hand_in(second);
    for (const auto& report :
         {runs(old_image), runs(new_image), runs(new_image, "plain"), runs(old_image, "gzip zstd")})
        EXPECT_FALSE(choose(second, report).delivery || choose(second, report).being_made);
    const auto silent = cloud.deliveries->choose(desk::car, second.target(), nullptr, Patience::waits, now);
    EXPECT_FALSE(silent->delivery || silent->being_made);
    EXPECT_EQ(work(), 0U);
}

TEST_F(DeliveriesTest, LeaveOutADeltaThatSavesTooLittle) {
    const Bytes unrelated = desk::software(100'000, 77);
    cloud.delta_settings.saves_at_least = 0.999;
    cloud.open();
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, unrelated);
    hand_in(first), hand_in(second);
    EXPECT_TRUE(choose(second, runs(old_image)).being_made);
    EXPECT_EQ(work(), 1U);
    const auto choice = choose(second, runs(old_image));
    EXPECT_FALSE(choice.delivery || choice.being_made);
    EXPECT_EQ(listed(second).at("state"), "not-worth-it");
    EXPECT_TRUE(cloud.payloads->list()->empty()) << "nobody would ever fetch it";
}

TEST_F(DeliveriesTest, CompareADeltaWithWhatWouldBeFetchedWithoutIt) {
    // Zeros, which any compression makes to nothing.
    const Bytes blank(200'000, 0);
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, blank, zstd);
    hand_in(first), hand_in(second);
    static_cast<void>(choose(second, runs(old_image, "zstd delta window=65536")));
    work();
    const auto able = choose(second, runs(old_image, "zstd delta window=65536"));
    ASSERT_TRUE(able.delivery);
    EXPECT_EQ(able.delivery->form, zstd);
}

TEST_F(DeliveriesTest, TakeACompressedRecordWhereItsWindowFits) {
    const auto second = release(spring, 1, new_image, zstd, 65536);
    hand_in(second);
    const auto& record = second.built.metadata.records.front();
    const auto choice = choose(second, runs(old_image, "zstd window=65536"));
    ASSERT_TRUE(choice.delivery);
    EXPECT_EQ(*choice.delivery, (uptane::Delivery{zstd, record.payload_size_bytes, record.payload_sha256}));
    EXPECT_EQ(crypto::sha256(bytes_of(record.payload_sha256, second)), record.payload_sha256);
    EXPECT_TRUE(choose(second, runs(old_image, "zstd window=4096")).being_made) << "the plain image, opened here";
}

TEST_F(DeliveriesTest, OpenACompressedRecordForWhoCannot) {
    const auto second = release(spring, 1, new_image, *Form::parse("gzip"));
    hand_in(second);
    EXPECT_TRUE(choose(second, runs(old_image, "plain"), desk::car, Patience::none).being_made)
        << "there is nothing else that it could get";
    EXPECT_EQ(work(), 1U);
    const auto choice = choose(second, runs(old_image, "plain"));
    EXPECT_FALSE(choice.delivery || choice.being_made);
    EXPECT_EQ(bytes_of(crypto::sha256(new_image), second), new_image);
    cloud.open();
    EXPECT_FALSE(choose(second, runs(old_image, "plain")).being_made);
}

TEST_F(DeliveriesTest, DoNotWaitForADeltaWithoutPatience) {
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, new_image, zstd);
    hand_in(first), hand_in(second);
    const auto report = runs(old_image, "zstd delta window=4096");
    EXPECT_TRUE(choose(second, report).being_made);
    const auto choice = choose(second, report, desk::car, Patience::none);
    ASSERT_TRUE(choice.delivery && !choice.being_made);
    EXPECT_EQ(choice.delivery->form, zstd);
}

TEST_F(DeliveriesTest, GiveThePlainImageToWhoRefusedADelivery) {
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, new_image);
    hand_in(first), hand_in(second);
    static_cast<void>(choose(second, runs(old_image)));
    work();
    ASSERT_TRUE(cloud.deliveries->note_refused(
        {desk::car, desk::brake, second.target().sha256, now, "delta.other-base", "something else runs"}));
    EXPECT_FALSE(choose(second, runs(old_image)).delivery);
    EXPECT_TRUE(choose(second, runs(old_image), desk::other_car).delivery) << "others are as they said";
    const std::vector targets{second.target(), second.target()};  // one image for two ECUs
    EXPECT_EQ(cloud.deliveries->totals(targets)->at("refused").to_number<int>(), 1);
}

TEST_F(DeliveriesTest, RememberWhatCouldNotBeMade) {
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, new_image);
    hand_in(first), hand_in(second);
    const auto blob = **cloud.packages->find(first.built.metadata.package_sha256);
    std::fstream(blob.path, std::ios::in | std::ios::out | std::ios::binary).seekp(5000).put('!');
    EXPECT_TRUE(choose(second, runs(old_image)).being_made);
    EXPECT_EQ(work(), 1U);
    EXPECT_FALSE(choose(second, runs(old_image)).being_made);
    cloud.open();
    EXPECT_FALSE(choose(second, runs(old_image)).being_made) << "not for ever again";
    EXPECT_EQ(listed(second).at("state"), "failed");
    EXPECT_EQ(listed(second).at("code").as_string(), io::blobs::faults::damaged.code);
}

TEST_F(DeliveriesTest, MakeALostDeltaAgain) {
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, new_image);
    hand_in(first), hand_in(second);
    static_cast<void>(choose(second, runs(old_image)));
    work();
    const auto delivery = choose(second, runs(old_image)).delivery;
    ASSERT_TRUE(cloud.payloads->remove(delivery->sha256));
    EXPECT_TRUE(choose(second, runs(old_image)).being_made);
    EXPECT_EQ(work(), 1U);
    EXPECT_EQ(choose(second, runs(old_image)).delivery, delivery) << "the same bytes again";
}

TEST_F(DeliveriesTest, LetThoseGiveWayThatWereNotUsedForLongest) {
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, new_image);
    hand_in(first), hand_in(second);
    static_cast<void>(choose(second, runs(old_image)));
    work();
    const auto delta_bytes = choose(second, runs(old_image)).delivery->length_bytes;
    cloud.delta_settings.cache_bytes_max = delta_bytes + delta_bytes / 2;
    cloud.open();
    static_cast<void>(choose(first, runs(new_image)));  // the way back needs another delta
    EXPECT_EQ(work(), 1U);
    EXPECT_TRUE(choose(first, runs(new_image)).delivery);
    EXPECT_EQ(cloud.payloads->list()->size(), 1U);
    EXPECT_TRUE(choose(second, runs(old_image)).being_made) << "it had to go";
}

TEST_F(DeliveriesTest, MakeNoMoreThanTheCacheHolds) {
    cloud.delta_settings.cache_bytes_max = 10;
    cloud.open();
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, new_image);
    hand_in(first), hand_in(second);
    static_cast<void>(choose(second, runs(old_image)));
    work();
    EXPECT_TRUE(cloud.payloads->list()->empty());
    EXPECT_FALSE(choose(second, runs(old_image)).being_made) << "in vain, once more: " << faults::delta_cache_full.code;
}

TEST_F(DeliveriesTest, CompareNoImagesThatTakeTooMuchMemory) {
    cloud.delta_settings.image_bytes_max = 100'000;
    cloud.open();
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, new_image);
    hand_in(first), hand_in(second);
    EXPECT_FALSE(choose(second, runs(old_image)).being_made);
}

TEST_F(DeliveriesTest, ShowOnlyWhatBelongsToTheCampaign) {
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, new_image);
    hand_in(first), hand_in(second);
    static_cast<void>(choose(second, runs(old_image)));
    work();
    const auto delivery = choose(second, runs(old_image)).delivery;
    const std::vector of_first{first.target()}, of_second{second.target()};
    EXPECT_TRUE(cloud.deliveries->place_of(delivery->sha256, of_second));
    EXPECT_TRUE(cloud.deliveries->place_of(crypto::sha256(new_image), of_second)) << "the record of its package";
    for (const auto& foreign : {delivery->sha256, crypto::sha256(new_image), Sha256Digest{}})
        EXPECT_TRUE(cloud.deliveries->place_of(foreign, of_first).error().is(faults::unknown_payload));
}

TEST_F(DeliveriesTest, GiveSealedRecordsAsTheyAre) {
    const Form sealed = *Form::parse("zstd+hpke");
    const auto first = release(autumn, 0, old_image), second = release(spring, 1, new_image, sealed);
    hand_in(first), hand_in(second);
    const auto* record = cloud.stored->of_image(crypto::sha256(new_image)).front();
    EXPECT_TRUE(read_image(*cloud.packages, *record).error().is(faults::image_sealed));
    const auto choice = choose(second, runs(old_image, "zstd delta hpke"));
    ASSERT_TRUE(choice.delivery);
    EXPECT_EQ(*choice.delivery, (uptane::Delivery{sealed, record->size_bytes, record->payload}));
    const auto unable = choose(second, runs(old_image, "zstd delta"));
    EXPECT_FALSE(unable.delivery || unable.being_made) << "and nobody opens it on the way";
    EXPECT_EQ(work(), 0U);
}

TEST_F(DeliveriesTest, ReadThePackageThatHasAnImageUnsealed) {
    const auto sealed = release(autumn, 1, new_image, *Form::parse("zstd+hpke"), 8192);
    const auto open = release(spring, 1, new_image, zstd);
    hand_in(sealed), hand_in(open);
    EXPECT_EQ(choose(open, runs(old_image, "zstd hpke")).delivery->form, zstd);
    EXPECT_TRUE(choose(open, runs(old_image, "plain")).being_made);
    EXPECT_EQ(work(), 1U);
    EXPECT_FALSE(choose(open, runs(old_image, "plain")).being_made);
}

TEST(MadeDeltas, AreTriedBeforeAnybodyGetsThem) {
    const Bytes old_image = desk::software(30'000, 1), new_image = desk::rebuilt(old_image);
    Bytes other = new_image, shorter = new_image;
    other.back() ^= 1;
    shorter.pop_back();
    const Bytes made = *delta::make(old_image, new_image);
    EXPECT_TRUE(check_gives_back(old_image, made, new_image));
    EXPECT_TRUE(check_gives_back(old_image, made, other).error().is(faults::delta_does_not_fit));
    EXPECT_TRUE(check_gives_back(old_image, made, shorter).error().is(faults::delta_does_not_fit));
    EXPECT_TRUE(check_gives_back(new_image, made, new_image).error().is(delta::faults::other_base));
}

}  // namespace
}  // namespace pitstop::server
