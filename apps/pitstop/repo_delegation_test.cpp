#include "apps/pitstop/ceremony_on_the_desk.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_folder.h"
#include "core/uptane/faults.h"

namespace pitstop::cli {
namespace {

class RepoDelegation : public Ceremony {
protected:
    void SetUp() override {
        Ceremony::SetUp();
        make_repository();
        person("sup");
    }
    int delegate(const Words& more) { return run(joined({"repo", "delegate", "--dir", repo}, more)); }
    testing::AssertionResult delegation_refuses(const Words& more, const Fault& fault) {
        return refuses(joined({"repo", "delegate", "--dir", repo}, more), fault);
    }
    Words publishing(const std::string& package, const std::string& as) {
        return {"repo", "publish", "--dir", repo, "--package", package, "--as", as};
    }
};

TEST_F(RepoDelegation, LetsASupplierVouchForItsOwnImages) {
    ASSERT_EQ(delegate({"--role", "supplier-a", "--key", pub("sup", "classical"), pub("sup", "pq"), "--paths",
                        "BRK-2/*", "--hardware", "BRK-2", "--terminating"}),
              0)
        << err.str();
    ASSERT_TRUE(works({"repo", "verify", "--dir", repo}));
    EXPECT_TRUE(says("delegated to, and nothing published yet"));
    ASSERT_TRUE(works({"repo", "show", "--dir", repo}));
    EXPECT_TRUE(says("supplier-a vouches for nothing yet: pitstop repo publish"));

    // The supplier needs no more than the staged file and its own keys.
    const Words publish = publishing(package("OTA-1", "1.1.0"), "supplier-a");
    EXPECT_TRUE(refuses(publish, faults::signatures_missing));
    const std::string name = "image-1.supplier-a.json", far = at("supplier/" + name);
    copy_file(staged(name), far);
    ASSERT_EQ(sign(far, "sup"), 0) << err.str();
    EXPECT_TRUE(says("Targets of supplier-a 1 of the Image repository"));
    EXPECT_TRUE(says("adds BRK-2/ECU_011-1.1.0.img"));
    copy_file(far, staged(name));
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    ASSERT_TRUE(works({"repo", "verify", "--dir", repo}));
    EXPECT_TRUE(says("1.supplier-a.json"));
    ASSERT_TRUE(works(publish));
    EXPECT_TRUE(says("nothing new"));
    ASSERT_TRUE(works({"repo", "show", "--dir", repo}));
    EXPECT_TRUE(says("supplier-a: BRK-2/*, ends the search, hardware BRK-2"));
    ASSERT_TRUE(works({"key", "list", at("people"), "--repo", repo}));
    EXPECT_TRUE(says("signs for supplier-a"));
    EXPECT_TRUE(works({"repo", "refresh", "--dir", repo}));
    EXPECT_TRUE(works({"repo", "verify", "--dir", repo}));
}

TEST_F(RepoDelegation, AsksASupplierWithNewKeysToVouchAnew) {
    ASSERT_EQ(
        delegate({"--role", "supplier-a", "--key", pub("sup", "classical"), pub("sup", "pq"), "--paths", "BRK-2/*"}), 0)
        << err.str();
    EXPECT_TRUE(refuses(publishing(package("OTA-1", "1.1.0"), "supplier-a"), faults::signatures_missing));
    ASSERT_EQ(sign(staged("image-1.supplier-a.json"), "sup"), 0) << err.str();
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));

    person("new-sup");
    ASSERT_EQ(delegate({"--role", "supplier-a", "--key", pub("new-sup", "classical"), pub("new-sup", "pq")}), 0)
        << err.str();
    EXPECT_TRUE(refuses({"repo", "verify", "--dir", repo}, uptane::faults::classical_missing));
    EXPECT_TRUE(refuses(publishing(package("OTA-2", "1.2.0"), "supplier-a"), faults::signatures_missing));
    ASSERT_EQ(sign(staged("image-2.supplier-a.json"), "new-sup"), 0) << err.str();
    EXPECT_TRUE(says("adds BRK-2/ECU_011-1.2.0.img"));
    EXPECT_TRUE(says("removes BRK-2/ECU_011-1.1.0.img"));
    ASSERT_TRUE(works({"repo", "publish", "--dir", repo}));
    EXPECT_TRUE(works({"repo", "verify", "--dir", repo}));
}

TEST_F(RepoDelegation, KeepsEveryoneWithinWhatWasDelegated) {
    const Words keys{"--key", pub("sup", "classical"), pub("sup", "pq")};
    ASSERT_EQ(delegate(joined({"--role", "supplier-a", "--paths", "SUP-A/*"}, keys)), 0) << err.str();
    EXPECT_TRUE(refuses(publishing(package("OTA-1", "1.1.0"), "supplier-a"), faults::not_covered));
    ASSERT_EQ(delegate({"--role", "supplier-a", "--paths", "BRK-2/*", "--hardware", "BRK-9"}), 0) << err.str();
    EXPECT_TRUE(refuses(publishing(at("packages/Campaign_OTA-1"), "supplier-a"), faults::not_covered));
    EXPECT_TRUE(refuses(publishing(at("packages/Campaign_OTA-1"), "supplier-b"), faults::not_delegated));

    EXPECT_TRUE(delegation_refuses({"--role", "supplier-b", "--paths", "X/*"}, faults::bad_delegation));
    EXPECT_TRUE(delegation_refuses(joined({"--role", "supplier-b"}, keys), faults::bad_delegation));
    EXPECT_TRUE(delegation_refuses(joined({"--role", "snapshot", "--paths", "X/*"}, keys), faults::unknown_role));
    EXPECT_TRUE(delegation_refuses(joined({"--role", "bin", "--bins", "4"}, keys), faults::bad_delegation));
    EXPECT_EQ(delegate(joined({"--role", "../x", "--paths", "X/*"}, keys)), failed);

    ASSERT_EQ(delegate({"--role", "supplier-a", "--withdraw"}), 0) << err.str();
    EXPECT_TRUE(delegation_refuses({"--role", "supplier-a", "--withdraw"}, faults::not_delegated));
    EXPECT_TRUE(works({"repo", "verify", "--dir", repo}));
}

TEST_F(RepoDelegation, SpreadsImagesOverHashBins) {
    // Keys of bins lie with the online ones: whoever publishes signs for them.
    ASSERT_TRUE(works({"key", "generate", "--type", "pair", "--out", repo + "/keys/online/bin"}));
    const Words keys{"--key", repo + "/keys/online/bin-classical.pub", repo + "/keys/online/bin-pq.pub"};
    for (const char* bad : {"3", "1", "2048"})
        EXPECT_TRUE(delegation_refuses(joined({"--role", "bin", "--bins", bad}, keys), faults::bad_delegation)) << bad;
    ASSERT_EQ(delegate(joined({"--role", "bin", "--bins", "4"}, keys)), 0) << err.str();
    ASSERT_TRUE(works({"repo", "verify", "--dir", repo}));
    EXPECT_TRUE(says("1.bin-3.json"));
    ASSERT_TRUE(works(publishing(package("OTA-1", "1.1.0"), "bin")));
    EXPECT_TRUE(says("added BRK-2/ECU_011-1.1.0.img"));
    ASSERT_TRUE(works({"repo", "verify", "--dir", repo}));
    EXPECT_TRUE(says(", 1 images"));
}

}  // namespace
}  // namespace pitstop::cli
