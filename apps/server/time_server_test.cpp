#include "apps/server/time_server.h"

#include "apps/server/cloud_on_the_desk.h"
#include "apps/server/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/fleet_on_the_desk.h"
#include "io/keys/key_file.h"

#include <chrono>
#include <thread>

namespace pitstop::server {
namespace {

namespace fleet = uptane::desk;
using uptane::Nonce;

std::vector<crypto::SoftwareSigner> keys() {
    std::vector<crypto::SoftwareSigner> copies;
    copies.push_back(desk::copy_of(fleet::time_keys().classical));
    copies.push_back(desk::copy_of(fleet::time_keys().post_quantum));
    return copies;
}

class Time : public testing::Test {
protected:
    struct Asked {
        std::vector<Nonce> nonces;
        std::optional<Result<std::string>> file;
    };
    // All of them ask before anything was signed.
    void ask(TimeServer& server, std::vector<Asked>& all) {
        std::size_t open = all.size();
        for (auto& one : all)
            loop_.spawn("ask", [](TimeServer& of, Asked& mine, std::size_t& left, io::Loop& loop) -> io::Task<void> {
                mine.file = co_await of.attest(mine.nonces);
                if (--left == 0) loop.stop();
                co_return Result<void>{};
            }(server, one, open, loop_));
        loop_.run();
    }
    static std::vector<Asked> several(std::size_t count) {
        std::vector<Asked> all(count);
        for (std::size_t i = 0; i < count; ++i)
            all[i].nonces = {Nonce{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}};
        return all;
    }

    io::metrics::Registry registry_;
    io::Loop loop_;
    io::Pool pool_{1};
};

TEST(TimeKeys, AreRefusedWhereTheDirectorsRootDoesNotNameThem) {
    auto right = keys();
    EXPECT_TRUE(check_time_keys(fleet::root_with_time(), right));
    EXPECT_TRUE(check_time_keys(fleet::root_with_time(), {}));
    std::vector<crypto::SoftwareSigner> others;
    others.emplace_back(*crypto::generate(crypto::KeyType::ecdsa_p256));
    others.emplace_back(*crypto::generate(crypto::KeyType::ml_dsa_65));
    EXPECT_TRUE(check_time_keys(fleet::root_with_time(), others).error().is(faults::wrong_time_keys));
    uptane::Root without = fleet::root_with_time();
    without.time.reset();
    EXPECT_TRUE(check_time_keys(without, right).error().is(faults::wrong_time_keys));
}

TEST_F(Time, IsBelievedByAnEcuThatAsked) {
    TimeServer server(loop_, pool_, keys(), registry_);
    auto all = several(1);
    ask(server, all);
    ASSERT_TRUE(all[0].file && *all[0].file) << all[0].file->error().str();
    uptane::AttestedTime time;
    const auto accepted = time.accept({view_of(**all[0].file)}, fleet::root_with_time(), all[0].nonces[0]);
    ASSERT_TRUE(accepted) << accepted.error().str();
    EXPECT_LE(std::abs(time.known()->last.seconds - loop_.utc_now().seconds), 5);
}

TEST_F(Time, OneSignatureServesManyAndEachFindsItsNonce) {
    TimeServer server(loop_, pool_, keys(), registry_);
    auto all = several(300);
    ask(server, all);
    for (const auto& one : all) {
        ASSERT_TRUE(one.file && *one.file);
        uptane::AttestedTime time;
        EXPECT_TRUE(time.accept({view_of(**one.file)}, fleet::root_with_time(), one.nonces[0]));
    }
    EXPECT_NE(registry_.render().find("pitstop_time_attestations_total 3"), std::string::npos) << registry_.render();
    EXPECT_NE(registry_.render().find("pitstop_time_nonces_total 300"), std::string::npos);
}

TEST_F(Time, SignsNoMoreOftenThanItShould) {
    using std::chrono::milliseconds;
    TimeServer server(loop_, pool_, keys(), registry_, {.between_signatures = milliseconds(50)});
    auto all = several(4 * uptane::attestation_nonces_max);
    const auto start = std::chrono::steady_clock::now();
    ask(server, all);
    EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(150));
}

TEST_F(Time, RefusesWhoWouldHaveToWaitTooLong) {
    TimeServer server(loop_, pool_, keys(), registry_, {.groups_waiting_max = 2});
    auto all = several(3 * uptane::attestation_nonces_max);
    ask(server, all);
    const auto refused = std::ranges::count_if(all, [](const Asked& one) { return !*one.file; });
    EXPECT_EQ(refused, 128);
    EXPECT_TRUE((*all.back().file).error().is(faults::too_busy));
}

TEST_F(Time, IsNotAttestedWithoutKeys) {
    desk::Folder folder;
    EXPECT_TRUE(load_time_keys(folder / "")->empty());
    TimeServer server(loop_, pool_, {}, registry_);
    auto all = several(1);
    ask(server, all);
    EXPECT_TRUE((*all[0].file).error().is(faults::no_time_server));
    ASSERT_TRUE(io::keys::save_private_key(folder / "director-time-classical.key", fleet::time_keys().classical.key()));
    EXPECT_FALSE(load_time_keys(folder / "")) << "one half alone is a mistake";
    ASSERT_TRUE(io::keys::save_private_key(folder / "director-time-pq.key", fleet::time_keys().post_quantum.key()));
    EXPECT_EQ(load_time_keys(folder / "")->size(), 2U);
}

TEST(TimeQuestion, HasOneTo128Nonces) {
    const auto read = [](const std::string& list) { return nonces_of(view_of("{\"nonces\":[" + list + "]}")); };
    const std::string one = "\"" + std::string(32, 'a') + "\"";
    EXPECT_EQ(read(one + "," + one)->size(), 2U);
    EXPECT_TRUE(read("").error().is(uptane::faults::bad_member));
    EXPECT_FALSE(read("1"));
    EXPECT_FALSE(read("\"aa\""));
    std::string many = one;
    for (int i = 0; i < 128; ++i) many += "," + one;
    EXPECT_TRUE(read(many).error().is(uptane::faults::bad_member));
    EXPECT_FALSE(nonces_of(view_of("[]")));
}

}  // namespace
}  // namespace pitstop::server
