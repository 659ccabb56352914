#include "core/crypto/signer.h"

#include "core/crypto/faults.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

namespace pitstop::crypto {
namespace {

constexpr std::array all_types{KeyType::ecdsa_p256, KeyType::ecdsa_p384, KeyType::ed25519,
                               KeyType::ml_dsa_44,  KeyType::ml_dsa_65,  KeyType::ml_dsa_87};
const View message = view_of("release 2.2.0 of ECU_011");

class EachSigner : public testing::TestWithParam<KeyType> {
protected:
    SoftwareSigner signer{*generate(GetParam())};
    const PublicKey& key = signer.public_key();

    void expect_refused(View said, View signature) {
        const auto verified = verify(key, said, signature);
        ASSERT_FALSE(verified.has_value());
        EXPECT_TRUE(verified.error().is(faults::bad_signature));
        EXPECT_EQ(verified.error().remedy(), Remedy::distrust);
    }
};
INSTANTIATE_TEST_SUITE_P(Signers, EachSigner, testing::ValuesIn(all_types));

TEST_P(EachSigner, SignsWhatItsPublicKeyVerifies) {
    EXPECT_TRUE(verify(key, message, *signer.sign(message)).has_value());
    EXPECT_TRUE(verify(key, {}, *signer.sign({})).has_value());
}

TEST_P(EachSigner, IsNotBelievedWithAnAllZeroSignature) {
    expect_refused(message, Bytes(signer.sign(message)->size()));
    expect_refused(message, {});
}

TEST_P(EachSigner, IsNotBelievedWithAnAlteredSignature) {
    const auto signature = *signer.sign(message);
    for (std::size_t at = 0; at < signature.size(); at += 1 + signature.size() / 40) {
        Bytes altered = signature;
        altered[at] ^= 0x04;
        expect_refused(message, altered);
    }
    Bytes last = signature;
    last.back() ^= 0x01;
    expect_refused(message, last);
}

TEST_P(EachSigner, IsNotBelievedWithATruncatedOrContinuedSignature) {
    auto signature = *signer.sign(message);
    expect_refused(message, View(signature).first(signature.size() - 1));
    expect_refused(message, View(signature).first(signature.size() / 2));
    signature.push_back(0);
    expect_refused(message, signature);
}

TEST_P(EachSigner, IsNotBelievedAboutAnotherMessage) {
    const auto signature = *signer.sign(message);
    expect_refused(view_of("release 2.2.1 of ECU_011"), signature);
    expect_refused(message.first(message.size() - 1), signature);
    expect_refused({}, signature);
}

TEST_P(EachSigner, IsNotBelievedUnderAnotherKeyOfAnyKind) {
    const auto signature = *signer.sign(message);
    for (const KeyType type : all_types) {
        const auto other = generate(type);
        EXPECT_TRUE(verify(other->public_key(), message, signature).error().is(faults::bad_signature))
            << to_string(type);
    }
}

TEST_P(EachSigner, ComesBackFromItsPem) {
    const auto plain = *private_to_pem(signer.key());
    EXPECT_EQ(private_from_pem(plain)->public_key(), key);
    EXPECT_LE(plain.size(), private_pem_bytes_max);
    EXPECT_TRUE(private_from_pem(plain.substr(0, plain.size() / 2)).error().is(faults::bad_key));
}

TEST(PrivateKey, OpensOnlyWithItsPassphrase) {
    const auto key = *generate(KeyType::ml_dsa_87);
    const auto sealed = *private_to_pem(key, "correct horse");
    EXPECT_TRUE(sealed.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    EXPECT_LE(sealed.size(), private_pem_bytes_max);
    EXPECT_EQ(private_from_pem(sealed, "correct horse")->public_key(), key.public_key());
    EXPECT_TRUE(private_from_pem(sealed, "wrong horse").error().is(faults::bad_passphrase));
    EXPECT_TRUE(private_from_pem(sealed, "").error().is(faults::bad_passphrase));
    EXPECT_TRUE(private_from_pem(sealed).error().is(faults::bad_passphrase));
}

TEST(PrivateKey, RefusesWhatIsNotPkcs8) {
    EXPECT_TRUE(private_from_pem("").error().is(faults::bad_key));
    EXPECT_TRUE(private_from_pem(generate(KeyType::ed25519)->public_key().pem()).error().is(faults::bad_key));
    EXPECT_TRUE(private_from_pem(std::string(private_pem_bytes_max + 1, '-')).error().is(faults::bad_key));
}

// Project Wycheproof, ML-DSA signing from a seed, test 1: seed 32 times 0x2a, message "Hello world", deterministic. The
// signature's first bytes are a hash over key, message and every intermediate value, so they stand for the whole.
struct Vector {
    KeyType type;
    std::string_view pkcs8_hex, key_starts, key_ends, signature_starts, signature_ends;
};
constexpr std::array vectors{
    Vector{KeyType::ml_dsa_44, "3034020100300b060960864801650304031104228020", "db9ac67708f2ba0fac1f92bd802f9be8",
           "4c9dda41839b7b3357ab9d", "1aa69cb5ed35204534f25f40a17eb0d767f8981f5e7cec46d3bf3252bfc78e09", "121f323e"},
    Vector{KeyType::ml_dsa_65, "3034020100300b060960864801650304031204228020", "f5408337d0fee65c28851226a5fa81b5",
           "fb194f87173a18dc",
           "69da5aec6d5f58fbf29439c520bd68b966e3dd2ca633b68351c2862344713a1e9c086a44f9a870a3ccc14de62d6c12b2",
           "05101318212b"},
};

Bytes sign_deterministically(const PrivateKey& key, View said) {
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    int deterministic = 1;
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_DETERMINISTIC, &deterministic), OSSL_PARAM_construct_end()};
    EXPECT_EQ(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.native(), parameters.data()),
              1);
    Bytes signature(5000);
    std::size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &size, said.data(), said.size()), 1);
    signature.resize(size);
    return signature;
}

