#include "core/delta/in_place.h"

#include "core/delta/faults.h"
#include "core/delta/test_images.h"

#include <gtest/gtest.h>
#include <climits>
#include <utility>

namespace pitstop::delta {
namespace {

constexpr Fault power_cut{"test.power-cut", Remedy::retry, "The power failed.", "Switch it on again."};

// Flash in memory whose power fails at one operation, which then is half done.
class CutFlash final : public Bank {
public:
    CutFlash(std::uint32_t size, std::uint32_t sector, std::uint32_t unit, int& operations_left)
        : cells_(size, 0xA5),
          sector_(sector),
          unit_(unit),
          left_(operations_left) {}

    [[nodiscard]] std::uint32_t size_bytes() const override { return static_cast<std::uint32_t>(cells_.size()); }
    [[nodiscard]] std::uint32_t sector_bytes() const override { return sector_; }
    [[nodiscard]] std::uint32_t program_unit_bytes() const override { return unit_; }
    [[nodiscard]] Result<void> erase(std::uint32_t at) override {
        EXPECT_EQ(at % sector_, 0U);
        const bool is_cut = left_-- <= 0;
        ++touched_.erases;
        std::fill_n(cells_.begin() + at, is_cut ? sector_ / 2 : sector_, std::uint8_t{0xFF});
        return is_cut ? fail(power_cut) : Result<void>{};
    }
    [[nodiscard]] Result<void> program(std::uint32_t at, View units) override {
        EXPECT_TRUE(at % unit_ == 0 && units.size() % unit_ == 0);
        const bool is_cut = left_-- <= 0;
        touched_.bytes += units.size();
        const std::size_t done = is_cut ? units.size() / 2 : units.size();
        for (std::size_t i = 0; i < done; ++i) {
            EXPECT_EQ(cells_[at + i] & units[i], units[i]) << "programming only clears bits";
            cells_[at + i] &= units[i];
        }
        return is_cut ? fail(power_cut) : Result<void>{};
    }
    [[nodiscard]] Result<void> read(std::uint32_t at, Room into) override {
        EXPECT_LE(at + into.size(), cells_.size());
        touched_.bytes += into.size();
        std::ranges::copy(View(cells_).subspan(at, into.size()), into.begin());
        return {};
    }
    void put(View image) { std::ranges::copy(image, cells_.begin()); }
    [[nodiscard]] View holds(std::size_t size) const { return View(cells_).first(size); }

    struct Touched {
        int erases = 0;
        std::size_t bytes = 0;  // read or programmed
    };
    [[nodiscard]] Touched touched() { return std::exchange(touched_, {}); }  // since the last call

private:
    Touched touched_;
    Bytes cells_;
    std::uint32_t sector_, unit_;
    int& left_;
};

struct Ecu {
    Ecu(std::uint32_t size, std::uint32_t sector, std::uint32_t unit)
        : bank(size, sector, unit, operations_left),
          journal(2 * sector, sector, unit, operations_left) {}

    // One try from power-on; the delta comes from where the ECU asks for it.
    Result<void> update(View delta) {
        InPlace update(bank, journal, room, hasher);
        TRY(const Progress from, update.resume());
        const std::uint32_t opening = from.delta_offset == 0 ? 0 : decode_header(delta)->opening_size_bytes;
        ENSURE(update.push(delta.first(opening)));
        for (View left = delta.subspan(from.delta_offset); !left.empty();
             left = left.subspan(std::min<std::size_t>(97, left.size())))
            ENSURE(update.push(left.first(std::min<std::size_t>(97, left.size()))));
        return update.finish();
    }

