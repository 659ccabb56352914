#include "core/flash/zone_work.h"

#include "core/flash/directed.h"
#include "core/flash/faults.h"
#include "core/flash/test_ecu.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

const EcuId brakes = *EcuId::parse("ECU_011");

StoredBytes bytes_of(std::uint8_t fill, std::uint32_t size_bytes) {
    StoredBytes bytes{.size_bytes = size_bytes};
    bytes.sha256.fill(fill);
    return bytes;
}
ZoneOrder some_order() {
    return {Plan::stage,     brakes,          test::record_of(test::image_of(100, 1), 2), *Form::parse("zstd+hpke"),
            bytes_of(1, 70), bytes_of(2, 900)};
}
// What the zone puts behind 71 01 and the routine.
template <class Put>
Bytes answer(Put put) {
    Bytes room(report_size_bytes_max);
    uds::Reply reply(room);
    reply.put(Bytes{0x71, 0x01, 0xF0, 0x20});
    put(reply);
    return Bytes(reply.written().begin(), reply.written().end());
}
View option_of(const Bytes& request) { return View(request).subspan(4); }

TEST(ZoneOrder, ComesBackAsItWasWritten) {
    const Bytes request = ask_work(some_order());
    EXPECT_EQ(to_hex(View(request).first(7)), "3101f020010011");
    EXPECT_EQ(*parse_order(option_of(request)), some_order());
}

TEST(ZoneOrder, IsTheSameWorkWithAnyMetadata) {
    ZoneOrder other = some_order();
    other.metadata = bytes_of(7, 1);
    EXPECT_EQ(other.id(), some_order().id());
    other.payload = bytes_of(7, 70);
    EXPECT_NE(other.id(), some_order().id());
}

TEST(ZoneOrder, IsRefusedWhenItMeansNothing) {
    const Bytes good = ask_work(some_order());
    for (const auto& [at, value] : {std::pair{0, 0}, {0, 5}, {1, 9}, {6, 0}, {115, 0xF0}, {191, 1}}) {
        Bytes bad(option_of(good).begin(), option_of(good).end());
        bad[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(value);
        if (at == 6) std::fill_n(bad.begin() + 3, 4, std::uint8_t{0});  // an image of no bytes
        EXPECT_TRUE(parse_order(bad).error().is(faults::bad_record)) << at;
    }
    EXPECT_TRUE(parse_order(option_of(good).first(191)).error().is(faults::bad_record));
}

TEST(ZoneOrder, IsDirectedWhenRecordAndPayloadAre) {
    const Bytes image = test::image_of(100, 1);
    uptane::TrustedTarget target{.ecu = brakes,
                                 .hardware = *HardwareId::parse(test::our_hardware),
                                 .name = *TargetName::parse("a/b.img"),
                                 .length_bytes = image.size(),
                                 .sha256 = crypto::sha256(image),
                                 .version = {1, 2, 0, 0},
                                 .release_counter = 2};
    ZoneOrder order = some_order();
    EXPECT_FALSE(directs(target, order)) << "the image itself is directed";
    order.form = {};
    order.payload = {target.sha256, 100};
    EXPECT_TRUE(directs(target, order));
    target.delivery = uptane::Delivery{*Form::parse("zstd+hpke"), 70, bytes_of(1, 70).sha256};
    EXPECT_FALSE(directs(target, order));
    EXPECT_TRUE(directs(target, some_order()));
    target.release_counter = 3;
    EXPECT_FALSE(directs(target, some_order()));
}

TEST(ZoneStore, NamesAPlaceByHandleAndFirstByte) {
    const Bytes offer = ask_offer(bytes_of(3, 500));
    EXPECT_EQ(parse_offer(option_of(offer)), bytes_of(3, 500));
    EXPECT_FALSE(parse_offer(option_of(ask_offer(bytes_of(3, 0)))));
    EXPECT_FALSE(parse_offer({}));
    ToldFaults told;
    const Offered at = *parse_offered(answer([](uds::Reply& out) { put_offered(out, {9, 200}); }), told);
    EXPECT_EQ(to_hex(ask_download_to_zone(at, 500)),
              "340048"
              "00000009000000c8"
              "0000012c");
    EXPECT_TRUE(parse_offered(answer(put_done), told).error().is(faults::strange_answer));
}

TEST(ZoneReport, TellsOfEveryEcuInOneAnswer) {
    const std::vector<WorkReport> report{
        {brakes, Plan::stage, some_order().id(), WorkState::running, 42, "transfer", {}},
        {*EcuId::parse("ECU_012"), Plan::activate, 7, WorkState::failed, 0, "read back",
         Trouble::of(Error(faults::fell_back, "three starts"))}};
    const Bytes said = answer([&](uds::Reply& out) { put_report(out, report); });
    EXPECT_EQ(*parse_report(said), report);
    for (std::size_t size = 0; size < said.size(); ++size)
        EXPECT_TRUE(parse_report(View(said).first(size)).error().is(faults::strange_answer)) << size;
    Bytes longer = said;
    longer.push_back(0);
    EXPECT_FALSE(parse_report(longer));
}

TEST(ToldFaults, CarryAFaultUnchanged) {
    ToldFaults told;
    const auto refusal =
        parse_done(answer([](uds::Reply& out) { put_trouble(out, Error(faults::rolled_back, "counter 1")); }), told);
    ASSERT_FALSE(refusal);
    EXPECT_TRUE(refusal.error().is(faults::rolled_back));
    EXPECT_EQ(refusal.error().remedy(), faults::rolled_back.remedy);
    EXPECT_EQ(refusal.error().detail(), "counter 1");
    EXPECT_TRUE(parse_done(answer(put_done), told));
}

TEST(ToldFaults, AreBoundedForAZoneThatInventsThem) {
    ToldFaults told;
    for (std::size_t i = 0; i < ToldFaults::count_max; ++i)
        EXPECT_EQ(told.error_of({Remedy::retry, std::to_string(i), ""}).code(), std::to_string(i));
    EXPECT_TRUE(told.error_of({Remedy::retry, "one more", ""}).is(faults::strange_answer));
    EXPECT_EQ(told.error_of({Remedy::retry, "0", ""}).code(), "0");
}

}  // namespace
}  // namespace pitstop::flash