TEST(MlDsa, GivesThePublishedKeysAndSignatures) {
    for (const Vector& vector : vectors) {
        Bytes pkcs8 = *from_hex(vector.pkcs8_hex);
        pkcs8.insert(pkcs8.end(), 32, 0x2a);
        const std::uint8_t* at = pkcs8.data();
        const auto key =
            PrivateKey::from_native(Owned<EVP_PKEY>(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(pkcs8.size()))));
        ASSERT_TRUE(key && key->type() == vector.type);
        const auto spki = to_hex(key->public_key().der());
        EXPECT_TRUE(spki.substr(44).starts_with(vector.key_starts));
        EXPECT_TRUE(spki.ends_with(vector.key_ends));

        const auto signature = sign_deterministically(*key, view_of("Hello world"));
        EXPECT_TRUE(to_hex(signature).starts_with(vector.signature_starts));
        EXPECT_TRUE(to_hex(signature).ends_with(vector.signature_ends));
        EXPECT_TRUE(verify(key->public_key(), view_of("Hello world"), signature).has_value());
    }
}

// FIPS 204: a signature made under a context must not pass as one made under none.
TEST(MlDsa, RefusesASignatureMadeUnderAContext) {
    const auto key = *generate(KeyType::ml_dsa_65);
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    std::array<std::uint8_t, 3> name{'o', 't', 'a'};
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_octet_string(OSSL_SIGNATURE_PARAM_CONTEXT_STRING, name.data(), name.size()),
        OSSL_PARAM_construct_end()};
    ASSERT_EQ(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.native(), parameters.data()),
              1);
    Bytes signature(5000);
    std::size_t size = signature.size();
    ASSERT_EQ(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()), 1);
    signature.resize(size);
    EXPECT_TRUE(verify(key.public_key(), message, signature).error().is(faults::bad_signature));
}

}  // namespace
}  // namespace pitstop::crypto
