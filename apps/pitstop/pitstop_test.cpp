#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/pki_folder.h"
#include "io/keys/key_file.h"
#include "io/tls/context.h"
#include "io/tls/profile.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

const UtcTime now{1'790'000'000};

class Pitstop : public testing::Test {
protected:
    const fs::path folder = fs::path(testing::TempDir()) / std::format("pitstop-{}", ::getpid());
    const std::string pki = (folder / "pki").string();
    std::ostringstream out, err;

    void SetUp() override { fs::create_directories(folder); }
    void TearDown() override { fs::remove_all(folder); }

    int run(std::vector<const char*> arguments) {
        out.str("");
        err.str("");
        arguments.insert(arguments.begin(), "pitstop");
        return run_pitstop(arguments, now, out, err);
    }
    io::keys::Certificate certificate(const char* path) {
        return io::keys::load_certificate(fs::path(pki) / path).value();
    }
};

TEST_F(Pitstop, MakesCertificatesThatProfilesOfEveryKindAccept) {
    for (const int profile : {3, 4, 8, 12}) {
        const auto number = std::to_string(profile);
        ASSERT_EQ(
            run({"pki", "init", "--dir", pki.c_str(), "--profile", number.c_str(), "--vin", "TESTCAR1", "--force"}), 0)
            << err.str();
        io::tls::TlsSettings server{.profile = profile,
                                    .certificate_chain = folder / "pki/server/server.crt",
                                    .private_key = folder / "pki/server/server.key",
                                    .trust_anchors = folder / "pki/ca/ca.crt"};
        EXPECT_TRUE(make_context(io::tls::Side::server, server).has_value());
        server.certificate_chain = folder / "pki/vehicles/TESTCAR1/vehicle.crt";
        server.private_key = folder / "pki/vehicles/TESTCAR1/vehicle.key";
        EXPECT_TRUE(make_context(io::tls::Side::client, server).has_value());
    }
}

TEST_F(Pitstop, NamesServersByHostAndClientsByWhoTheyAre) {
    ASSERT_EQ(run({"pki", "init", "--dir", pki.c_str(), "--host", "ota.example.com", "--host", "::1", "--vin",
                   "TESTCAR1", "--vin", "TESTCAR2"}),
              0);
    EXPECT_EQ(certificate("server/server.crt").alternative_names().front(), "DNS:ota.example.com");
    EXPECT_EQ(certificate("broker/broker.crt").alternative_names().size(), 2u);
    EXPECT_EQ(certificate("server/mqtt-client.crt").common_name(), mqtt_client_name);
    EXPECT_EQ(certificate("observer/observer.crt").common_name(), observer_name);
    EXPECT_EQ(certificate("vehicles/TESTCAR2/vehicle.crt").common_name(), "TESTCAR2");
    EXPECT_TRUE(io::keys::load_private_key(folder / "pki/broker/broker.key").has_value());
}

TEST_F(Pitstop, NeverReplacesAnAuthorityUnasked) {
    ASSERT_EQ(run({"pki", "init", "--dir", pki.c_str(), "--vin", "TESTCAR1"}), 0);
    const auto before = certificate("ca/ca.crt").fingerprint();
    EXPECT_EQ(run({"pki", "init", "--dir", pki.c_str()}), failed);
    EXPECT_TRUE(err.str().contains(faults::already_there.code)) << err.str();
    EXPECT_TRUE(err.str().contains(faults::already_there.advice));
    EXPECT_EQ(certificate("ca/ca.crt").fingerprint(), before);
    EXPECT_EQ(run({"pki", "init", "--dir", pki.c_str(), "--force"}), 0);
    EXPECT_NE(certificate("ca/ca.crt").fingerprint(), before);
    EXPECT_FALSE(fs::exists(folder / "pki/vehicles/TESTCAR1"));  // what the old authority issued went with it
}

TEST_F(Pitstop, ReplacesOnlyFilesThatItMade) {
    ASSERT_EQ(run({"pki", "init", "--dir", pki.c_str(), "--vin", "TESTCAR1"}), 0);
    std::ofstream(folder / "pki/server/main.go") << "somebody's";
    std::ofstream(folder / "pki/vehicles/notes.txt") << "somebody's";
    ASSERT_EQ(run({"pki", "init", "--dir", pki.c_str(), "--force"}), 0) << err.str();
    EXPECT_TRUE(fs::exists(folder / "pki/server/main.go"));
    EXPECT_TRUE(fs::exists(folder / "pki/vehicles/notes.txt"));
}

TEST_F(Pitstop, RefusesBadNamesBeforeTouchingAnything) {
    ASSERT_EQ(run({"pki", "init", "--dir", pki.c_str()}), 0);
    const auto before = certificate("ca/ca.crt").fingerprint();
    EXPECT_EQ(run({"pki", "init", "--dir", pki.c_str(), "--force", "--vin", "../../etc"}), failed);
    EXPECT_TRUE(err.str().contains("base.bad-vin"));
    EXPECT_EQ(run({"pki", "init", "--dir", pki.c_str(), "--force", "--host", "a b"}), failed);
    EXPECT_TRUE(err.str().contains("keys.bad-host"));
    EXPECT_EQ(run({"pki", "init", "--dir", pki.c_str(), "--force", "--profile", "13"}), not_understood);
    EXPECT_EQ(certificate("ca/ca.crt").fingerprint(), before);
}

TEST_F(Pitstop, AddsOneVehicleOnceWithTheSealedAuthority) {
    std::ofstream(folder / "pass") << "correct horse\n";
    fs::permissions(folder / "pass", fs::perms::owner_read | fs::perms::owner_write);
    const std::string pass = folder / "pass";
    ASSERT_EQ(run({"pki", "init", "--dir", pki.c_str(), "--profile", "4", "--passphrase-file", pass.c_str()}), 0)
        << err.str();
    EXPECT_EQ(run({"pki", "vehicle", "--dir", pki.c_str(), "--vin", "TESTCAR9"}), failed);
    EXPECT_TRUE(err.str().contains("crypto.bad-passphrase"));
    EXPECT_EQ(run({"pki", "vehicle", "--dir", pki.c_str(), "--vin", "TESTCAR9", "--passphrase-file", pass.c_str()}), 0)
        << err.str();
    EXPECT_EQ(certificate("vehicles/TESTCAR9/vehicle.crt").public_key().type(), crypto::KeyType::ml_dsa_44);
    EXPECT_EQ(run({"pki", "vehicle", "--dir", pki.c_str(), "--vin", "TESTCAR9", "--passphrase-file", pass.c_str()}),
              failed);
    EXPECT_TRUE(err.str().contains(faults::already_there.code));
}

TEST_F(Pitstop, ExplainsACertificate) {
    ASSERT_EQ(run({"pki", "init", "--dir", pki.c_str(), "--profile", "8", "--vin", "TESTCAR1"}), 0);
    const std::string file = folder / "pki/vehicles/TESTCAR1/vehicle.crt";
    ASSERT_EQ(run({"pki", "show", file.c_str()}), 0);
    for (const char* part : {"TESTCAR1", "ml-dsa-65 (post-quantum)", "pitstop-ca", "2026-09-21"})
        EXPECT_TRUE(out.str().contains(part)) << part << "\n" << out.str();
    EXPECT_FALSE(out.str().contains("NOT NOW"));
    const std::string key = folder / "pki/vehicles/TESTCAR1/vehicle.key";
    EXPECT_EQ(run({"pki", "show", key.c_str()}), failed);
}

TEST_F(Pitstop, MakesAndListsKeysAndNeverReplacesOne) {
    const std::string first = folder / "keys/root.key", second = folder / "keys/targets.key", keys = folder / "keys";
    ASSERT_EQ(run({"key", "generate", "--type", "ecdsa-p256", "--out", first.c_str()}), 0) << err.str();
    ASSERT_EQ(run({"key", "generate", "--out", second.c_str()}), 0);
    EXPECT_EQ(run({"key", "generate", "--out", second.c_str()}), failed);
    EXPECT_TRUE(err.str().contains(faults::already_there.code));
    fs::remove(second);
    ASSERT_EQ(run({"key", "list", keys.c_str()}), 0);
    const auto id = io::keys::load_public_key(keys + "/root.pub")->key_id();
    EXPECT_TRUE(out.str().contains(id + "  ecdsa-p256  classical     open ")) << out.str();
    EXPECT_TRUE(out.str().contains("ml-dsa-65   post-quantum  elsewhere")) << out.str();
    EXPECT_EQ(run({"key", "list", "/nowhere"}), failed);
}

TEST_F(Pitstop, SaysWhatItDidNotUnderstand) {
    EXPECT_EQ(run({}), not_understood);
    EXPECT_EQ(run({"fly"}), not_understood);
    EXPECT_EQ(run({"key", "generate", "--type", "rsa", "--out", "x"}), not_understood);
    EXPECT_EQ(run({"pki", "init"}), not_understood);
    EXPECT_FALSE(err.str().empty());
    EXPECT_EQ(run({"--help"}), 0);
    EXPECT_TRUE(out.str().contains("Examples:"));
    EXPECT_EQ(run({"pki", "init", "--help"}), 0);
    EXPECT_TRUE(out.str().contains("Example:"));
}

TEST_F(Pitstop, CompletesCommandsAndOptionsInBash) {
    ASSERT_EQ(run({"completion", "bash"}), 0);
    std::ofstream(folder / "completion") << out.str();
    const auto completes = [this](const char* words, int at, const char* expected) {
        return std::system(std::format("bash -c 'source {}; COMP_WORDS=({}); COMP_CWORD={}; _pitstop; test "
                                       "\"${{COMPREPLY[*]}}\" = \"{}\"'",
                                       (folder / "completion").string(), words, at, expected)
                               .c_str()) == 0;
    };
    EXPECT_TRUE(completes("pitstop pk", 1, "pki"));
    EXPECT_TRUE(completes("pitstop pki i", 2, "init"));
    EXPECT_TRUE(completes("pitstop pki init --pr", 3, "--profile"));
    EXPECT_TRUE(completes("pitstop key generate --out x --t", 5, "--type"));
    EXPECT_TRUE(completes("pitstop key x", 2, ""));
    EXPECT_TRUE(completes("pitstop repo ro", 2, "rotate"));
    EXPECT_TRUE(completes("pitstop repo sign image-2.root.json --me", 4, "--merge"));
}

}  // namespace
}  // namespace pitstop::cli
