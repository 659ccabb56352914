// A ceremony of several people, each with nothing but the staged file and their own keys.
#include "apps/pitstop/ceremony_on_the_desk.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/staged_file.h"
#include "core/crypto/faults.h"

namespace pitstop::cli {
namespace {

class RepoSign : public Ceremony {
protected:
    const std::string image_root = "image-1.root.json", director_root = "director-1.root.json",
                      image_targets = "image-1.targets.json";

    // Two of three sign Roots and Targets.
    void init() {
        for (const char* name : {"alice", "bob", "carol"}) person(name);
        const Words all = pubs({"alice", "bob", "carol"});
        Words words{"repo", "init", "--dir", repo, "--root-threshold", "2", "--targets-threshold", "2"};
        words = joined(joined(words, {"--root-signers"}), all);
        ASSERT_TRUE(works(joined(joined(words, {"--targets-signers"}), all)));
    }
    // As it comes back from a person's own machine.
    std::string signed_copy(const std::string& name, const std::string& who) {
        copy_file(staged(name), at(who + "/" + name));
        EXPECT_EQ(sign(at(who + "/" + name), who), 0) << err.str();
        return at(who + "/" + name);
    }
    void complete_everything() {
        for (const std::string& name : {image_root, director_root, image_targets}) {
            const std::string alices = signed_copy(name, "alice"), bobs = signed_copy(name, "bob");
            ASSERT_TRUE(works({"repo", "sign", "--merge", staged(name), alices, bobs}));
            EXPECT_TRUE(says("Complete. Next, where the repository is: pitstop repo publish"));
        }
    }
};

TEST_F(RepoSign, TwoOfThreeSignOverCopiedFilesAndACarBelievesIt) {
    init();
    EXPECT_TRUE(says("nothing is visible before these are signed"));
    EXPECT_FALSE(fs::exists(repo + "/image/1.root.json"));
    EXPECT_FALSE(fs::exists(repo + "/keys/offline"));
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo}, faults::signatures_missing));
    EXPECT_TRUE(says("carol, release office"));
    complete_everything();
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    EXPECT_TRUE(says("published Root 1 of the Image repository"));
    EXPECT_TRUE(says("published Root 1 of the Director repository"));
    EXPECT_TRUE(fs::is_empty(repo + "/staged"));
    ASSERT_TRUE(works({"repo", "verify", "--dir", repo}));
    EXPECT_TRUE(says("asks for 2 of 3 classical and 2 of 3 post-quantum"));
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo}, faults::nothing_staged));
}

TEST_F(RepoSign, ExplainsFirstAndSignsOnlyWithAKey) {
    init();
    const std::string before = text_in(staged(image_root));
    ASSERT_TRUE(works({"repo", "sign", staged(image_root)}));
    for (const char* part : {"Root 1 of the Image repository", "The first Root", "targets    2 of 3 classical",
                             "missing  alice, release office", "What is signed (SHA-256", "Nothing was signed"})
        EXPECT_TRUE(says(part));
    EXPECT_EQ(text_in(staged(image_root)), before);
}

TEST_F(RepoSign, CountsASignerOnceHoweverOftenTheySign) {
    init();
    for (int i = 0; i < 2; ++i) {
        ASSERT_EQ(sign(staged(image_root), "alice"), 0) << err.str();
        EXPECT_TRUE(says("classical 1 of 2, post-quantum 1 of 2"));
    }
    EXPECT_TRUE(says("has signed before: nothing to add"));
    EXPECT_EQ(read_staged(staged(image_root))->signatures.size(), 2U);
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo}, faults::signatures_missing));
}

TEST_F(RepoSign, RefusesAStrangersKeyAndAWrongPassphrase) {
    init();
    person("mallory");
    EXPECT_TRUE(refuses(joined({"repo", "sign", staged(image_root)}, keys("mallory")), faults::may_not_sign));
    const std::string right = secret("right", "correct horse\n"), wrong = secret("wrong", "battery staple\n");
    ASSERT_TRUE(works(
        {"key", "export", key("alice", "pq"), "--out", at("sealed.key"), "--private", "--passphrase-file-out", right}));
    const Words sealed{"repo", "sign", staged(image_root), "--key", at("sealed.key")};
    EXPECT_TRUE(refuses(sealed, crypto::faults::bad_passphrase));
    EXPECT_TRUE(refuses(joined(sealed, {"--passphrase-file", wrong}), crypto::faults::bad_passphrase));
    EXPECT_TRUE(read_staged(staged(image_root))->signatures.empty());
    EXPECT_TRUE(works(joined(sealed, {"--passphrase-file", right})));
}

