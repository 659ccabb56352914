#include "apps/pitstop/repo_rotation.h"
#include "apps/pitstop/ceremony_on_the_desk.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_folder.h"
#include "core/uptane/faults.h"

#include <map>

namespace pitstop::cli {
namespace {

// A repository as `repo init` makes it: one pair for each role, all of them here.
class RepoRotation : public Ceremony {
protected:
    void SetUp() override {
        Ceremony::SetUp();
        make_repository();
    }
    int rotate(const Words& more) { return run(joined({"repo", "rotate", "--dir", repo}, more)); }
    testing::AssertionResult rotation_refuses(const Words& more, const Fault& fault) {
        return refuses(joined({"repo", "rotate", "--dir", repo}, more), fault);
    }
    Result<uptane::TrustSet> published() { return load_published({repo, now, {}}); }
    std::string key_id(const std::string& file) { return read_named_key(file)->key.key_id(); }
};

TEST_F(RepoRotation, GivesAnOnlineRoleFreshKeysWhenTheRootIsPublished) {
    const std::string old = key_id(repo + "/keys/online/snapshot-pq.pub");
    ASSERT_EQ(rotate({"--role", "snapshot"}), 0) << err.str();
    EXPECT_TRUE(says("Next, each signer: pitstop repo sign image-2.root.json"));
    EXPECT_EQ(key_id(repo + "/keys/online/snapshot-pq.pub"), old);
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo}, faults::signatures_missing));
    ASSERT_TRUE(sign_here(staged("image-2.root.json"), "root"));
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    EXPECT_NE(key_id(repo + "/keys/online/snapshot-pq.pub"), old);
    EXPECT_TRUE(fs::exists(repo + "/keys/retired/snapshot-pq-" + old.substr(0, 8) + ".key"));
    EXPECT_FALSE(fs::exists(repo + "/keys/online/next/snapshot-pq.key"));
    EXPECT_EQ(published()->snapshot()->version, 2U);
    EXPECT_TRUE(works({"repo", "verify", "--dir", repo}));
    EXPECT_TRUE(works({"repo", "refresh", "--dir", repo}));
}

TEST_F(RepoRotation, GivesTheDirectorAndItsTimeServerFreshKeys) {
    for (const char* role : {"director-targets", "director-time"}) ASSERT_EQ(rotate({"--role", role}), 0) << err.str();
    ASSERT_TRUE(sign_here(staged("director-2.root.json"), "director-root"));
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    const auto trust = load_roots({repo, now, {}}, uptane::Repository::director);
    ASSERT_TRUE(trust && trust->has_value());
    const uptane::Root& root = (*trust)->root();
    EXPECT_EQ(root.version, 2U);
    ASSERT_TRUE(root.time);
    EXPECT_TRUE(material_of(*root.time, root.keys).contains(key_id(repo + "/keys/online/director-time-pq.pub")));
    EXPECT_EQ(root.of(uptane::Role::targets).batches, uptane::BatchSignatures::allowed);
    EXPECT_EQ(root.of(uptane::Role::root).batches, uptane::BatchSignatures::refused);
}

TEST_F(RepoRotation, TakesTheRootKeysThemselvesFromOneHandIntoThree) {
    for (const char* name : {"alice", "bob", "carol"}) person(name);
    const std::string offline = repo + "/keys/offline/";
    ASSERT_EQ(rotate(joined(joined({"--role", "root", "--remove", offline + "root-classical.pub",
                                    offline + "root-pq.pub", "--threshold", "2", "--add"},
                                   pubs({"alice", "bob", "carol"})),
                            {})),
              0)
        << err.str();
    const std::string file = staged("image-2.root.json");
    ASSERT_EQ(sign(file, "carol"), 0) << err.str();
    ASSERT_EQ(sign(file, "alice"), 0);
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo}, faults::signatures_missing));  // Root 1 has not agreed
    ASSERT_TRUE(sign_here(file, "root"));
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    EXPECT_EQ(published()->root().of(uptane::Role::root).families, (uptane::FamilyThresholds{2, 2}));
    EXPECT_TRUE(works({"repo", "verify", "--dir", repo}));
}

