#include "core/flash/device.h"

#include "core/flash/faults.h"
#include "core/flash/layout.h"
#include "core/flash/ram_flash.h"
#include "core/flash/test_ecu.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

const Bytes zeros(8, 0x00);

TEST(FlashRules, RefuseAProgramThatWouldSetABit) {
    RamFlash flash(test::even_geometry());
    ASSERT_TRUE(flash.program(0, zeros));
    const auto again = flash.program(0, Bytes(8, 0x01));
    ASSERT_FALSE(again);
    EXPECT_TRUE(again.error().is(faults::sets_a_bit));
    ASSERT_TRUE(flash.erase(0));
    EXPECT_TRUE(flash.program(0, Bytes(8, 0x01)));
}

TEST(FlashRules, LetAProgramClearMoreBits) {
    RamFlash flash(test::even_geometry());
    ASSERT_TRUE(flash.program(8, Bytes(8, 0xF0)));
    ASSERT_TRUE(flash.program(8, Bytes(8, 0x30)));
    EXPECT_EQ(flash.cells()[8], 0x30);
}

TEST(FlashRules, RefuseWhatIsNotAligned) {
    RamFlash flash(test::even_geometry());
    for (const auto& refused : {flash.program(4, zeros), flash.program(0, View(zeros).first(7))}) {
        ASSERT_FALSE(refused);
        EXPECT_TRUE(refused.error().is(faults::bad_address));
    }
}

TEST(FlashRules, RefuseWhatLiesOutside) {
    RamFlash flash(test::even_geometry());
    const std::uint32_t size = flash.geometry().size_bytes();
    Bytes room(16);
    for (const auto& refused : {flash.program(size, zeros), flash.program(0xFFFFFFF8, zeros), flash.erase(12),
                                flash.read(size - 8, room), flash.read(0xFFFFFFFF, room)}) {
        ASSERT_FALSE(refused);
        EXPECT_TRUE(refused.error().is(faults::bad_address));
    }
}

TEST(FlashRules, EraseOneSectorOnly) {
    RamFlash flash(test::uneven_geometry());
    std::ranges::fill(flash.cells(), std::uint8_t{0});
    ASSERT_TRUE(flash.erase(4));
    const Sector erased = flash.geometry().sector(4);
    EXPECT_EQ(erased.offset, 1024U);
    EXPECT_EQ(erased.size_bytes, 1024U);
    for (std::uint32_t i = 0; i < flash.geometry().size_bytes(); ++i)
        ASSERT_EQ(flash.cells()[i], i >= 1024 && i < 2048 ? 0xFF : 0x00) << i;
}

TEST(RamFlash, SaysNothingMoreAfterThePowerFailed) {
    RamFlash flash(test::even_geometry());
    flash.cut_at(2, Torn::half);
    ASSERT_TRUE(flash.program(0, zeros));
    const auto cut = flash.program(8, zeros);
    ASSERT_FALSE(cut);
    EXPECT_TRUE(cut.error().is(faults::power_lost));
    EXPECT_TRUE(flash.erase(0).error().is(faults::power_lost));
    EXPECT_TRUE(flash.read(0, flash.cells().first(1)).error().is(faults::power_lost));
    flash.power_up();
    EXPECT_EQ(flash.cells()[11], 0x00);  // the first half arrived
    EXPECT_EQ(flash.cells()[12], 0xFF);
    EXPECT_TRUE(flash.erase(0));
}

TEST(RamFlash, CanWearOut) {
    RamFlash flash(test::even_geometry());
    flash.fail_sector(1);
    EXPECT_TRUE(flash.erase(0));
    EXPECT_TRUE(flash.erase(1).error().is(faults::device_failed));
    EXPECT_TRUE(flash.program(512, zeros).error().is(faults::device_failed));
}

TEST(Layout, RefusesAFlashThatCannotHoldTwoBanks) {
    Geometry five_sectors = test::even_geometry();
    five_sectors.runs = {SectorRun{5, 512}};
    Geometry tiny_records = test::even_geometry();
    tiny_records.runs = {SectorRun{8, 128}};
    Geometry odd_unit = test::even_geometry();
    odd_unit.program_unit_bytes = 12;
    Geometry ragged = test::even_geometry();
    ragged.runs = {SectorRun{8, 1001}};
    Geometry huge = test::even_geometry();
    huge.runs = {SectorRun{0xFFFFFFFF, 0x10000000}};
    for (const Geometry& wrong : {five_sectors, tiny_records, odd_unit, ragged, huge, Geometry{}}) {
        const auto layout = plan_layout(wrong);
        ASSERT_FALSE(layout);
        EXPECT_TRUE(layout.error().is(faults::bad_geometry));
    }
}

TEST(Layout, GivesBothBanksAsMuchAsTheSectorsAllow) {
    const auto even = plan_layout(test::even_geometry());
    ASSERT_TRUE(even);
    EXPECT_EQ(even->image_size_bytes_max(), 4U * 512);
    const auto uneven = plan_layout(test::uneven_geometry());
    ASSERT_TRUE(uneven);
    EXPECT_EQ(uneven->bank(Bank::a).size_bytes, 1024U + 2048);
    EXPECT_EQ(uneven->bank(Bank::b).offset, uneven->bank(Bank::a).offset + uneven->bank(Bank::a).size_bytes);
    EXPECT_EQ(uneven->bank(Bank::b).size_bytes, 2U * 2048);
}

}  // namespace
}  // namespace pitstop::flash
