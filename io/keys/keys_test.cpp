#include "core/base/faults.h"
#include "core/crypto/faults.h"
#include "io/files/atomic_file.h"
#include "io/keys/certificate_authority.h"
#include "io/keys/faults.h"
#include "io/keys/key_file.h"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include <sys/stat.h>
#include <unistd.h>
#include <ctime>
#include <filesystem>
#include <format>
#include <set>

namespace pitstop::io::keys {
namespace {

namespace fs = std::filesystem;
using crypto::KeyType;

const UtcTime now{1'790'000'000};

class Keys : public testing::Test {
protected:
    const fs::path folder = fs::path(testing::TempDir()) / std::format("keys-{}", ::getpid());
    void SetUp() override { fs::create_directories(folder); }
    void TearDown() override { fs::remove_all(folder); }

    static unsigned mode_of(const fs::path& path) {
        struct stat about{};
        ::stat(path.c_str(), &about);
        return about.st_mode & 07777;
    }
};

TEST_F(Keys, ArePrivateFromTheFirstByteAndComeBack) {
    const auto key = *crypto::generate(KeyType::ml_dsa_65);
    ASSERT_TRUE(save_private_key(folder / "a.key", key));
    ASSERT_TRUE(save_public_key(folder / "a.pub", key.public_key()));
    EXPECT_EQ(mode_of(folder / "a.key"), 0600u);
    EXPECT_EQ(load_private_key(folder / "a.key")->public_key(), key.public_key());
    EXPECT_EQ(*load_public_key(folder / "a.pub"), key.public_key());
}

TEST_F(Keys, AreRefusedWhenOthersMayReadThem) {
    ASSERT_TRUE(save_private_key(folder / "a.key", *crypto::generate(KeyType::ed25519)));
    for (const auto extra : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write}) {
        fs::permissions(folder / "a.key", extra, fs::perm_options::add);
        EXPECT_TRUE(load_private_key(folder / "a.key").error().is(faults::exposed));
        fs::permissions(folder / "a.key", extra, fs::perm_options::remove);
    }
    fs::permissions(folder / "a.key", fs::perms::owner_read);
    EXPECT_TRUE(load_private_key(folder / "a.key").has_value());
}

TEST_F(Keys, AreRefusedWhenMissingMalformedOrNoFile) {
    EXPECT_TRUE(load_private_key(folder / "missing.key").error().is(faults::unreadable));
    EXPECT_TRUE(load_private_key(folder).error().is(faults::unreadable));
    ASSERT_TRUE(files::write_atomically(folder / "bad.key", view_of("nonsense"), files::FileMode::private_));
    const auto malformed = load_private_key(folder / "bad.key");
    EXPECT_TRUE(malformed.error().is(crypto::faults::bad_key));
    EXPECT_TRUE(malformed.error().detail().contains("bad.key"));
    ASSERT_TRUE(files::write_atomically(folder / "big.key", Bytes(crypto::private_pem_bytes_max + 1),
                                        files::FileMode::private_));
    EXPECT_TRUE(load_private_key(folder / "big.key").error().is(faults::unreadable));
}

TEST_F(Keys, OpenWithThePassphraseOfAFile) {
    ASSERT_TRUE(files::write_atomically(folder / "pass", view_of("correct horse\n"), files::FileMode::private_));
    const auto passphrase = *load_secret(folder / "pass");
    EXPECT_EQ(passphrase, "correct horse");
    const auto key = *crypto::generate(KeyType::ecdsa_p256);
    ASSERT_TRUE(save_private_key(folder / "a.key", key, passphrase));
    EXPECT_EQ(load_private_key(folder / "a.key", passphrase)->public_key(), key.public_key());
    EXPECT_TRUE(load_private_key(folder / "a.key", "wrong").error().is(crypto::faults::bad_passphrase));
    EXPECT_TRUE(load_private_key(folder / "a.key").error().is(crypto::faults::bad_passphrase));
    fs::permissions(folder / "pass", fs::perms::others_read, fs::perm_options::add);
    EXPECT_TRUE(load_secret(folder / "pass").error().is(faults::exposed));
    ASSERT_TRUE(files::write_atomically(folder / "empty", view_of("\n"), files::FileMode::private_));
    EXPECT_TRUE(load_secret(folder / "empty").error().is(faults::unreadable));
}

// What a peer would check: the chain up to the authority, for this purpose, at this time.
int verify_chain(const CertificateAuthority& authority, const Certificate& leaf, int purpose, UtcTime at) {
    X509_STORE* const store = X509_STORE_new();
    X509_STORE_add_cert(store, authority.certificate().native());
    X509_STORE_CTX* const context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, leaf.native(), nullptr);
    X509_STORE_CTX_set_purpose(context, purpose);
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context), static_cast<std::time_t>(at.seconds));
    X509_verify_cert(context);
    const int result = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return result;
}

