#include "apps/gateway/reports.h"

#include "apps/gateway/test_site.h"
#include "core/uds/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/manifest_judge.h"
#include "io/keys/key_file.h"

namespace pitstop::gateway {
namespace {

using namespace test;

const EcuId silent = *EcuId::parse("ECU_013");

struct ReportsTest : testing::Test {
    Site site;
    Folder folder;
    io::Loop loop;
    io::http::Client client{loop, site.client()};
    const Vin vin = uptane::desk::car;
    Trust trust{client, {folder / "root.json", folder / "root.json", folder.path()}, vin};
    const KeySettings keys{folder / "classical.key", folder / "pq.key"};

    void SetUp() override {
        auto& gateway = uptane::desk::gateway_keys();
        ASSERT_TRUE(io::keys::save_private_key(keys.classical, gateway.classical.key()));
        ASSERT_TRUE(io::keys::save_private_key(keys.post_quantum, gateway.post_quantum.key()));
    }
    Reports open() { return *Reports::open(loop, client, trust, vin, keys, folder.path()); }
    static Survey survey() {
        Survey survey;
        survey.known.push_back({{uptane::desk::brake, hardware, {1, 0, 0}, "", "", "", {}, vehicle::Link::doip},
                                1,
                                true,
                                uptane::desk::report_file(uptane::desk::brake)});
        survey.silent.push_back({silent, Error(uds::faults::no_answer)});
        return survey;
    }
    // Until so many manifests have arrived.
    void run(Reports& reports, std::size_t count) {
        loop.spawn("reports", reports.run());
        const Tick end = loop.now() + std::chrono::seconds(20);
        while (arrived().size() < count && loop.now() < end) loop.context().run_one_for(std::chrono::milliseconds(20));
        ASSERT_GE(arrived().size(), count);
    }
    std::vector<std::string> arrived() {
        const std::lock_guard held(site.manifests_lock);
        return site.manifests;
    }
    Result<uptane::JudgedManifest> judge(const std::string& file) const {
        return uptane::judge_manifest({view_of(file)}, uptane::desk::known_vehicle(), uptane::desk::now);
    }
};

TEST_F(ReportsTest, SayAgainWhatTheServerCouldNotTakeWithAHigherCounter) {
    site.busy_for = 1;
    Reports reports = open();
    reports.tell(survey());
    run(reports, 2);
    EXPECT_EQ(judge(arrived()[0])->counter, 1U);
    EXPECT_EQ(judge(arrived()[1])->counter, 2U);
}

TEST_F(ReportsTest, CountAttacksAndRememberThemOverARestart) {
    open().note_if_attack(Error(uptane::faults::rolled_back));
    open().note_if_attack(Error(uds::faults::no_answer));
    Reports reports = open();
    reports.tell(survey());
    run(reports, 1);
    const auto judged = judge(arrived()[0]);
    ASSERT_TRUE(judged) << judged.error().str();
    ASSERT_EQ(judged->attacks.size(), 1U);
    EXPECT_FALSE(judged->attacks[0].ecu);
    EXPECT_EQ(judged->attacks[0].code.view(), uptane::faults::rolled_back.code);
}

TEST_F(ReportsTest, SayNothingWithoutKeys) {
    Reports reports = *Reports::open(loop, client, trust, vin, std::nullopt, folder.path());
    reports.tell(survey());
    loop.spawn("reports", reports.run());
    loop.context().run_for(std::chrono::milliseconds(50));
    EXPECT_TRUE(arrived().empty());
}

TEST_F(ReportsTest, CarryWhatEachEcuSignedAndNameWhoIsSilent) {
    Reports reports = open();
    reports.tell(survey());
    run(reports, 1);
    const auto judged = judge(arrived()[0]);
    ASSERT_TRUE(judged) << judged.error().str();
    const auto verdict_on = [&](EcuId ecu) {
        return std::ranges::find(judged->ecus, ecu, &uptane::JudgedEcu::ecu)->verdict;
    };
    EXPECT_EQ(verdict_on(uptane::desk::brake), uptane::Verdict::accepted);
    EXPECT_EQ(verdict_on(uptane::desk::window), uptane::Verdict::missing);
    const auto text = arrived()[0];
    EXPECT_NE(text.find(R"("missing":["ECU_013"])"), std::string::npos);
}

}  // namespace
}  // namespace pitstop::gateway
