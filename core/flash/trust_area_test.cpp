#include "core/flash/trust_area.h"
#include "core/crypto/digest.h"
#include "core/flash/faults.h"
#include "core/flash/ram_flash.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace pitstop::flash {
namespace {

struct Plan {
    std::string_view name;
    Geometry geometry;
    std::array<SectorRange, 2> areas;
};

Geometry geometry(std::array<SectorRun, Geometry::runs_max> runs, std::uint32_t unit) {
    Geometry made;
    made.runs = runs;
    made.program_unit_bytes = unit;
    return made;
}

const std::array plans{
    Plan{"one_sector_each", geometry({SectorRun{4, 512}}, 8), {{{0, 1}, {3, 1}}}},
    Plan{"many_small_sectors", geometry({SectorRun{12, 128}}, 4), {{{1, 4}, {6, 5}}}},
    Plan{"uneven_sectors_and_wide_units", geometry({SectorRun{2, 256}, SectorRun{3, 512}}, 256), {{{0, 2}, {2, 3}}}},
    Plan{"bytes_one_by_one", geometry({SectorRun{2, 300}}, 1), {{{1, 1}, {0, 1}}}},
    Plan{"wide_units_one_large_sector", geometry({SectorRun{2, 4096}}, 64), {{{0, 1}, {1, 1}}}},
};

Bytes blob_of(std::size_t size, std::uint8_t seed) {
    Bytes blob(size);
    for (std::size_t i = 0; i < size; ++i) blob[i] = static_cast<std::uint8_t>(seed + i * 13 + i / 256);
    return blob;
}

// The ECU after its start: nothing in memory is left of the life before.
Result<std::optional<Bytes>> loaded(RamFlash& flash, const Plan& plan) {
    crypto::Sha256 hasher;
    TrustArea area(flash, plan.areas, hasher);
    Bytes room(4096);
    TRY(const auto found, area.load(room));
    if (!found) return std::nullopt;
    return Bytes(found->begin(), found->end());
}
Result<void> saved(RamFlash& flash, const Plan& plan, View blob) {
    crypto::Sha256 hasher;
    return TrustArea(flash, plan.areas, hasher).save(blob);
}
std::uint32_t capacity(const Plan& plan) {
    RamFlash flash(plan.geometry);
    crypto::Sha256 hasher;
    return TrustArea(flash, plan.areas, hasher).capacity_bytes();
}

class TrustAreas : public testing::TestWithParam<Plan> {};

TEST_P(TrustAreas, GiveWhatWasSavedLast) {
    RamFlash flash(GetParam().geometry);
    EXPECT_EQ(*loaded(flash, GetParam()), std::nullopt);
    for (std::uint8_t i = 0; i < 5; ++i) {
        const Bytes blob = blob_of(100 + i * 7U, i);
        ASSERT_TRUE(saved(flash, GetParam(), blob));
        EXPECT_EQ(*loaded(flash, GetParam()), blob);
    }
    const Bytes largest = blob_of(capacity(GetParam()), 9);
    ASSERT_TRUE(saved(flash, GetParam(), largest));
    EXPECT_EQ(*loaded(flash, GetParam()), largest);
    ASSERT_TRUE(saved(flash, GetParam(), View{}));
    EXPECT_EQ(*loaded(flash, GetParam()), Bytes{});
}

TEST_P(TrustAreas, HoldTheOldOrTheNewAtEveryPowerCut) {
    const Plan& plan = GetParam();
    const Bytes oldest = blob_of(90, 1), old_blob = blob_of(capacity(plan), 2),
                new_blob = blob_of(capacity(plan) - 1, 3);
    RamFlash before(plan.geometry);
    ASSERT_TRUE(saved(before, plan, oldest));
    ASSERT_TRUE(saved(before, plan, old_blob));
    RamFlash undisturbed = before;
    const auto start = undisturbed.operations();
    ASSERT_TRUE(saved(undisturbed, plan, new_blob));
    const auto operations = undisturbed.operations() - start;
    std::uint64_t cuts = 0, kept_new = 0;
    for (const Torn torn : {Torn::nothing, Torn::half, Torn::scattered, Torn::everything}) {
        for (std::uint64_t first = 1; first <= operations; ++first) {
            RamFlash cut_once = before;
            cut_once.cut_at(first, torn);
            ASSERT_TRUE(saved(cut_once, plan, new_blob).error().is(faults::power_lost));
            cut_once.power_up();
            const auto survived = *loaded(cut_once, plan);
            ASSERT_TRUE(survived == old_blob || survived == new_blob) << "cut " << first;
            kept_new += survived == new_blob ? 1 : 0;
            // The next save is cut again, wherever: what had survived, or its successor.
            const Bytes next = blob_of(120, 4);
            for (std::uint64_t second = 1; second <= operations; ++second) {
                RamFlash flash = cut_once;
                flash.cut_at(second, torn);
                const auto result = saved(flash, plan, next);
                flash.power_up();
                const auto found = *loaded(flash, plan);
                ASSERT_TRUE(found == next || (!result && found == survived)) << "cut " << first << ", then " << second;
                ASSERT_TRUE(saved(flash, plan, old_blob));
                ASSERT_EQ(*loaded(flash, plan), old_blob);
                ++cuts;
            }
        }
    }
    EXPECT_GE(kept_new, 1U);
    std::printf("             %llu pairs of power cuts over %llu operations of a save\n",
                static_cast<unsigned long long>(cuts), static_cast<unsigned long long>(operations));
}

TEST_P(TrustAreas, OfANewEcuHoldNothingOrTheFirstAtEveryPowerCut) {
    const Plan& plan = GetParam();
    const Bytes first = blob_of(200, 5);
    for (const Torn torn : {Torn::nothing, Torn::half, Torn::scattered, Torn::everything}) {
        for (std::uint64_t cut = 1;; ++cut) {
            RamFlash flash(plan.geometry);
            flash.cut_at(cut, torn);
            const bool through = saved(flash, plan, first).has_value();
            flash.power_up();
            const auto found = *loaded(flash, plan);
            ASSERT_TRUE(found == first || (!through && !found)) << "cut " << cut;
            ASSERT_TRUE(saved(flash, plan, first));
            if (through) break;
        }
    }
}

TEST_P(TrustAreas, PassOverADamagedBlob) {
    const Plan& plan = GetParam();
    const Bytes old_blob = blob_of(150, 6), new_blob = blob_of(160, 7);
    RamFlash whole(plan.geometry);
    ASSERT_TRUE(saved(whole, plan, old_blob));
    const Bytes with_old(whole.cells().begin(), whole.cells().end());
    ASSERT_TRUE(saved(whole, plan, new_blob));
    for (std::size_t i = 0; i < whole.cells().size(); ++i) {
        RamFlash flash = whole;
        flash.cells()[i] ^= 0x20;
        const auto found = *loaded(flash, plan);
        if (whole.cells()[i] != with_old[i]) {
            EXPECT_TRUE(found == old_blob || found == new_blob) << i;  // 0xFF between header and blob says nothing
        } else {
            EXPECT_EQ(found, new_blob) << i;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Flashes, TrustAreas, testing::ValuesIn(plans),
                         [](const auto& plan) { return std::string(plan.param.name); });

// Writes a header of our choice behind the room's back.
void forge(RamFlash& flash, std::uint32_t offset, std::uint32_t sequence, View blob) {
    Bytes digested(12);
    store_be(digested.data(), std::uint32_t{0x50544131});
    store_be(digested.data() + 4, sequence);
    store_be(digested.data() + 8, static_cast<std::uint32_t>(blob.size()));
    crypto::Sha256 hasher;
    hasher.update(digested);
    hasher.update(blob);
    const Sha256Digest digest = hasher.finish();
    std::ranges::copy(digested, flash.cells().begin() + offset);
    std::ranges::copy(digest, flash.cells().begin() + offset + 12);
    std::ranges::copy(blob, flash.cells().begin() + offset + 48);
}

TEST(TrustArea, CountsAround) {
    const Plan& plan = plans[0];
    RamFlash flash(plan.geometry);
    forge(flash, 0, 0xFFFFFFFF, blob_of(60, 1));
    forge(flash, 3 * 512, 0xFFFFFFFE, blob_of(60, 2));
    EXPECT_EQ(*loaded(flash, plan), blob_of(60, 1));
    for (std::uint8_t i = 3; i < 7; ++i) {
        ASSERT_TRUE(saved(flash, plan, blob_of(60, i)));
        EXPECT_EQ(*loaded(flash, plan), blob_of(60, i));
    }
}

TEST(TrustArea, BelievesNoSizeBeyondTheArea) {
    RamFlash flash(plans[0].geometry);
    const Bytes room(capacity(plans[0]) + 1, 0x55);
    forge(flash, 0, 1, room);
    EXPECT_EQ(*loaded(flash, plans[0]), std::nullopt);
}

TEST(TrustArea, RefusesWhatDoesNotFit) {
    const Plan& plan = plans[0];
    RamFlash flash(plan.geometry);
    EXPECT_EQ(capacity(plan), 512U - 48U);
    EXPECT_TRUE(saved(flash, plan, Bytes(capacity(plan) + 1)).error().is(faults::too_large));
    EXPECT_EQ(flash.operations(), 0U);
    ASSERT_TRUE(saved(flash, plan, Bytes(100)));
    crypto::Sha256 hasher;
    Bytes room(99);
    EXPECT_TRUE(TrustArea(flash, plan.areas, hasher).load(room).error().is(faults::too_large));
}

TEST(TrustArea, RefusesAreasThatCannotBe) {
    RamFlash flash(geometry({SectorRun{4, 512}}, 8));
    crypto::Sha256 hasher;
    const auto check = [&](SectorRange a, SectorRange b) {
        const auto checked = TrustArea(flash, {a, b}, hasher).check();
        return checked || !checked.error().is(faults::bad_geometry);
    };
    EXPECT_TRUE(check({0, 2}, {2, 2}));
    EXPECT_TRUE(check({2, 2}, {0, 2}));
    EXPECT_FALSE(check({0, 2}, {1, 2}));
    EXPECT_FALSE(check({0, 1}, {0, 1}));
    EXPECT_FALSE(check({0, 1}, {4, 1}));
    EXPECT_FALSE(check({0, 1}, {3, 2}));
    EXPECT_FALSE(check({0, 1}, {1, 0xFFFFFFFF}));
    EXPECT_FALSE(check({0, 0}, {1, 1}));
    RamFlash tiny(geometry({SectorRun{2, 64}}, 64));
    EXPECT_TRUE(TrustArea(tiny, {{{0, 1}, {1, 1}}}, hasher).check().error().is(faults::bad_geometry));
}

// Says that all went well, and has a bit that no longer comes up.
class WornFlash final : public FlashDevice {
public:
    explicit WornFlash(const Geometry& geometry) : flash_(geometry) {}
    [[nodiscard]] const Geometry& geometry() const override { return flash_.geometry(); }
    [[nodiscard]] Result<void> erase(std::uint32_t sector) override { return flash_.erase(sector); }
    [[nodiscard]] Result<void> program(std::uint32_t offset, View bytes) override {
        ENSURE(flash_.program(offset, bytes));
        flash_.cells()[3 * 512 + 60] &= 0xFE;
        return {};
    }
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override { return flash_.read(offset, into); }

private:
    RamFlash flash_;
};

TEST(TrustArea, ReadsBackWhatItWrote) {
    WornFlash flash(plans[0].geometry);
    crypto::Sha256 hasher;
    TrustArea area(flash, plans[0].areas, hasher);
    Bytes room(100);
    const Bytes ones(50, 0xFF);
    ASSERT_TRUE(area.save(ones));
    EXPECT_TRUE(area.save(Bytes(50, 0x01)).error().is(faults::device_failed));
    EXPECT_TRUE(std::ranges::equal(**area.load(room), ones));
}

TEST(TrustArea, KeepsTheOldBlobWhenASectorFails) {
    const Plan& plan = plans[0];
    RamFlash flash(plan.geometry);
    ASSERT_TRUE(saved(flash, plan, blob_of(50, 1)));
    flash.fail_sector(3);
    EXPECT_TRUE(saved(flash, plan, blob_of(50, 2)).error().is(faults::device_failed));
    EXPECT_EQ(*loaded(flash, plan), blob_of(50, 1));
}

}  // namespace
}  // namespace pitstop::flash
