#include "apps/zone/store.h"

#include "apps/zone/faults.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <format>
#include <fstream>

namespace pitstop::zone {
namespace {

struct StoreTest : testing::Test {
    std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / std::format("zone-store-{}", ::getpid());
    static constexpr std::uint64_t size_bytes_max = 1000;
    Store store = *Store::open(folder, size_bytes_max);

    void TearDown() override { std::filesystem::remove_all(folder); }

    static Bytes content(std::uint8_t seed, std::size_t size_bytes) { return Bytes(size_bytes, seed); }
    static flash::StoredBytes named(const Bytes& bytes) {
        return {crypto::sha256(bytes), static_cast<std::uint32_t>(bytes.size())};
    }
    flash::StoredBytes put(const Bytes& bytes, const std::vector<Sha256Digest>& in_use = {}) {
        const flash::StoredBytes name = named(bytes);
        const auto here = store.make_room(name, in_use);
        EXPECT_TRUE(here) << here.error().str();
        EXPECT_TRUE(store.append(name, View(bytes).subspan(*here)));
        EXPECT_TRUE(store.keep(name));
        return name;
    }
    [[nodiscard]] bool has(const flash::StoredBytes& name) const {
        return Whole::open(store.path_of(name.sha256), name.size_bytes).has_value();
    }
};

TEST_F(StoreTest, KeepsWhatHasHalfComeOverARestart) {
    const Bytes bytes = content(1, 600);
    const flash::StoredBytes name = named(bytes);
    EXPECT_EQ(store.make_room(name, {}), 0u);
    ASSERT_TRUE(store.append(name, View(bytes).first(250)));
    Store again = *Store::open(folder, size_bytes_max);
    EXPECT_EQ(again.make_room(name, {}), 250u);
    ASSERT_TRUE(again.append(name, View(bytes).subspan(250)));
    ASSERT_TRUE(again.keep(name));
    EXPECT_EQ(Store::open(folder, size_bytes_max)->make_room(name, {}), 600u) << "nothing has to be sent";
}

TEST_F(StoreTest, DropsWhatIsLongestUnusedButNothingThatIsInUse) {
    const auto oldest = put(content(1, 400));
    const auto newer = put(content(2, 400));
    std::filesystem::last_write_time(store.path_of(oldest.sha256),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
    EXPECT_EQ(store.make_room(oldest, {}), 400u) << "it is used now";
    std::filesystem::last_write_time(store.path_of(newer.sha256),
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
    const auto third = put(content(3, 400));
    EXPECT_TRUE(has(oldest));
    EXPECT_FALSE(has(newer));
    const auto fourth = put(content(4, 500), {third.sha256});
    EXPECT_TRUE(has(third));
    EXPECT_TRUE(has(fourth));
    EXPECT_FALSE(has(oldest));
    const Bytes more = content(5, 400);
    EXPECT_TRUE(store.make_room(named(more), {third.sha256, fourth.sha256}).error().is(faults::store_full));
    EXPECT_TRUE(store.make_room(named(content(6, 1001)), {}).error().is(faults::too_large));
}

TEST_F(StoreTest, ReadsAllOfAFileInStepsBeforeItIsUsed) {
    const auto name = put(content(7, 900));
    auto whole = *Whole::open(store.path_of(name.sha256), name.size_bytes);
    EXPECT_EQ(**whole.step(), name.sha256);
    std::ofstream(store.path_of(name.sha256), std::ios::binary) << std::string(900, 'x');
    auto rotten = *Whole::open(store.path_of(name.sha256), name.size_bytes);
    EXPECT_NE(**rotten.step(), name.sha256);
    EXPECT_TRUE(Whole::open(store.path_of(name.sha256), 899).error().is(faults::not_stored));
    store.drop(name);
    EXPECT_TRUE(Whole::open(store.path_of(name.sha256), 900).error().is(faults::not_stored));
}

}  // namespace
}  // namespace pitstop::zone