TEST_F(RepoSign, NoticesAFileThatWasAlteredBetweenTheSigners) {
    init();
    const auto untouched = read_staged(staged(image_root));
    const std::string digest = *digest_of(*untouched);
    ASSERT_EQ(sign(staged(image_root), "alice"), 0);
    EXPECT_TRUE(works({"repo", "sign", staged(image_root), "--expect", digest}));
    // Somebody lowers a threshold on the way to Bob.
    replace_in(staged(image_root), R"("post_quantum":2)", R"("post_quantum":1)");
    EXPECT_TRUE(refuses(joined({"repo", "sign", staged(image_root)}, keys("bob")), faults::altered));
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo}, faults::altered));
    EXPECT_TRUE(refuses({"repo", "sign", staged(image_root), "--expect", digest}, faults::unexpected_content));

    // A signature of one who may not sign is no mere surplus either.
    copy_file(staged(director_root), at("mallory.json"));
    auto forged = *read_staged(staged(director_root));
    forged.signatures.push_back({std::string(64, 'a'), Bytes(70, 1), {}});
    ASSERT_TRUE(write_staged(staged(director_root), forged));
    EXPECT_TRUE(refuses({"repo", "sign", staged(director_root)}, faults::altered));
}

TEST_F(RepoSign, MergesCopiesOfOneFileOnly) {
    init();
    const std::string alices = signed_copy(image_root, "alice");
    EXPECT_TRUE(refuses({"repo", "sign", "--merge", staged(director_root), alices}, faults::different_files));
    EXPECT_TRUE(refuses({"repo", "sign", "--merge", staged(image_targets), alices}, faults::different_files));
    ASSERT_TRUE(works({"repo", "sign", staged(image_root), "--merge", alices}));
    EXPECT_TRUE(says("took over the signature of alice, release office"));
    ASSERT_TRUE(works({"repo", "sign", staged(image_root), "--merge", alices}));
    EXPECT_EQ(read_staged(staged(image_root))->signatures.size(), 2U);
}

TEST_F(RepoSign, RefusesWhatIsNoStagedFileOrIsPastItsDate) {
    init();
    std::ofstream(folder / "letter.json") << "{}";
    EXPECT_TRUE(refuses({"repo", "sign", at("letter.json")}, faults::not_a_ceremony));
    EXPECT_TRUE(refuses({"repo", "sign"}, faults::not_a_ceremony));
    copy_file(staged(image_root), at("other.json"));
    replace_in(at("other.json"), R"("repository":"image")", R"("repository":"moon")");
    EXPECT_TRUE(refuses({"repo", "sign", at("other.json")}, faults::not_a_ceremony));
    now = now + std::chrono::days(400);
    EXPECT_TRUE(refuses(joined({"repo", "sign", staged(image_root)}, keys("alice")), faults::out_of_date));
}

TEST_F(RepoSign, ShowsEachSignerWhatChangesAgainstTheRootInForce) {
    init();
    complete_everything();
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    person("dora");
    ASSERT_TRUE(works(joined(joined({"repo", "rotate", "--dir", repo, "--role", "root", "--remove",
                                     pub("bob", "classical"), pub("bob", "pq"), "--add"},
                                    pubs({"dora"})),
                             {"--expires-days", "500"})));
    ASSERT_TRUE(works({"repo", "sign", staged("image-2.root.json")}));
    for (const char* part : {"Changes against Root 1", "root: dora, release office", "root: bob, release office",
                             "Signatures for Root 1, which is in force", "Signatures for Root 2 itself", "500 days"})
        EXPECT_TRUE(says(part));
    // Dora and Alice satisfy the new Root; the old one has not heard enough yet.
    ASSERT_EQ(sign(staged("image-2.root.json"), "dora"), 0) << err.str();
    ASSERT_EQ(sign(staged("image-2.root.json"), "alice"), 0);
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo}, faults::signatures_missing));
    EXPECT_TRUE(says("Root 1, which is in force: classical 1 of 2"));
    ASSERT_EQ(sign(staged("image-2.root.json"), "bob"), 0);
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    ASSERT_TRUE(works({"repo", "verify", "--dir", repo}));
    EXPECT_TRUE(says("2.root.json"));
}

TEST_F(RepoSign, NeverPublishesAnOldVersion) {
    init();
    complete_everything();
    copy_file(staged(image_root), at("kept.json"));
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    // What is in place already is no fault: a publication that was cut short is finished this way.
    copy_file(at("kept.json"), staged(image_root));
    EXPECT_TRUE(works({"repo", "publish", "--dir", repo}));
    EXPECT_FALSE(fs::exists(staged(image_root)));
    // Another file of a version that is taken, and one that leaves a version out.
    ASSERT_TRUE(works({"repo", "rotate", "--dir", repo, "--role", "root", "--expires-days", "300"}));
    copy_file(staged("image-2.root.json"), at("late.json"));
    ASSERT_EQ(sign(staged("image-2.root.json"), "alice"), 0);
    ASSERT_EQ(sign(staged("image-2.root.json"), "carol"), 0);
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    auto late = *read_staged(at("late.json"));
    late.body["expires"] = "2029-01-01T00:00:00Z";
    ASSERT_TRUE(write_staged(staged("image-2.root.json"), late));
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo}, faults::out_of_date));
    late.body["version"] = 4;
    ASSERT_TRUE(write_staged(staged("image-2.root.json"), late));
    EXPECT_TRUE(refuses({"repo", "sign", staged("image-2.root.json")}, faults::out_of_date));
    EXPECT_TRUE(refuses({"repo", "publish", "--dir", repo}, faults::out_of_date));
}

}  // namespace
}  // namespace pitstop::cli