    // The same in single steps; the power goes off after so many. How many there were.
    Result<int> update_in_steps(View delta, int steps_max) {
        int steps = 0;
        InPlace update(bank, journal, room, hasher);
        TRY(const Progress from, update.resume());
        const std::uint32_t opening = from.delta_offset == 0 ? 0 : decode_header(delta)->opening_size_bytes;
        for (const View part : {delta.first(opening), delta.subspan(from.delta_offset)}) {
            for (View left = part; !left.empty() || update.is_holding(); ++steps) {
                if (steps == steps_max) return fail(power_cut);
                static_cast<void>(bank.touched());
                if (update.is_holding()) {
                    ENSURE(update.step());
                } else {
                    ENSURE(update.push(left.first(1)));
                    left = left.subspan(1);
                }
                const CutFlash::Touched touched = bank.touched();
                EXPECT_LE(touched.erases, 1);
                EXPECT_LE(touched.bytes, 3 * InPlace::step_bytes);
            }
        }
        ENSURE(update.finish());
        EXPECT_EQ(bank.touched().bytes, 0U);
        return steps;
    }

    int operations_left = 1 << 30;
    CutFlash bank, journal;
    Bytes room = Bytes(256 * 1024);
    crypto::Sha256 hasher;
};

struct Case {
    std::uint32_t sector, unit;
    Bytes old_image, new_image;
    Bytes delta;
    std::uint32_t bank_bytes;
};

Case a_case(std::uint32_t sector, std::uint32_t unit, std::uint64_t seed) {
    Case made{.sector = sector,
              .unit = unit,
              .old_image = test::noise(10'000, seed),
              .new_image = {},
              .delta = {},
              .bank_bytes = 28'672};
    made.new_image = test::edited(made.old_image, seed + 1, 5);
    const auto delta =
        make(made.old_image, made.new_image,
             {.mode = Mode::in_place, .window_bytes = 1024, .sector_bytes = sector, .bank_bytes = made.bank_bytes});
    EXPECT_TRUE(delta) << delta.error().str();
    made.delta = *delta;
    return made;
}

TEST(InPlace, PutsTheNewImageWhereTheOldOneWas) {
    const Case one = a_case(1024, 8, 1);
    EXPECT_LT(one.delta.size(), one.new_image.size() / 3);
    Ecu ecu(one.bank_bytes, one.sector, one.unit);
    ecu.bank.put(one.old_image);
    const auto done = ecu.update(one.delta);
    ASSERT_TRUE(done) << done.error().str();
    EXPECT_TRUE(std::ranges::equal(ecu.bank.holds(one.new_image.size()), one.new_image));
    EXPECT_TRUE(ecu.update(one.delta)) << "told again, it has nothing left to do";
}

TEST(InPlace, SurvivesAPowerCutAtEveryOperationAndASecondOneWhileItRecovers) {
    for (const auto& [sector, unit] : {std::pair{1024U, 256U}, {2048U, 128U}, {4096U, 256U}}) {
        const Case one = a_case(sector, unit, sector);
        int cuts = 0;
        for (int cut = 0;; ++cut) {
            Ecu ecu(one.bank_bytes, sector, unit);
            ecu.bank.put(one.old_image);
            ecu.operations_left = cut;
            const auto first = ecu.update(one.delta);
            if (first) break;
            ASSERT_TRUE(first.error().is(power_cut)) << first.error().str();
            ecu.operations_left = cut % 13;
            (void)ecu.update(one.delta);
            ecu.operations_left = 1 << 30;
            const auto last = ecu.update(one.delta);
            ASSERT_TRUE(last) << "cut at " << cut << ": " << last.error().str();
            ASSERT_TRUE(std::ranges::equal(ecu.bank.holds(one.new_image.size()), one.new_image)) << "cut at " << cut;
            ++cuts;
        }
        EXPECT_GT(cuts, 60);
    }
}

TEST(InPlace, ErasesOneSectorInAStepAtMostAlsoWhereOneByteOfTheDeltaMakesMany) {
    for (const auto& [sector, unit] : {std::pair{1024U, 8U}, {4096U, 256U}, {16'384U, 64U}}) {
        const Bytes old_image = test::noise(30'000, sector);
        Bytes new_image = test::edited(old_image, sector + 1, 5);
        new_image.insert(new_image.begin() + 10'001, 40'000, std::uint8_t{0xFF});
        const auto delta =
            make(old_image, new_image, {.mode = Mode::in_place, .sector_bytes = sector, .bank_bytes = 131'072});
        ASSERT_TRUE(delta) << delta.error().str();
        Ecu ecu(131'072, sector, unit);
        ecu.bank.put(old_image);
        const auto steps = ecu.update_in_steps(*delta, INT_MAX);
        ASSERT_TRUE(steps) << steps.error().str();
        EXPECT_TRUE(std::ranges::equal(ecu.bank.holds(new_image.size()), new_image));
    }
}

TEST(InPlace, GoesOnInStepsAfterAnyOfThem) {
    const Case one = a_case(1024, 128, 9);
    Ecu whole(one.bank_bytes, one.sector, one.unit);
    whole.bank.put(one.old_image);
    const int steps = *whole.update_in_steps(one.delta, INT_MAX);
    for (int cut = 1; cut < steps; cut += 11) {
        Ecu ecu(one.bank_bytes, one.sector, one.unit);
        ecu.bank.put(one.old_image);
        ASSERT_TRUE(ecu.update_in_steps(one.delta, cut).error().is(power_cut));
        const auto last = ecu.update_in_steps(one.delta, INT_MAX);
        ASSERT_TRUE(last) << "after step " << cut << ": " << last.error().str();
        ASSERT_TRUE(std::ranges::equal(ecu.bank.holds(one.new_image.size()), one.new_image)) << "after step " << cut;
    }
}

TEST(InPlace, WorksWhereTheOldImageCannotMove) {
    const Bytes old_image = test::noise(65'536, 7), new_image = test::edited(old_image, 8, 6);
    const auto delta = make(old_image, new_image, {.mode = Mode::in_place, .sector_bytes = 4096, .bank_bytes = 69'632});
    ASSERT_TRUE(delta) << delta.error().str();
    Ecu ecu(69'632, 4096, 8);
    ecu.bank.put(old_image);
    ASSERT_TRUE(ecu.update(*delta));
    EXPECT_TRUE(std::ranges::equal(ecu.bank.holds(new_image.size()), new_image));
}

TEST(InPlace, RefusesABankThatIsTooSmall) {
    const Case one = a_case(1024, 8, 3);
    Ecu ecu(10 * 1024, 1024, 8);
    ecu.bank.put(one.old_image);
    EXPECT_TRUE(ecu.update(one.delta).error().is(faults::bank_too_small));
    const auto none = make(one.old_image, one.new_image, {.mode = Mode::in_place, .bank_bytes = 9'000});
    EXPECT_TRUE(none.error().is(faults::bank_too_small));
}

TEST(InPlace, RefusesAnotherDeltaWhileOneIsHalfDone) {
    const Case one = a_case(1024, 8, 4), other = a_case(1024, 8, 5);
    Ecu ecu(one.bank_bytes, 1024, 8);
    ecu.bank.put(one.old_image);
    ecu.operations_left = 500;
    ASSERT_TRUE(ecu.update(one.delta).error().is(power_cut));
    ecu.operations_left = 1 << 30;
    EXPECT_TRUE(ecu.update(other.delta).error().is(faults::half_done));
    EXPECT_TRUE(ecu.update(one.delta));
}

TEST(InPlace, TouchesNothingWhenTheBankHoldsAnotherImage) {
    const Case one = a_case(1024, 8, 6);
    Ecu ecu(one.bank_bytes, 1024, 8);
    const Bytes another = test::noise(one.old_image.size(), 99);
    ecu.bank.put(another);
    EXPECT_TRUE(ecu.update(one.delta).error().is(faults::other_base));
    EXPECT_TRUE(std::ranges::equal(ecu.bank.holds(another.size()), another));
}

TEST(InPlace, RefusesADeltaForTwoBanks) {
    const Bytes old_image = test::noise(5000, 1), new_image = test::edited(old_image, 2, 3);
    Ecu ecu(262'144, 4096, 8);
    ecu.bank.put(old_image);
    EXPECT_TRUE(ecu.update(*make(old_image, new_image)).error().is(faults::wrong_mode));
}

}  // namespace
}  // namespace pitstop::delta
