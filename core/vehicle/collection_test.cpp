#include "core/vehicle/collection.h"

#include "core/vehicle/faults.h"

#include <gtest/gtest.h>

namespace pitstop::vehicle {
namespace {

EcuId ecu(std::uint32_t number) { return *EcuId::from_number(number); }

const std::vector<Entry> zone{{ecu(11), {1, 2, 3}}, {ecu(12), {}, Entry::Missing{"uds.no-answer", "silent"}}};

TEST(Collection, StandsAsTheFormatSays) {
    EXPECT_EQ(to_bytes(zone), (Bytes{1,    2,    0x00, 0x11, 0,   0,   3,   1,   2,   3,  //
                                     0x00, 0x12, 1,    0,    21,  13,  'u', 'd', 's', '.', 'n', 'o', '-',
                                     'a',  'n',  's',  'w',  'e', 'r', 6,   's', 'i', 'l', 'e', 'n', 't'}));
    EXPECT_EQ(collection_from(to_bytes(zone)), zone);
    EXPECT_EQ(collection_from(to_bytes(std::span<const Entry>())), std::vector<Entry>());
}

TEST(Collection, RefusesEveryDamageToItsForm) {
    const Bytes good = to_bytes(zone);
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_TRUE(collection_from(View(good).first(size)).error().is(faults::bad_collection)) << size;
    const auto spoilt = [&](std::size_t at, std::uint8_t value) {
        Bytes bytes = good;
        bytes[at] = value;
        return collection_from(bytes);
    };
    EXPECT_TRUE(spoilt(0, 2).error().is(faults::bad_collection)) << "a version nobody knows";
    EXPECT_TRUE(spoilt(3, 0xFF).error().is(faults::bad_collection)) << "no ECU has this address";
    EXPECT_TRUE(spoilt(4, 2).error().is(faults::bad_collection)) << "neither here nor missing";
    EXPECT_TRUE(spoilt(11, 0x11).error().is(faults::bad_collection)) << "the same ECU twice";
    EXPECT_TRUE(spoilt(15, 12).error().is(faults::bad_collection)) << "bytes behind the reason";
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_TRUE(collection_from(longer).error().is(faults::bad_collection));
}

TEST(Collection, AnEcuThatSaysTooMuchIsMissingAndNotCutShort) {
    const std::vector<Entry> chatty{{ecu(1), Bytes(said_size_bytes_max + 1)}};
    EXPECT_EQ(collection_from(to_bytes(chatty))->at(0).missing->code, "vehicle.too-much");
}

TEST(Collection, HoldsIdentifiersAndReadiness) {
    const Identifiers said{{0xF189, {'1', '.', '0'}}, {0xF1A4, {}}};
    EXPECT_EQ(to_bytes(said), (Bytes{0xF1, 0x89, 0, 3, '1', '.', '0', 0xF1, 0xA4, 0, 0}));
    EXPECT_EQ(identifiers_from(to_bytes(said)), said);
    EXPECT_TRUE(identifiers_from(Bytes{0xF1, 0x89, 0, 3, '1'}).error().is(faults::bad_collection));

    EXPECT_EQ(to_bytes(EcuReadiness{1, 2}), (Bytes{1, 0, 2}));
    EXPECT_EQ(readiness_from(Bytes{0, 0xFF, 0xFF}), (EcuReadiness{0, std::nullopt}));
    EXPECT_TRUE(readiness_from(Bytes{0, 0}).error().is(faults::bad_collection));
    EXPECT_TRUE(readiness_from(Bytes{0, 0, 0, 0}).error().is(faults::bad_collection));
}

TEST(Collection, TravelsInPartsOfAnySize) {
    const Bytes whole = to_bytes(zone);
    for (std::size_t size = 1; size < 9; ++size) {
        Bytes joined;
        while (joined.size() < whole.size()) {
            const Bytes answer = part_of(PartStatus::there, whole, static_cast<std::uint32_t>(joined.size()), size);
            const auto part = part_from(answer);
            ASSERT_TRUE(part);
            EXPECT_EQ(part->total_bytes, whole.size());
            joined.insert(joined.end(), part->bytes.begin(), part->bytes.end());
        }
        EXPECT_EQ(joined, whole);
    }
    EXPECT_TRUE(part_from(part_of(PartStatus::there, whole, UINT32_MAX, 9))->bytes.empty());
    EXPECT_EQ(part_from(part_of(PartStatus::collecting, {}, 0, 9))->status, PartStatus::collecting);
    EXPECT_TRUE(part_from(Bytes{3, 0, 0, 0, 0}).error().is(faults::bad_collection));
    EXPECT_TRUE(part_from(Bytes{0, 0xFF, 0, 0, 0}).error().is(faults::bad_collection)) << "longer than there can be";
}

}  // namespace
}  // namespace pitstop::vehicle