class EachAuthority : public testing::TestWithParam<KeyType> {
protected:
    CertificateAuthority authority = *CertificateAuthority::create(GetParam(), "Test-CA", now);
};
INSTANTIATE_TEST_SUITE_P(Authorities, EachAuthority,
                         testing::Values(KeyType::ecdsa_p256, KeyType::ml_dsa_44, KeyType::ml_dsa_65,
                                         KeyType::ml_dsa_87));

TEST_P(EachAuthority, IssuesServersThatPassTheStrictCheck) {
    const std::array names{*ServerName::parse("ota.example.com"), *ServerName::parse("127.0.0.1"),
                           *ServerName::parse("::1")};
    const auto issued = *authority.issue_server(names, now);
    EXPECT_EQ(verify_chain(authority, issued.certificate, X509_PURPOSE_SSL_SERVER, now), X509_V_OK);
    EXPECT_EQ(issued.certificate.alternative_names(),
              (std::vector<std::string>{"DNS:ota.example.com", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"}));
    EXPECT_EQ(issued.certificate.public_key().type(), GetParam());
    EXPECT_EQ(issued.certificate.public_key(), issued.key.public_key());
    EXPECT_NE(verify_chain(authority, issued.certificate, X509_PURPOSE_SSL_CLIENT, now), X509_V_OK);
}

TEST_P(EachAuthority, IssuesVehiclesWhoseCommonNameIsTheirVin) {
    const auto issued = *authority.issue_client("WVWZZZ1JZXW000001", vehicle_lifetime, now);
    EXPECT_EQ(issued.certificate.common_name(), "WVWZZZ1JZXW000001");
    EXPECT_EQ(verify_chain(authority, issued.certificate, X509_PURPOSE_SSL_CLIENT, now), X509_V_OK);
    EXPECT_NE(verify_chain(authority, issued.certificate, X509_PURPOSE_SSL_SERVER, now), X509_V_OK);
    EXPECT_FALSE(issued.certificate.is_authority());
}

TEST_P(EachAuthority, IsNotBelievedAboutWhatAnotherIssued) {
    const auto other = *CertificateAuthority::create(GetParam(), "Test-CA", now);
    const auto issued = *other.issue_client("TESTCAR1", vehicle_lifetime, now);
    EXPECT_NE(verify_chain(authority, issued.certificate, X509_PURPOSE_SSL_CLIENT, now), X509_V_OK);
}

TEST(Authority, BackdatesAndEndsCertificatesAsItSays) {
    const auto authority = *CertificateAuthority::create(KeyType::ecdsa_p256, "Test-CA", now);
    const auto issued = *authority.issue_client("TESTCAR1", std::chrono::days{10}, now);
    EXPECT_EQ(issued.certificate.not_before(), UtcTime{now.seconds - 300});
    EXPECT_EQ(issued.certificate.not_after(), now + std::chrono::days{10});
    const auto check = [&](std::int64_t after_s) {
        return verify_chain(authority, issued.certificate, X509_PURPOSE_SSL_CLIENT, UtcTime{now.seconds + after_s});
    };
    EXPECT_EQ(check(-301), X509_V_ERR_CERT_NOT_YET_VALID);
    EXPECT_EQ(check(-299), X509_V_OK);
    EXPECT_EQ(check(10 * 86400 + 1), X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST(Authority, GivesEverySerialTwentyRandomBytes) {
    const auto authority = *CertificateAuthority::create(KeyType::ecdsa_p256, "Test-CA", now);
    std::set<std::string> serials;
    for (int i = 0; i < 20; ++i)
        serials.insert(authority.issue_client("TESTCAR1", vehicle_lifetime, now)->certificate.serial());
    EXPECT_EQ(serials.size(), 20u);
    for (const auto& serial : serials) EXPECT_EQ(serial.size(), 40u);
}

TEST(Authority, RefusesNamesThatCouldMeanMore) {
    const auto authority = *CertificateAuthority::create(KeyType::ecdsa_p256, "Test-CA", now);
    for (const char* name : {"", "*", "*.example.com", "a,DNS:evil.example", "127.0.0.1:8443", "1.2.3", "-a.example",
                             "a..b", "a b", "::g"})
        EXPECT_TRUE(ServerName::parse(name).error().is(faults::bad_host)) << name;
    EXPECT_TRUE(ServerName::parse(std::string(64, 'a')).error().is(faults::bad_host));
    EXPECT_TRUE(authority.issue_server({}, now).error().is(faults::bad_host));
    for (const char* name : {"", "CAR/../CA", "CAR\nCN=x", "a b"})
        EXPECT_TRUE(authority.issue_client(name, vehicle_lifetime, now).error().is(pitstop::faults::bad_name)) << name;
}

TEST_F(Keys, OfAnAuthorityComeBackFromDiskAndOnlyTogether) {
    const auto authority = *CertificateAuthority::create(KeyType::ml_dsa_44, "Test-CA", now);
    ASSERT_TRUE(authority.save(folder / "ca.crt", folder / "ca.key", "secret"));
    EXPECT_EQ(mode_of(folder / "ca.key"), 0600u);
    EXPECT_TRUE(
        CertificateAuthority::load(folder / "ca.crt", folder / "ca.key").error().is(crypto::faults::bad_passphrase));
    const auto loaded = CertificateAuthority::load(folder / "ca.crt", folder / "ca.key", "secret");
    ASSERT_TRUE(loaded.has_value());
    const auto vehicle = *loaded->issue_client("TESTCAR1", vehicle_lifetime, now);
    EXPECT_EQ(verify_chain(authority, vehicle.certificate, X509_PURPOSE_SSL_CLIENT, now), X509_V_OK);

    ASSERT_TRUE(save(vehicle, folder / "v.crt", folder / "v.key"));
    EXPECT_EQ(mode_of(folder / "v.key"), 0600u);
    EXPECT_EQ(load_certificate(folder / "v.crt")->fingerprint(), vehicle.certificate.fingerprint());
    EXPECT_TRUE(CertificateAuthority::load(folder / "v.crt", folder / "v.key").error().is(faults::not_an_authority));
    EXPECT_TRUE(CertificateAuthority::load(folder / "ca.crt", folder / "v.key").error().is(faults::not_an_authority));
}

TEST(CertificateReader, RefusesWhatIsNotACertificate) {
    for (const std::string& text :
         {std::string(), std::string("nonsense"), std::string(Certificate::pem_bytes_max + 1, 'A'),
          std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")})
        EXPECT_TRUE(Certificate::from_pem(text).error().is(faults::bad_certificate));
}

// A name that one reader takes as the first and another as the last is no name.
TEST(CertificateReader, FindsNoNameWhereThereAreTwo) {
    const auto authority = *CertificateAuthority::create(KeyType::ecdsa_p256, "Test-CA", now);
    const auto vehicle = *authority.issue_client("TESTCAR1", vehicle_lifetime, now);
    X509_NAME* const subject = X509_get_subject_name(vehicle.certificate.native());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>("TESTCAR2"), -1, -1,
                               0);
    EXPECT_EQ(vehicle.certificate.common_name(), std::nullopt);
}

TEST(CertificateReader, FindsNoNameWithANulInside) {
    const auto authority = *CertificateAuthority::create(KeyType::ecdsa_p256, "Test-CA", now);
    const auto vehicle = *authority.issue_client("TESTCAR1", vehicle_lifetime, now);
    X509_NAME* const subject = X509_get_subject_name(vehicle.certificate.native());
    X509_NAME_ENTRY_free(X509_NAME_delete_entry(subject, X509_NAME_get_index_by_NID(subject, NID_commonName, -1)));
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>("TESTCAR1\0X"), 10,
                               -1, 0);
    EXPECT_EQ(vehicle.certificate.common_name(), std::nullopt);
}

}  // namespace
}  // namespace pitstop::io::keys