TEST_F(RepoRotation, SignsTargetsAgainWhenItsKeysChange) {
    for (const char* name : {"alice", "bob"}) person(name);
    ASSERT_EQ(run({"repo", "publish", "--dir", repo, "--package", package("OTA-1", "1.1.0")}), 0) << err.str();
    ASSERT_EQ(rotate(joined({"--role", "targets", "--threshold", "classical=2,post_quantum=1", "--add"},
                            pubs({"alice", "bob"}))),
              0)
        << err.str();
    ASSERT_TRUE(sign_here(staged("image-2.root.json"), "root"));
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo}, faults::signatures_missing));  // Targets is still the old
    ASSERT_EQ(sign(staged("image-3.targets.json"), "alice"), 0) << err.str();
    ASSERT_EQ(sign(staged("image-3.targets.json"), "bob"), 0);
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    EXPECT_EQ(published()->targets()->targets.size(), 1U);
    EXPECT_EQ(published()->targets()->version, 3U);
    // From now on a package needs people, and waits for them.
    const std::string next = package("OTA-2", "1.2.0");
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo, "--package", next}, faults::signatures_missing));
    EXPECT_TRUE(says("added BRK-2/ECU_011-1.2.0.img"));
    ASSERT_EQ(sign(staged("image-4.targets.json"), "bob"), 0) << err.str();
    EXPECT_TRUE(says("adds BRK-2/ECU_011-1.2.0.img, version 1.2.0"));
    EXPECT_TRUE(
        refuses({"repo", "publish", "--dir", repo, "--package", package("OTA-3", "1.3.0")}, faults::already_signed));
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    EXPECT_EQ(published()->targets()->targets.size(), 2U);
}

TEST_F(RepoRotation, FinishesWhatAPowerCutInterrupted) {
    ASSERT_EQ(rotate({"--role", "timestamp"}), 0) << err.str();
    ASSERT_TRUE(sign_here(staged("image-2.root.json"), "root"));
    const std::string kept = text_in(staged("image-2.root.json"));
    fs::copy(repo, at("before"), fs::copy_options::recursive);
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    // The Root was written, nothing after it.
    copy_file(repo + "/image/2.root.json", at("before/image/2.root.json"));
    fs::remove_all(repo);
    fs::rename(at("before"), repo);
    EXPECT_FALSE(run({"repo", "verify", "--dir", repo}) == 0);
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    EXPECT_TRUE(works({"repo", "verify", "--dir", repo}));
    EXPECT_TRUE(fs::is_empty(repo + "/staged"));
}

TEST_F(RepoRotation, RefusesWhatWouldNotWorkAndSaysWhatWould) {
    person("alice");
    EXPECT_TRUE(rotation_refuses({"--role", "driver"}, faults::unknown_role));
    EXPECT_TRUE(rotation_refuses({"--role", "root", "--remove", "0123456789"}, faults::unknown_key_id));
    const std::string pq = key_id(repo + "/keys/offline/root-pq.pub");
    EXPECT_TRUE(rotation_refuses({"--role", "root", "--remove", pq.substr(0, 7)}, faults::unknown_key_id));
    EXPECT_TRUE(rotation_refuses({"--role", "root", "--remove", pq.substr(0, 8)}, uptane::faults::bad_threshold));
    EXPECT_TRUE(rotation_refuses({"--role", "root", "--threshold", "2"}, uptane::faults::bad_threshold));
    EXPECT_TRUE(rotation_refuses({"--role", "root", "--threshold", "1"}, faults::nothing_changes));
    for (const char* bad : {"0", "33", "two", "classical=1", "classical=1,quantum=1", "classical=0,post_quantum=1"})
        EXPECT_TRUE(rotation_refuses({"--role", "root", "--threshold", bad}, faults::bad_threshold)) << bad;
    EXPECT_TRUE(refuses({"repo", "rotate", "--dir", at("people"), "--role", "root"}, faults::no_repository));
    EXPECT_FALSE(fs::exists(staged("image-2.root.json")));

    // Two changes go into one Root, until somebody has signed it.
    ASSERT_EQ(rotate(joined({"--role", "root", "--add"}, pubs({"alice"}))), 0) << err.str();
    ASSERT_EQ(rotate({"--role", "snapshot"}), 0) << err.str();
    ASSERT_EQ(sign(staged("image-2.root.json"), "alice"), 0);
    EXPECT_TRUE(rotation_refuses({"--role", "timestamp"}, faults::already_signed));
}

TEST_F(RepoRotation, NeedsTheOnlineKeysWhereItPublishes) {
    for (const char* half : {"timestamp-classical", "timestamp-pq"})
        for (const char* ending : {".key", ".pub"}) fs::remove(repo + "/keys/online/" + half + ending);
    EXPECT_TRUE(refuses({"repo", "refresh", "--dir", repo}, faults::no_online_key));
    EXPECT_TRUE(rotation_refuses({"--role", "timestamp"}, faults::no_online_key));
}

}  // namespace
}  // namespace pitstop::cli
