#include "core/crypto/key.h"

#include "core/crypto/digest.h"
#include "core/crypto/faults.h"
#include "core/crypto/signer.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

namespace pitstop::crypto {
namespace {

constexpr std::array all_types{KeyType::ecdsa_p256, KeyType::ecdsa_p384, KeyType::ed25519,
                               KeyType::ml_dsa_44,  KeyType::ml_dsa_65,  KeyType::ml_dsa_87};

PublicKey fresh(KeyType type) { return generate(type)->public_key(); }

Bytes der_of(const PublicKey& key) { return {key.der().begin(), key.der().end()}; }

class EachKeyType : public testing::TestWithParam<KeyType> {};
INSTANTIATE_TEST_SUITE_P(Keys, EachKeyType, testing::ValuesIn(all_types));

TEST_P(EachKeyType, ComesBackFromItsPemAndItsDerWithTheSameId) {
    const auto key = fresh(GetParam());
    const auto from_pem = PublicKey::from_pem(key.pem());
    const auto from_der = PublicKey::from_der(key.der());
    ASSERT_TRUE(from_pem && from_der);
    EXPECT_EQ(from_pem->type(), GetParam());
    EXPECT_EQ(*from_pem, key);
    EXPECT_EQ(from_pem->key_id(), to_hex(sha256(key.der())));
    EXPECT_EQ(from_der->pem(), key.pem());
    EXPECT_LE(key.pem().size(), PublicKey::pem_bytes_max);
}

TEST_P(EachKeyType, IsRefusedWhenCutOrContinued) {
    const auto whole = der_of(fresh(GetParam()));
    for (std::size_t size : {std::size_t{0}, std::size_t{10}, whole.size() / 2, whole.size() - 1})
        EXPECT_TRUE(PublicKey::from_der(View(whole).first(size)).error().is(faults::bad_key)) << size;
    Bytes continued = whole;
    continued.push_back(0);
    EXPECT_TRUE(PublicKey::from_der(continued).error().is(faults::bad_key));
}

TEST_P(EachKeyType, IsKnownByItsName) {
    EXPECT_EQ(*key_type_from(to_string(GetParam())), GetParam());
    EXPECT_TRUE(key_type_from(std::string(to_string(GetParam())) + "0").error().is(faults::bad_key));
}

TEST(PublicKey, HasAnIdOfItsOwn) {
    EXPECT_NE(fresh(KeyType::ml_dsa_65).key_id(), fresh(KeyType::ml_dsa_65).key_id());
    EXPECT_EQ(family(KeyType::ed25519), Family::classical);
    EXPECT_EQ(family(KeyType::ml_dsa_87), Family::post_quantum);
    EXPECT_NE(to_string(Family::classical), to_string(Family::post_quantum));
}

TEST(PublicKey, RefusesOtherEncodingsOfTheSamePoint) {
    const auto key = fresh(KeyType::ecdsa_p256);
    Bytes hybrid = der_of(key);  // X9.62 hybrid form: the same point, another first byte, and so another id
    hybrid[26] = static_cast<std::uint8_t>(6 + (hybrid.back() & 1));
    EXPECT_TRUE(PublicKey::from_der(hybrid).error().is(faults::bad_key));

    Bytes compressed = der_of(key);
    compressed.resize(59);
    compressed[1] = 57;
    compressed[24] = 34;
    compressed[26] = static_cast<std::uint8_t>(2 + (key.der().back() & 1));
    EXPECT_TRUE(PublicKey::from_der(compressed).error().is(faults::bad_key));
}

TEST(PublicKey, RefusesAPointThatIsNotOnTheCurve) {
    Bytes off_curve = der_of(fresh(KeyType::ecdsa_p256));
    off_curve.back() ^= 1;
    EXPECT_TRUE(PublicKey::from_der(off_curve).error().is(faults::bad_key));
}

TEST(PublicKey, RefusesKindsThatPitstopDoesNotUse) {
    for (const char* curve : {"P-521", "secp256k1"}) {
        Owned<EVP_PKEY> other(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
        EXPECT_TRUE(PrivateKey::from_native(std::move(other)).error().is(faults::bad_key)) << curve;
    }
    Owned<EVP_PKEY> rsa(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
    EXPECT_TRUE(PrivateKey::from_native(std::move(rsa)).error().is(faults::bad_key));
}

Bytes spki_of(EVP_PKEY* key) {
    std::uint8_t* encoded = nullptr;
    const int size = i2d_PUBKEY(key, &encoded);
    const Bytes spki(encoded, encoded + size);
    OPENSSL_free(encoded);
    return spki;
}

// What others' tools do: PSS over SHA-256 with a salt as long as the digest.
Bytes signed_with_rsa(EVP_PKEY* key, View message, RsaPadding padding = RsaPadding::pss) {
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* lent = nullptr;
    EVP_DigestSignInit_ex(context.get(), &lent, "SHA256", nullptr, nullptr, key, nullptr);
    const bool pss = padding == RsaPadding::pss;
    EVP_PKEY_CTX_set_rsa_padding(lent, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING);
    if (pss) EVP_PKEY_CTX_set_rsa_pss_saltlen(lent, RSA_PSS_SALTLEN_DIGEST);
    std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
    Bytes signature(size);
    EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size());
    signature.resize(size);
    return signature;
}

TEST(PublicKey, VerifiesRsaPssButNeverSignsWithIt) {
    Owned<EVP_PKEY> rsa(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{3072}));
    const auto key = PublicKey::from_der(spki_of(rsa.get()));
    ASSERT_TRUE(key) << key.error().str();
    EXPECT_EQ(key->type(), KeyType::rsa_pss);
    EXPECT_EQ(family(key->type()), Family::classical);
    EXPECT_EQ(*PublicKey::from_pem(key->pem()), *key);
    const View message = view_of("targets");
    Bytes signature = signed_with_rsa(rsa.get(), message);
    EXPECT_TRUE(verify(*key, message, signature));
    EXPECT_TRUE(verify(*key, view_of("others"), signature).error().is(faults::bad_signature));
    signature[7] ^= 1;
    EXPECT_TRUE(verify(*key, message, signature).error().is(faults::bad_signature));
    EXPECT_TRUE(PrivateKey::from_native(std::move(rsa)).error().is(faults::bad_key));
    EXPECT_TRUE(generate(KeyType::rsa_pss).error().is(faults::bad_key));
}

TEST(PublicKey, TakesOneRsaPaddingForTheOtherNever) {
    const Owned<EVP_PKEY> rsa(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{3072}));
    const Bytes der = spki_of(rsa.get());
    const View message = view_of("targets");
    for (const RsaPadding padding : {RsaPadding::pss, RsaPadding::pkcs1v15}) {
        const auto key = PublicKey::from_der(der, {.rsa_bits_min = 3072, .rsa_padding = padding});
        ASSERT_TRUE(key);
        for (const RsaPadding other : {RsaPadding::pss, RsaPadding::pkcs1v15})
            EXPECT_EQ(verify(*key, message, signed_with_rsa(rsa.get(), message, other)).has_value(), padding == other);
    }
}

TEST(PublicKey, RefusesRsaThatIsTooShortUnlessAForeignRepositoryIsTested) {
    const Owned<EVP_PKEY> rsa(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
    EXPECT_TRUE(PublicKey::from_der(spki_of(rsa.get())).error().is(faults::bad_key));
    EXPECT_TRUE(PublicKey::from_der(spki_of(rsa.get()), {.rsa_bits_min = 2048}));
}

TEST(PublicKey, TakesTheRawFormOfEd25519) {
    const auto key = fresh(KeyType::ed25519);
    EXPECT_EQ(*PublicKey::from_ed25519(key.ed25519_raw()), key);
    EXPECT_TRUE(PublicKey::from_ed25519(Bytes(31)).error().is(faults::bad_key));
}

TEST(PublicKey, RefusesPemThatIsMoreThanOneBlock) {
    const auto pem = fresh(KeyType::ed25519).pem();
    EXPECT_TRUE(PublicKey::from_pem(pem + " \r\n\t").has_value());
    EXPECT_TRUE(PublicKey::from_pem(pem + pem).error().is(faults::bad_key));
    EXPECT_TRUE(PublicKey::from_pem("note\n" + pem).error().is(faults::bad_key));
    EXPECT_TRUE(PublicKey::from_pem(pem.substr(0, pem.size() - 10)).error().is(faults::bad_key));
    EXPECT_TRUE(PublicKey::from_pem(pem + std::string(PublicKey::pem_bytes_max, ' ')).error().is(faults::bad_key));
    EXPECT_TRUE(PublicKey::from_pem("").error().is(faults::bad_key));
    EXPECT_TRUE(PublicKey::from_pem(*private_to_pem(*generate(KeyType::ed25519))).error().is(faults::bad_key));
    EXPECT_TRUE(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n")
                    .error()
                    .is(faults::bad_key));
}

struct FreeSignature {
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};

// (r, n-s) verifies as well: whoever stores or counts signatures by their bytes can be given "two" for one.
TEST(Verify, AcceptsTheTwinOfAnEcdsaSignatureSoBytesAreNoIdentity) {
    SoftwareSigner signer(*generate(KeyType::ecdsa_p256));
    const auto signature = *signer.sign(view_of("message"));
    const std::uint8_t* at = signature.data();
    const std::unique_ptr<ECDSA_SIG, FreeSignature> parts(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
    BIGNUM* order = nullptr;
    BN_hex2bn(&order, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    BIGNUM* twin_s = BN_new();
    BN_sub(twin_s, order, ECDSA_SIG_get0_s(parts.get()));
    BN_free(order);
    ECDSA_SIG_set0(parts.get(), BN_dup(ECDSA_SIG_get0_r(parts.get())), twin_s);
    Bytes twin(80);
    std::uint8_t* to = twin.data();
    twin.resize(static_cast<std::size_t>(i2d_ECDSA_SIG(parts.get(), &to)));

    EXPECT_NE(twin, signature);
    EXPECT_TRUE(verify(signer.public_key(), view_of("message"), twin).has_value());
}

TEST(Verify, RefusesEcdsaSignaturesThatAreBerAndNotDer) {
    SoftwareSigner signer(*generate(KeyType::ecdsa_p256));
    const auto signature = *signer.sign(view_of("message"));
    Bytes long_form{0x30, 0x81};  // the same length written in two bytes
    long_form.insert(long_form.end(), signature.begin() + 1, signature.end());
    EXPECT_TRUE(verify(signer.public_key(), view_of("message"), long_form).error().is(faults::bad_signature));
    Bytes continued = signature;
    continued.push_back(0);
    EXPECT_TRUE(verify(signer.public_key(), view_of("message"), continued).error().is(faults::bad_signature));
}

TEST(OpenSsl, AFailureOfTheLibraryCarriesItsReason) {
    ASSERT_EQ(EVP_MD_fetch(nullptr, "NO-SUCH-DIGEST", nullptr), nullptr);
    const Result<void> failed = library_failed("fetching a digest");
    EXPECT_TRUE(failed.error().is(faults::library_failed));
    EXPECT_EQ(failed.error().detail(), "fetching a digest: unsupported");
    EXPECT_EQ(take_reason(), "unknown reason");  // the queue is empty again
}

}  // namespace
}  // namespace pitstop::crypto
