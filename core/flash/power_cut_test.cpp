// The power is cut at every flash operation of an update, and again at every operation of the recovery from that.
#include "core/flash/test_ecu.h"

#include <gtest/gtest.h>
#include <cstdio>

namespace pitstop::flash {
namespace {

class PowerCut : public testing::TestWithParam<Geometry> {
protected:
    const Bytes old_image = test::image_of(1100, 1), new_image = test::image_of(1403, 2);
    const ImageRecord old_record = test::record_of(old_image, 1), new_record = test::record_of(new_image, 2);
    std::uint64_t cuts = 0;

    RamFlash flash_with_old_image() {
        RamFlash flash(GetParam());
        test::TestEcu ecu(flash);
        EXPECT_TRUE(test::update(ecu, old_image, old_record));
        return flash;
    }

    // Starts the ECU as after a power cut and says whether everything that must hold does.
    bool starts_well(RamFlash& flash, std::unique_ptr<test::TestEcu>& ecu) {
        ecu = std::make_unique<test::TestEcu>(flash);
        if (!ecu->lives()) return !flash.has_power();  // cut again while it started: that is no verdict yet
        return test::runs(*ecu, flash, old_image) || test::runs(*ecu, flash, new_image);
    }

    // Power returns until the update is through; a cut that is planned for the recovery happens on the way.
    bool recovers(RamFlash& flash, std::uint64_t cut_recovery_at, Torn torn) {
        std::unique_ptr<test::TestEcu> ecu;
        flash.power_up();
        if (cut_recovery_at > 0) flash.cut_at(cut_recovery_at, torn);
        for (int life = 0; life < 8; ++life) {
            if (!starts_well(flash, ecu)) return false;
            if (ecu->lives() && test::update(*ecu, new_image, new_record)) return test::runs(*ecu, flash, new_image);
            if (!flash.has_power()) {
                ++cuts;
                flash.power_up();
            }
        }
        return false;
    }
};

TEST_P(PowerCut, NeverLeavesTheEcuWithoutAnImageOrWithAWrongOne) {
    const RamFlash before = flash_with_old_image();
    std::uint64_t operations = 0;
    {
        RamFlash flash = before;
        test::TestEcu ecu(flash);
        const auto start = flash.operations();
        ASSERT_TRUE(test::update(ecu, new_image, new_record));
        operations = flash.operations() - start;
    }
    for (const Torn torn : {Torn::nothing, Torn::half, Torn::scattered, Torn::everything}) {
        for (std::uint64_t cut = 1; cut <= operations; ++cut) {
            RamFlash after_cut = before;
            {
                test::TestEcu ecu(after_cut);
                after_cut.cut_at(cut, torn);
                ASSERT_FALSE(test::update(ecu, new_image, new_record)) << "cut " << cut << " did not happen";
                ++cuts;
            }
            RamFlash undisturbed = after_cut;
            const auto start = undisturbed.operations();
            ASSERT_TRUE(recovers(undisturbed, 0, torn)) << "cut " << cut;
            const auto recovery_operations = undisturbed.operations() - start;
            for (std::uint64_t second = 1; second <= recovery_operations; ++second) {
                RamFlash flash = after_cut;
                ASSERT_TRUE(recovers(flash, second, torn)) << "cut " << cut << ", then " << second;
            }
        }
    }
    EXPECT_GT(operations, 15U);
    RecordProperty("power_cuts", static_cast<int>(cuts));
    std::printf("             %llu power cuts over %llu operations of an update\n",
                static_cast<unsigned long long>(cuts), static_cast<unsigned long long>(operations));
}

INSTANTIATE_TEST_SUITE_P(Geometries, PowerCut, testing::Values(test::even_geometry(), test::uneven_geometry()));

}  // namespace
}  // namespace pitstop::flash
