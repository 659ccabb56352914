#include "io/store/diagnostics.h"

#include <gtest/gtest.h>
#include <cstdlib>
#include <filesystem>

namespace pitstop::io::store {
namespace {

namespace fs = std::filesystem;

const Vin car = *Vin::parse("VIN00001"), other = *Vin::parse("VIN00002");
const EcuId brake = *EcuId::parse("ECU_011"), radio = *EcuId::parse("ECU_012");

class DiagnosticsTest : public testing::Test {
protected:
    DiagnosticsTest() {
        std::string pattern = (fs::temp_directory_path() / "pitstop-diagnostics-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        database_ = *Database::open({.file = folder_ / "pitstop.db"});
        jobs_.emplace(*database_);
    }
    ~DiagnosticsTest() override {
        database_.reset();
        fs::remove_all(folder_);
    }
    static DiagnosticJobRow job(std::uint64_t sequence, const Vin& vin = car) {
        DiagnosticJobRow row{.vin = vin, .id = vin.str() + std::to_string(sequence), .sequence = sequence};
        row.expires = UtcTime{100};
        row.state = "waiting";
        row.wish = "{}";
        return row;
    }

    fs::path folder_;
    std::unique_ptr<Database> database_;
    std::optional<Diagnostics> jobs_;
};

TEST_F(DiagnosticsTest, AJobIsFoundAsItWasStoredAndChanges) {
    ASSERT_TRUE(jobs_->put(job(1)));
    auto row = *jobs_->find("VIN000011");
    ASSERT_TRUE(row);
    EXPECT_EQ(row->vin, car);
    EXPECT_EQ(row->expires, UtcTime{100});
    EXPECT_FALSE(row->ended);
    row->state = "passed";
    row->ended = UtcTime{50};
    ASSERT_TRUE(jobs_->put(*row));
    EXPECT_EQ((*jobs_->find("VIN000011"))->state, "passed");
    EXPECT_EQ((*jobs_->find("VIN000011"))->ended, UtcTime{50});
    EXPECT_FALSE(*jobs_->find("nobody's"));
}

TEST_F(DiagnosticsTest, ThoseThatHaveNotEndedAreFoundByVehicle) {
    ASSERT_TRUE(jobs_->put(job(2)));
    ASSERT_TRUE(jobs_->put(job(1)));
    auto ended = job(1, other);
    ended.ended = UtcTime{9};
    ASSERT_TRUE(jobs_->put(ended));
    ASSERT_EQ(jobs_->open_of(car)->size(), 2u);
    EXPECT_EQ(jobs_->open_of(car)->front().sequence, 1u) << "the oldest first";
    EXPECT_EQ(*jobs_->vehicles_with_open(), std::vector{car});
    EXPECT_EQ(*jobs_->last_sequence(car), 2u);
    EXPECT_EQ(*jobs_->last_sequence(*Vin::parse("VIN00009")), 0u);
    EXPECT_EQ(jobs_->of_vehicle(car, 2, 10)->size(), 1u) << "below the cursor";
}

TEST_F(DiagnosticsTest, AnAnswerIsKeptOnce) {
    ASSERT_TRUE(jobs_->add_result("a", 1, brake, "second step"));
    ASSERT_TRUE(jobs_->add_result("a", 0, radio, "radio"));
    ASSERT_TRUE(jobs_->add_result("a", 0, brake, "brake"));
    ASSERT_TRUE(jobs_->add_result("a", 0, brake, "brake again"));
    EXPECT_EQ(*jobs_->results_of("a"), (std::vector<std::string>{"brake", "radio", "second step"}));
    EXPECT_TRUE(jobs_->results_of("b")->empty());
}

TEST_F(DiagnosticsTest, OldOnesAreForgottenWithTheirAnswersOpenOnesNever) {
    ASSERT_TRUE(jobs_->put(job(1)));
    ASSERT_TRUE(jobs_->add_result("VIN000012", 0, brake, "an answer"));
    for (std::uint64_t i = 2; i < Diagnostics::jobs_kept_per_vehicle + 5; ++i) {
        auto row = job(i);
        row.ended = UtcTime{1};
        ASSERT_TRUE(jobs_->put(row));
    }
    EXPECT_TRUE(*jobs_->find("VIN000011")) << "it waits";
    EXPECT_FALSE(*jobs_->find("VIN000012"));
    EXPECT_TRUE(jobs_->results_of("VIN000012")->empty());
    EXPECT_TRUE(*jobs_->find("VIN00001200"));
}

}  // namespace
}  // namespace pitstop::io::store
