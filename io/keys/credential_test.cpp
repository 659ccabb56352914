#include "io/keys/credential.h"

#include "core/base/faults.h"
#include "core/crypto/mac.h"
#include "io/files/atomic_file.h"
#include "io/keys/certificate_authority.h"
#include "io/keys/faults.h"
#include "io/keys/key_file.h"
#include "io/keys/randomness.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <format>

namespace pitstop::io::keys {
namespace {

namespace fs = std::filesystem;
using crypto::KeyType;
using crypto::ProofKind;

const UtcTime now{1'790'000'000};
const std::vector<std::string> programming{"role=programming"};

class CredentialTest : public testing::Test {
protected:
    const fs::path folder = fs::path(testing::TempDir()) / std::format("credential-{}", ::getpid());
    const EcuId ecu = *EcuId::parse("ECU_011");
    void SetUp() override { fs::create_directories(folder / "keys"); }
    void TearDown() override { fs::remove_all(folder); }

    Issued issue(KeyType type, const std::string& name) {
        const auto authority = *CertificateAuthority::create(type, "diagnostics", now);
        auto issued = *authority.issue_tester("gateway", programming, std::chrono::days(1), now);
        EXPECT_TRUE(save(issued, folder / (name + ".crt"), folder / (name + ".key")));
        return issued;
    }
    void write_secret(std::string_view text) {
        ASSERT_TRUE(files::write_atomically(folder / "keys" / "ECU_011.key", view_of(text), files::FileMode::private_));
    }
};

TEST_F(CredentialTest, ProvesWithEveryKeyThatItHas) {
    const Issued classical = issue(KeyType::ecdsa_p256, "classical"), post_quantum = issue(KeyType::ml_dsa_44, "pq");
    write_secret("3031323334353637383961626364656630313233343536373839616263646566\n");
    auto credential = Credential::load(folder);
    ASSERT_TRUE(credential) << credential.error().str();
    auto tester = *credential->tester_of(ecu);
    const View text = view_of("what the ECU asks");
    EXPECT_TRUE(verify(classical.key.public_key(), text, *tester.prove(ProofKind::classical, text)));
    EXPECT_TRUE(verify(post_quantum.key.public_key(), text, *tester.prove(ProofKind::post_quantum, text)));
    const auto tag = crypto::hmac_sha256(view_of("0123456789abcdef0123456789abcdef"), text);
    EXPECT_EQ(*tester.prove(ProofKind::symmetric, text), Bytes(tag.begin(), tag.end()));
    EXPECT_FALSE(tester.chain(ProofKind::classical).empty());
    EXPECT_TRUE(tester.chain(ProofKind::symmetric).empty());
    EXPECT_FALSE(credential->tester_of(*EcuId::parse("ECU_012"))->has(ProofKind::symmetric)) << "a key per ECU";
}

TEST_F(CredentialTest, SaysWhatIsMissing) {
    EXPECT_TRUE(Credential::load(folder / "nothing").error().is(faults::no_credential));
    issue(KeyType::ecdsa_p256, "classical");
    auto credential = Credential::load(folder);
    ASSERT_TRUE(credential);
    auto tester = *credential->tester_of(ecu);
    EXPECT_FALSE(tester.has(ProofKind::post_quantum));
    EXPECT_TRUE(tester.prove(ProofKind::post_quantum, {}).error().is(faults::no_credential));
    ASSERT_TRUE(save_private_key(folder / "classical.key", *crypto::generate(KeyType::ecdsa_p256)));
    EXPECT_TRUE(Credential::load(folder).error().is(faults::no_credential)) << "a key that is not its own";
}

TEST_F(CredentialTest, ReadsNoHalfSecrets) {
    issue(KeyType::ecdsa_p256, "classical");
    auto credential = Credential::load(folder);
    write_secret("30313233");
    EXPECT_TRUE(credential->tester_of(ecu).error().is(faults::no_credential));
    write_secret("not hex");
    EXPECT_TRUE(credential->tester_of(ecu).error().is(pitstop::faults::not_hex));
}

TEST_F(CredentialTest, IssuesNoUnitsThatCouldBeReadDifferently) {
    const auto authority = *CertificateAuthority::create(KeyType::ecdsa_p256, "diagnostics", now);
    const std::vector<std::string> odd{"role=programming,OU=role=development"};
    EXPECT_FALSE(authority.issue_tester("gateway", odd, std::chrono::days(1), now));
    EXPECT_FALSE(authority.issue_tester("a gateway", programming, std::chrono::days(1), now));
}

TEST(SystemRandomness, NeverRepeatsItself) {
    SystemRandomness randomness;
    Bytes once(32), again(32);
    ASSERT_TRUE(randomness.fill(once));
    ASSERT_TRUE(randomness.fill(again));
    EXPECT_NE(once, again);
}

}  // namespace
}  // namespace pitstop::io::keys
