#include "io/store/deltas.h"

#include "io/store/faults.h"

#include <gtest/gtest.h>
#include <soci/soci.h>
#include <array>
#include <cstdlib>

namespace pitstop::io::store {
namespace {

namespace fs = std::filesystem;

Sha256Digest digest(std::uint8_t fill) {
    Sha256Digest result;
    result.fill(fill);
    return result;
}

class DeltasTest : public testing::Test {
protected:
    DeltasTest() {
        std::string pattern = (fs::temp_directory_path() / "pitstop-deltas-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        open();
    }
    ~DeltasTest() override {
        database_.reset();
        fs::remove_all(folder_);
    }
    void open() {
        database_.reset();
        auto opened = Database::open({.file = folder_ / "pitstop.db"});
        ASSERT_TRUE(opened) << opened.error().str();
        database_ = *std::move(opened);
        deltas_.emplace(*database_);
    }
    DeltaRow made(std::uint8_t base) const {
        return {
            {digest(base), digest(9), 4096, 4096}, DeltaState::made, digest(7), 1000, 50'000, 12, "", "", now_, now_};
    }

    const Vin vin_ = *Vin::parse("VIN00001"), other_ = *Vin::parse("VIN00002");
    const EcuId brake_ = *EcuId::parse("ECU_011"), radio_ = *EcuId::parse("ECU_012");
    const UtcTime now_{1'800'000'000};
    fs::path folder_;
    std::unique_ptr<Database> database_;
    std::optional<Deltas> deltas_;
};

TEST_F(DeltasTest, KeepOneForEachPairAndItsOptions) {
    ASSERT_TRUE(deltas_->put(made(1)));
    DeltaRow smaller_window = made(1);
    smaller_window.key.window_bytes = 1024;
    smaller_window.state = DeltaState::failed;
    smaller_window.code = "delta.too-large";
    smaller_window.detail = "of all things";
    ASSERT_TRUE(deltas_->put(smaller_window));
    open();
    const auto found = *deltas_->find(made(1).key);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->state, DeltaState::made);
    EXPECT_EQ(found->payload, digest(7));
    EXPECT_EQ(found->size_bytes, 1000U);
    EXPECT_EQ(found->image_size_bytes, 50'000U);
    EXPECT_EQ(found->made_in_ms, 12U);
    const auto other = *deltas_->find(smaller_window.key);
    EXPECT_EQ(other->code, "delta.too-large");
    EXPECT_EQ(other->detail, "of all things");
    EXPECT_EQ(other->state, DeltaState::failed);
    EXPECT_EQ(deltas_->making(digest(9))->size(), 2U);
    EXPECT_TRUE(deltas_->making(digest(8))->empty());
    ASSERT_TRUE(deltas_->forget(made(1).key));
    EXPECT_FALSE(*deltas_->find(made(1).key));
}

TEST_F(DeltasTest, KnowWhichWasNotUsedForLongest) {
    for (const std::uint8_t base : std::array<std::uint8_t, 3>{3, 1, 2}) ASSERT_TRUE(deltas_->put(made(base)));
    DeltaRow failed = made(4);
    failed.state = DeltaState::not_worth_it;
    ASSERT_TRUE(deltas_->put(failed));
    ASSERT_TRUE(deltas_->note_use(made(1).key, now_ + std::chrono::seconds(9)));
    const auto rows = *deltas_->least_used();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].key.base, digest(2));
    EXPECT_EQ(rows[2].key.base, digest(1));
    EXPECT_EQ(rows[2].used, now_ + std::chrono::seconds(9));
}

TEST_F(DeltasTest, RememberWhoRefusedWhat) {
    EXPECT_FALSE(*deltas_->was_refused(vin_, brake_, digest(9)));
    const RefusedDeliveryRow row{vin_, brake_, digest(9), now_, "delta.other-base", "another image runs"};
    ASSERT_TRUE(deltas_->put_refused(row));
    ASSERT_TRUE(deltas_->put_refused(row)) << "said twice";
    open();
    EXPECT_TRUE(*deltas_->was_refused(vin_, brake_, digest(9)));
    EXPECT_FALSE(*deltas_->was_refused(vin_, brake_, digest(8))) << "the next image may come as a delta again";
    EXPECT_FALSE(*deltas_->was_refused(vin_, radio_, digest(9)));
    EXPECT_FALSE(*deltas_->was_refused(other_, brake_, digest(9)));
    EXPECT_EQ(*deltas_->refusals_of(digest(9)), 1U);
}

TEST_F(DeltasTest, NoticeARowThatNobodyWrote) {
    ASSERT_TRUE(deltas_->put(made(1)));
    database_->sql() << "UPDATE deltas SET state = 'perhaps'";
    EXPECT_TRUE(deltas_->find(made(1).key).error().is(faults::bad_row));
    database_->sql() << "UPDATE deltas SET state = 'made', payload = 'zz'";
    EXPECT_TRUE(deltas_->making(digest(9)).error().is(faults::bad_row));
}

}  // namespace
}  // namespace pitstop::io::store
