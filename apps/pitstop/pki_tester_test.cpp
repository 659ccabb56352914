// What `pitstop pki tester` issues, before the judge that an ECU has.
#include "apps/pitstop/commands.h"
#include "core/crypto/openssl_certificate_judge.h"
#include "io/keys/certificate_authority.h"
#include "io/keys/credential.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <format>
#include <fstream>
#include <sstream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using crypto::CertificateFlaw;
using crypto::ProofKind;
using crypto::Role;

const UtcTime now{1'790'000'000};

class PkiTester : public testing::Test {
protected:
    const fs::path folder = fs::path(testing::TempDir()) / std::format("pitstop-tester-{}", ::getpid());
    std::ostringstream out, err;

    void SetUp() override { ASSERT_EQ(run({"init", "--vin", "TESTCAR1"}), 0) << err.str(); }
    void TearDown() override { fs::remove_all(folder); }

    int run(std::vector<std::string> words) {
        out.str("");
        err.str("");
        words.insert(words.begin(), {"pitstop", "pki"});
        words.insert(words.end(), {"--dir", folder.string()});
        std::vector<const char*> arguments;
        for (const std::string& word : words) arguments.push_back(word.c_str());
        return run_pitstop(arguments, now, out, err);
    }
    // What an ECU says of both halves, in this vehicle and on this day.
    std::vector<std::expected<crypto::Bearer, CertificateFlaw>> judged(const std::string& name, const std::string& vin,
                                                                       const std::string& hardware = "brake-2",
                                                                       UtcTime when = now) {
        const auto ca = folder / "diagnostics/ca";
        const auto classical = io::keys::load_certificate(ca / "classical.crt");
        const auto pq = io::keys::load_certificate(ca / "pq.crt");
        const std::array authorities{classical->native(), pq->native()};
        auto credential = io::keys::Credential::load(folder / "diagnostics" / name);
        const auto tester = credential->tester_of(*EcuId::parse("ECU_011"));
        crypto::OpenSslCertificateJudge judge(authorities, {vin, hardware}, [when] { return when; });
        return {judge.judge(tester->chain(ProofKind::classical)), judge.judge(tester->chain(ProofKind::post_quantum))};
    }
};

TEST_F(PkiTester, IssuesBothFamiliesWithTheRolesThatWereAskedFor) {
    ASSERT_EQ(run({"tester", "--name", "workshop-7", "--role", "diagnostic", "--role", "programming"}), 0) << err.str();
    EXPECT_EQ(out.str(), (folder / "diagnostics/workshop-7\n").string());
    for (const auto& bearer : judged("workshop-7", "TESTCAR1")) {
        ASSERT_TRUE(bearer);
        EXPECT_EQ(bearer->name.view(), "workshop-7");
        EXPECT_EQ(bearer->roles, Role::diagnostic | Role::programming);
    }
    for (const char* key : {"classical.key", "pq.key"})
        EXPECT_EQ(fs::status(folder / "diagnostics/workshop-7" / key).permissions(),
                  fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(PkiTester, BindsToVehiclesHardwareAndDays) {
    ASSERT_EQ(run({"tester", "--name", "w", "--role", "diagnostic", "--vin", "TESTCAR1", "--hardware", "brake-2",
                   "--days", "7"}),
              0)
        << err.str();
    const auto all = [&](const auto& of) { return std::ranges::all_of(of, [](const auto& each) { return !!each; }); };
    EXPECT_TRUE(all(judged("w", "TESTCAR1")));
    for (const auto& elsewhere : judged("w", "TESTCAR2")) EXPECT_EQ(elsewhere.error(), CertificateFlaw::out_of_scope);
    for (const auto& elsewhere : judged("w", "TESTCAR1", "brake-3"))
        EXPECT_EQ(elsewhere.error(), CertificateFlaw::out_of_scope);
    EXPECT_TRUE(all(judged("w", "TESTCAR1", "brake-2", now + std::chrono::days(6))));
    for (const auto& late : judged("w", "TESTCAR1", "brake-2", now + std::chrono::days(8)))
        EXPECT_EQ(late.error(), CertificateFlaw::outside_its_time);
}

TEST_F(PkiTester, ReplacesNoCredentialAndKeepsNamesInTheirPlace) {
    ASSERT_EQ(run({"tester", "--name", "w", "--role", "diagnostic"}), 0);
    EXPECT_EQ(run({"tester", "--name", "w", "--role", "programming"}), failed);
    EXPECT_TRUE(err.str().contains("cli.already-there")) << err.str();
    for (const char* name : {"../w", "", "a/b", "a b"}) {
        EXPECT_EQ(run({"tester", "--name", name, "--role", "diagnostic"}), failed) << name;
        EXPECT_TRUE(err.str().contains("base.bad-name")) << err.str();
    }
}

TEST_F(PkiTester, UnderstandsItsThreeRolesOnly) {
    EXPECT_EQ(run({"tester", "--name", "w", "--role", "root"}), not_understood);
    EXPECT_EQ(run({"tester", "--name", "w"}), not_understood);
    EXPECT_EQ(run({"tester", "--name", "w", "--role", "diagnostic", "--days", "400"}), not_understood);
}

TEST_F(PkiTester, NeedsTheAuthoritysKeys) {
    fs::remove(folder / "diagnostics/ca/pq.key");
    EXPECT_EQ(run({"tester", "--name", "w", "--role", "diagnostic"}), failed);
    EXPECT_TRUE(err.str().contains("keys.unreadable")) << err.str();
    EXPECT_FALSE(fs::exists(folder / "diagnostics/w")) << "nothing is left that stops the next try";
}

}  // namespace
}  // namespace pitstop::cli
