#include "apps/pitstop/ceremony_on_the_desk.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/named_key.h"
#include "apps/pitstop/seal_keys.h"
#include "apps/pitstop/signing_keys.h"
#include "core/crypto/faults.h"
#include "io/keys/key_file.h"
#include "io/keys/seal_key.h"

namespace pitstop::cli {
namespace {

class KeyCommands : public Ceremony {};

TEST_F(KeyCommands, MakeBothHalvesThatARoleNeedsAndNameTheirOwner) {
    person("alice");
    EXPECT_TRUE(says("ecdsa-p256"));
    EXPECT_TRUE(says("ml-dsa-65"));
    EXPECT_TRUE(says("Not sealed"));
    const auto named = read_named_key(pub("alice", "pq"));
    ASSERT_TRUE(named);
    EXPECT_EQ(named->name, "alice, release office");
    EXPECT_EQ(io::keys::load_private_key(key("alice", "pq"))->public_key(), named->key);
    EXPECT_TRUE(refuses({"key", "generate", "--type", "pair", "--out", at("people/alice")}, faults::already_there));
    for (const char* type : {"ecdsa-p256", "ecdsa-p384", "ed25519", "ml-dsa-44", "ml-dsa-87"})
        EXPECT_TRUE(works({"key", "generate", "--type", type, "--out", at(std::string("one/") + type + ".key")}));
    EXPECT_TRUE(refuses({"key", "generate", "--out", at("x.key"), "--name", "two\nlines"}, faults::bad_person));
    EXPECT_TRUE(refuses({"key", "generate", "--out", at("x.key"), "--name", std::string(81, 'n')}, faults::bad_person));
    EXPECT_FALSE(fs::exists(at("x.key")));
}

TEST_F(KeyCommands, ListWhatLiesInAFolderWithoutOpeningIt) {
    person("alice", {"--passphrase-file", secret("secret", "correct horse\n")});
    fs::remove(key("alice", "classical"));
    ASSERT_TRUE(works({"key", "list", "--dir", at("people")}));
    EXPECT_TRUE(says("ml-dsa-65   post-quantum  sealed"));
    EXPECT_TRUE(says("ecdsa-p256  classical     elsewhere"));
    EXPECT_TRUE(says("\"alice, release office\""));
    ASSERT_TRUE(works({"repo", "init", "--dir", repo}));
    ASSERT_TRUE(works({"key", "list", repo + "/keys/online", "--repo", repo}));
    EXPECT_TRUE(says("signs for director-time"));
    EXPECT_TRUE(says("signs for snapshot"));
    ASSERT_TRUE(works({"key", "list", at("people"), "--repo", repo}));
    EXPECT_TRUE(says("signs for nothing"));
    EXPECT_TRUE(refuses({"key", "list", repo}, faults::no_keys));
    EXPECT_TRUE(refuses({"key", "list", at("people"), "--repo", at("people")}, faults::no_repository));
}

TEST_F(KeyCommands, LetAPrivateKeyTravelOnlySealed) {
    const std::string first = secret("first", "correct horse\n"), second = secret("second", "battery staple\n");
    person("alice", {"--passphrase-file", first});
    const std::string from = key("alice", "pq");
    EXPECT_TRUE(refuses({"key", "export", from, "--out", at("copy.key"), "--private", "--passphrase-file", first},
                        faults::not_sealed));
    EXPECT_TRUE(refuses({"key", "export", from, "--out", at("a.pub")}, crypto::faults::bad_passphrase));
    ASSERT_TRUE(works({"key", "export", from, "--out", at("a.pub"), "--passphrase-file", first}));
    EXPECT_EQ(text_in(at("a.pub")), text_in(pub("alice", "pq")));
    EXPECT_TRUE(
        refuses({"key", "export", from, "--out", at("a.pub"), "--passphrase-file", first}, faults::already_there));
    ASSERT_TRUE(works({"key", "export", from, "--out", at("copy.key"), "--private", "--passphrase-file", first,
                       "--passphrase-file-out", second}));
    EXPECT_FALSE(io::keys::load_private_key(at("copy.key"), "correct horse"));
    EXPECT_TRUE(refuses({"key", "import", at("copy.key"), "--dir", at("safe")}, faults::not_sealed));
    EXPECT_TRUE(refuses({"key", "import", at("copy.key"), "--dir", at("safe"), "--passphrase-file", first},
                        crypto::faults::bad_passphrase));
    ASSERT_TRUE(works({"key", "import", at("copy.key"), "--dir", at("safe"), "--passphrase-file", second}));
    EXPECT_EQ(*seal_of(at("safe/copy.key")), "sealed");
    EXPECT_TRUE(refuses({"key", "import", at("copy.key"), "--dir", at("safe"), "--passphrase-file", second},
                        faults::already_there));
}

TEST_F(KeyCommands, TakeInThePublicKeysOfOthers) {
    person("bob");
    ASSERT_TRUE(works({"key", "import", pub("bob", "pq"), "--dir", at("signers"), "--name", "Bob, plant"}));
    EXPECT_EQ(read_named_key(at("signers/bob-pq.pub"))->name, "Bob, plant");
    EXPECT_EQ(io::keys::load_public_key(key("bob", "pq")).error().code(), crypto::faults::bad_key.code);
    std::ofstream(folder / "letter.pub") << "Dear Bob";
    EXPECT_TRUE(refuses({"key", "import", at("letter.pub"), "--dir", at("signers")}, crypto::faults::bad_key));
}

TEST_F(KeyCommands, MakeListAndExportAnEcusSealKey) {
    const std::string key = at("ecus/ecu-011.key"), seal = at("ecus/ecu-011.seal");
    ASSERT_TRUE(works({"key", "generate", "--type", "x-wing", "--out", key, "--name", "brake controller"}));
    EXPECT_TRUE(says("stays with the ECU"));
    const auto made = io::keys::load_seal_key(key);
    ASSERT_TRUE(made.has_value()) << made.error().str();
    EXPECT_EQ(read_named_seal_key(seal)->key, made->public_key());
    EXPECT_EQ(read_named_seal_key(seal)->name, "brake controller");
    EXPECT_TRUE(refuses({"key", "generate", "--type", "x-wing", "--out", key}, faults::already_there));
    EXPECT_TRUE(
        refuses({"key", "generate", "--type", "x-wing", "--out", at("y.key"), "--passphrase-file", secret("s", "x\n")},
                crypto::faults::bad_key));
    EXPECT_FALSE(fs::exists(at("y.key")));

    ASSERT_TRUE(works({"key", "list", at("ecus")}));
    EXPECT_TRUE(says("x-wing      for sealing   open"));
    EXPECT_TRUE(says("\"brake controller\""));
    ASSERT_TRUE(works({"key", "export", key, "--out", at("desk/ecu-011.seal")}));
    EXPECT_EQ(text_in(at("desk/ecu-011.seal")), text_in(seal));
    EXPECT_TRUE(refuses({"key", "export", key, "--out", at("copy.key"), "--private"}, faults::not_sealed));
    ASSERT_TRUE(works({"key", "list", at("desk")}));
    EXPECT_TRUE(says("x-wing      for sealing   elsewhere"));
    EXPECT_EQ(io::keys::load_private_key(key).error().code(), crypto::faults::bad_key.code) << "it signs nothing";
}

}  // namespace
}  // namespace pitstop::cli
