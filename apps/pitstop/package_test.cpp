#include "apps/pitstop/campaign_folder.h"
#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_setup.h"
#include "core/image/faults.h"
#include "core/package/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/trust_set.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <fstream>
#include <sstream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

const UtcTime now{1'790'000'000};

void write_file(const fs::path& file, std::string_view bytes) {
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}
Bytes read_whole(const fs::path& file) { return *io::files::read_file(file, std::size_t{1} << 26); }

class Desk : public testing::Test {
protected:
    const fs::path folder = fs::path(testing::TempDir()) / std::format("pitstop-desk-{}", ::getpid());
    const std::string repo = (folder / "repo").string(), keys = repo + "/keys/packages",
                      output = (folder / "out").string();
    const std::string image = (folder / "brake.bin").string();
    const fs::path campaign = folder / "out/Campaign_OTA-1";
    std::ostringstream out, err;

    // Made once, for keys take their time, and copied for each test.
    static fs::path fresh_repository() {
        return fs::path(testing::TempDir()) / std::format("pitstop-fresh-{}", ::getpid());
    }
    static void SetUpTestSuite() { ASSERT_TRUE(init_repository({fresh_repository(), now, {}})); }
    static void TearDownTestSuite() { fs::remove_all(fresh_repository()); }

    void SetUp() override {
        fs::create_directories(folder / "out");
        write_file(image, std::string(300'000, 'b'));
        fs::copy(fresh_repository(), repo, fs::copy_options::recursive);
    }
    void TearDown() override { fs::remove_all(folder); }

    int run(std::vector<std::string> words) {
        out.str("");
        err.str("");
        std::vector<const char*> arguments{"pitstop"};
        for (const std::string& word : words) arguments.push_back(word.c_str());
        return run_pitstop(arguments, now, out, err);
    }
    int build(const std::string& id = "OTA-1", const std::string& version = "1.1.0") {
        return run({"package", "build", "--campaign-id", id, "--ecu-011-binary", image, "--ecu-011-version", version,
                    "--ecu-011-hardware", "BRK-2", "--output-dir", output, "--signing-keys", keys});
    }
    int verify() { return run({"package", "verify", campaign.string(), "--keys", keys}); }
    int publish(const std::string& id = "OTA-1") {
        return run({"repo", "publish", "--dir", repo, "--package", output + "/Campaign_" + id});
    }
    [[nodiscard]] bool said(const Fault& fault) const { return err.str().find(fault.code) != std::string::npos; }

    // As a vehicle fetches them.
    Result<uptane::TrustSet> vehicle_trust() {
        const fs::path served = fs::path(repo) / "image";
        const Bytes root = read_whole(served / "1.root.json"), timestamp = read_whole(served / "timestamp.json");
        TRY(auto trust, uptane::TrustSet::from_root(uptane::Repository::image, uptane::ReceivedRoot{root}));
        ENSURE(trust.accept_timestamp(uptane::ReceivedTimestamp{timestamp}, now));
        const Bytes snapshot =
            read_whole(served / file_name(uptane::Role::snapshot, trust.timestamp()->snapshot.version));
        ENSURE(trust.accept_snapshot(uptane::ReceivedSnapshot{snapshot}, now));
        const Bytes targets =
            read_whole(served / file_name(uptane::Role::targets, trust.snapshot()->targets().version));
        ENSURE(trust.accept_targets(uptane::ReceivedTargets{targets}, now));
        return trust;
    }
};

TEST_F(Desk, RefusesAnImageThatIsMissingOrEmptyAndLeavesNothingBehind) {
    fs::remove(image);
    EXPECT_EQ(build(), failed);
    EXPECT_TRUE(said(io::files::faults::not_there));
    write_file(image, "");
    EXPECT_EQ(build(), failed);
    EXPECT_TRUE(said(image::faults::empty));
    EXPECT_TRUE(fs::is_empty(output));
}

TEST_F(Desk, RefusesToBuildOneCampaignTwice) {
    ASSERT_EQ(build(), 0) << err.str();
    EXPECT_EQ(build(), failed);
    EXPECT_TRUE(said(faults::already_there));
}

TEST_F(Desk, RefusesToVerifyADamagedPackageOrOneOfStrangers) {
    ASSERT_EQ(build(), 0) << err.str();
    ASSERT_EQ(verify(), 0) << err.str();
    std::fstream file(package_file(campaign), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(1000).put('x');
    file.close();
    EXPECT_EQ(verify(), failed);
    EXPECT_TRUE(said(package::faults::wrong_crc));
    EXPECT_EQ(publish(), failed);

    const std::string others = (folder / "others").string();
    ASSERT_EQ(run({"repo", "init", "--dir", others}), 0);
    EXPECT_EQ(run({"package", "verify", campaign.string(), "--keys", others + "/keys/packages"}), failed);
    EXPECT_TRUE(said(package::faults::not_signed_by_both));
    EXPECT_EQ(run({"package", "verify", campaign.string(), "--keys", output}), failed);
    EXPECT_TRUE(said(faults::no_keys));
}

TEST_F(Desk, RefusesAKeyOfTheWrongFamily) {
    fs::copy_file(keys + "/package-classical.key", keys + "/package-pq.key", fs::copy_options::overwrite_existing);
    EXPECT_EQ(build(), failed);
    EXPECT_TRUE(said(faults::wrong_key));
}

TEST_F(Desk, RefusesToInitialiseARepositoryTwice) {
    EXPECT_EQ(run({"repo", "init", "--dir", repo}), failed);
    EXPECT_TRUE(said(faults::already_there));
}

TEST_F(Desk, RefusesToPublishOtherContentUnderAKnownName) {
    ASSERT_EQ(build(), 0);
    ASSERT_EQ(publish(), 0) << err.str();
    write_file(image, "other content");
    ASSERT_EQ(build("OTA-2"), 0);
    EXPECT_EQ(publish("OTA-2"), failed);
    EXPECT_TRUE(said(uptane::faults::target_changed));
}

TEST_F(Desk, PublishesWhatAVehicleBelieves) {
    EXPECT_TRUE(vehicle_trust()->targets()->targets.empty());
    ASSERT_EQ(build(), 0);
    ASSERT_EQ(publish(), 0) << err.str();
    const auto trust = vehicle_trust();
    ASSERT_TRUE(trust) << trust.error().str();
    const auto& [name, info] = *trust->targets()->targets.begin();
    EXPECT_EQ(name.view(), "BRK-2/ECU_011-1.1.0.img");
    EXPECT_EQ(info.sha512, crypto::sha512(read_whole(image)));
    EXPECT_EQ(info.release_counter, 0x01010000U);
    EXPECT_EQ(trust->targets()->version, 2U);

    ASSERT_EQ(publish(), 0);  // again: nothing new, no new version
    EXPECT_EQ(vehicle_trust()->targets()->version, 2U);
    ASSERT_EQ(build("OTA-2", "1.2.0"), 0);
    ASSERT_EQ(publish("OTA-2"), 0);
    EXPECT_EQ(vehicle_trust()->targets()->targets.size(), 2U);
    ASSERT_EQ(run({"repo", "refresh", "--dir", repo}), 0) << err.str();
    EXPECT_EQ(vehicle_trust()->timestamp()->version, 4U);
    EXPECT_EQ(vehicle_trust()->targets()->version, 3U);
}

TEST_F(Desk, SealsTheOfflineKeysWithAPassphrase) {
    const std::string sealed = (folder / "sealed").string(), secret = (folder / "secret").string();
    ASSERT_TRUE(io::files::write_atomically(secret, view_of("correct horse\n"), io::files::FileMode::private_));
    ASSERT_EQ(run({"repo", "init", "--dir", sealed, "--passphrase-file", secret}), 0) << err.str();
    const auto is_sealed = [&](const char* file) {
        return text_of(read_whole(fs::path(sealed) / "keys" / file)).find("ENCRYPTED") != std::string_view::npos;
    };
    for (const char* file : {"offline/root-pq.key", "offline/targets-classical.key", "offline/director-root-pq.key"})
        EXPECT_TRUE(is_sealed(file)) << file;
    EXPECT_FALSE(is_sealed("online/director-targets-pq.key"));
    EXPECT_FALSE(load_signing_pair(sealed + "/keys/offline", "targets"));
    EXPECT_TRUE(fs::exists(fs::path(sealed) / "director/1.root.json"));
}

TEST_F(Desk, ShowsWhatAPackageHolds) {
    ASSERT_EQ(build(), 0);
    for (const fs::path& path : {campaign, metadata_file(campaign), package_file(campaign)}) {
        ASSERT_EQ(run({"package", "show", path.string()}), 0) << err.str();
        EXPECT_NE(out.str().find("ECU_011"), std::string::npos);
        ASSERT_EQ(run({"package", "show", path.string(), "--json"}), 0);
        EXPECT_TRUE(json::parse(view_of(out.str()), 100'000));
    }
    EXPECT_EQ(run({"package", "show", image}), failed);
}

}  // namespace
}  // namespace pitstop::cli
