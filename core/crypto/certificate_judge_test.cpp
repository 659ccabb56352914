#include "core/crypto/certificates_on_the_desk_test.h"
#include "core/crypto/digest.h"
#include "core/crypto/hmac.h"
#include "core/crypto/mac.h"
#include "core/crypto/openssl_certificate_judge.h"

#include <gtest/gtest.h>

namespace pitstop::crypto {
namespace {

using desk::CertificateWish;
using desk::Holder;
using enum CertificateFlaw;

class CertificateJudgeTest : public testing::Test {
protected:
    const Holder authority = desk::make_authority(KeyType::ecdsa_p256);
    const Holder pq_authority = desk::make_authority(KeyType::ml_dsa_65);
    UtcTime now = desk::certificates_now;
    std::array<X509*, 2> authorities{authority.certificate.get(), pq_authority.certificate.get()};
    OpenSslCertificateJudge judge{authorities, {"WPTSTP00000000001", "brake-controller-2"}, [this] { return now; }};

    Holder issue(const CertificateWish& wish) const { return desk::issue(KeyType::ecdsa_p256, wish, &authority); }
    std::expected<Bearer, CertificateFlaw> judged(const CertificateWish& wish) {
        return judge.judge(issue(wish).der());
    }
    void expect(const CertificateWish& wish, CertificateFlaw flaw) {
        const auto bearer = judged(wish);
        ASSERT_FALSE(bearer);
        EXPECT_EQ(bearer.error(), flaw) << static_cast<int>(bearer.error());
    }
};

TEST_F(CertificateJudgeTest, SaysUntilWhenTheChainIsGood) {
    const UtcTime sooner = now + std::chrono::seconds(60);
    EXPECT_EQ(judged({.until = sooner})->until, sooner);
}

TEST_F(CertificateJudgeTest, SaysWhoMayDoWhat) {
    const auto bearer = judged({.name = "workshop-7", .units = {"role=diagnostic", "role=development"}});
    ASSERT_TRUE(bearer) << static_cast<int>(bearer.error());
    EXPECT_EQ(bearer->name.view(), "workshop-7");
    EXPECT_EQ(bearer->roles, Role::diagnostic | Role::development);
    EXPECT_EQ(bearer->kind, SignatureKind::ecdsa_p256);
    EXPECT_EQ(bearer->until, CertificateWish{}.until);
}

TEST_F(CertificateJudgeTest, BelievesChainsOfEveryMlDsa) {
    for (const auto type : {KeyType::ml_dsa_44, KeyType::ml_dsa_65, KeyType::ml_dsa_87}) {
        const Holder holder = desk::issue(type, {}, &pq_authority);
        const auto bearer = judge.judge(holder.der());
        ASSERT_TRUE(bearer) << to_string(type) << static_cast<int>(bearer.error());
        EXPECT_TRUE(is_post_quantum(bearer->kind));
        EXPECT_TRUE(judge.signed_by_bearer(view_of("text"), holder.sign(view_of("text"))));
    }
}

TEST_F(CertificateJudgeTest, KnowsWhetherTheHolderSigned) {
    const Holder holder = issue({});
    EXPECT_FALSE(judge.signed_by_bearer(view_of("text"), holder.sign(view_of("text")))) << "nobody was judged yet";
    ASSERT_TRUE(judge.judge(holder.der()));
    EXPECT_TRUE(judge.signed_by_bearer(view_of("text"), holder.sign(view_of("text"))));
    EXPECT_FALSE(judge.signed_by_bearer(view_of("other"), holder.sign(view_of("text"))));
    EXPECT_FALSE(judge.signed_by_bearer(view_of("text"), issue({}).sign(view_of("text"))));
    ASSERT_FALSE(judge.judge(view_of("no certificate")));
    EXPECT_FALSE(judge.signed_by_bearer(view_of("text"), holder.sign(view_of("text")))) << "a refused one counts not";
}

TEST_F(CertificateJudgeTest, RefusesAForeignAuthorityAlsoOfTheSameName) {
    const Holder other = desk::make_authority(KeyType::ecdsa_p256);
    Bytes chain = desk::issue(KeyType::ecdsa_p256, {}, &other).der();
    const auto alone = judge.judge(chain);
    ASSERT_FALSE(alone);
    EXPECT_TRUE(alone.error() == bad_chain || alone.error() == bad_signature);
    const Bytes root = other.der();
    chain.insert(chain.end(), root.begin(), root.end());
    EXPECT_FALSE(judge.judge(chain)) << "bringing its own authority along helps nobody";
}

TEST_F(CertificateJudgeTest, RefusesBeforeAndAfterItsTime) {
    expect({.from = now + std::chrono::seconds(60)}, outside_its_time);
    const Bytes chain = issue({}).der();
    ASSERT_TRUE(judge.judge(chain));
    now = now + std::chrono::hours(25);
    EXPECT_EQ(judge.judge(chain).error(), outside_its_time);
}

TEST_F(CertificateJudgeTest, RefusesADamagedSignature) {
    Bytes chain = issue({}).der();
    chain[chain.size() - 3] ^= 0x01;
    EXPECT_EQ(judge.judge(chain).error(), bad_signature);
}

TEST_F(CertificateJudgeTest, RefusesOtherUses) {
    expect({.purpose = "serverAuth"}, wrong_type);
    expect({.purpose = "clientAuth,serverAuth"}, wrong_type);
    expect({.purpose = ""}, wrong_type);
    expect({.key_usage = "critical,keyAgreement"}, wrong_type);
}

TEST_F(CertificateJudgeTest, RefusesKeysThatDoNotCount) {
    EXPECT_EQ(judge.judge(desk::issue(KeyType::ecdsa_p384, {}, &authority).der()).error(), wrong_type);
    EXPECT_EQ(judge.judge(desk::issue(KeyType::ml_dsa_65, {}, &authority).der()).error(), wrong_type)
        << "a post-quantum key that a classical authority vouches for";
    EXPECT_EQ(judge.judge(desk::issue(KeyType::ecdsa_p256, {}, &pq_authority).der()).error(), wrong_type);
}

TEST_F(CertificateJudgeTest, RefusesAChainThatIsLongerThanTheAuthorityAllows) {
    CertificateWish wish = desk::authority_wish;
    wish.name = "between";
    const Holder between = desk::issue(KeyType::ecdsa_p256, wish, &authority);
    Bytes chain = desk::issue(KeyType::ecdsa_p256, {}, &between).der();
    const Bytes issuer = between.der();
    chain.insert(chain.end(), issuer.begin(), issuer.end());
    EXPECT_EQ(judge.judge(chain).error(), bad_chain);
}

TEST_F(CertificateJudgeTest, BelievesAChainWithinItsLength) {
    CertificateWish wish = desk::authority_wish;
    wish.constraints = "critical,CA:TRUE,pathlen:1";
    const Holder root = desk::issue(KeyType::ecdsa_p256, wish);
    wish = desk::authority_wish;
    wish.name = "between";
    const Holder between = desk::issue(KeyType::ecdsa_p256, wish, &root);
    Bytes chain = desk::issue(KeyType::ecdsa_p256, {}, &between).der();
    const Bytes issuer = between.der();
    chain.insert(chain.end(), issuer.begin(), issuer.end());
    X509* const of_root = root.certificate.get();
    OpenSslCertificateJudge other({&of_root, 1}, {}, [this] { return now; });
    EXPECT_TRUE(other.judge(chain));
    EXPECT_EQ(other.judge(desk::issue(KeyType::ecdsa_p256, {}, &between).der()).error(), bad_chain) << "with a gap";
}

TEST_F(CertificateJudgeTest, RefusesALeafThatIsAnAuthority) {
    EXPECT_EQ(judge.judge(authority.der()).error(), wrong_type);
}

TEST_F(CertificateJudgeTest, NeedsARoleAndNoUnitThatIsUnknown) {
    expect({.units = {}}, bad_content);
    expect({.units = {"role=driver"}}, bad_content);
    expect({.units = {"role=programming", "country=only-here"}}, bad_content);
    expect({.name = ""}, bad_content);
}

TEST_F(CertificateJudgeTest, ObeysWhatACertificateIsBoundTo) {
    EXPECT_TRUE(judged({.units = {"role=programming", "vin=WPTSTP00000000001"}}));
    EXPECT_TRUE(judged({.units = {"role=programming", "vin=OTHER", "vin=WPTSTP00000000001"}}));
    EXPECT_TRUE(judged({.units = {"role=programming", "hardware=brake-controller-2"}}));
    expect({.units = {"role=programming", "vin=WPTSTP00000000002"}}, out_of_scope);
    expect({.units = {"role=programming", "hardware=brake-controller-1"}}, out_of_scope);
    expect({.units = {"role=programming", "vin=WPTSTP00000000001", "hardware=head"}}, out_of_scope);
}

TEST_F(CertificateJudgeTest, RefusesWhatIsNoChain) {
    Bytes chain = issue({}).der();
    EXPECT_EQ(judge.judge({}).error(), malformed);
    EXPECT_EQ(judge.judge(View(chain).first(chain.size() - 1)).error(), malformed);
    chain.push_back(0x30);
    EXPECT_EQ(judge.judge(chain).error(), malformed);
    Bytes long_one;
    for (std::size_t i = 0; i <= chain_certificates_max; ++i) {
        const Bytes one = issue({}).der();
        long_one.insert(long_one.end(), one.begin(), one.end());
    }
    EXPECT_EQ(judge.judge(long_one).error(), malformed);
}

TEST(Hmac, AgreesWithTheLibraryForEveryLengthOfKey) {
    Sha256 hasher;
    for (const std::size_t size : {0U, 1U, 32U, 63U, 64U, 65U, 200U}) {
        const Bytes key(size, 0xA7);
        EXPECT_EQ(hmac_sha256(hasher, key, view_of("what is signed")), hmac_sha256(key, view_of("what is signed")));
    }
}

}  // namespace
}  // namespace pitstop::crypto
