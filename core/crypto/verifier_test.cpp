#include "core/crypto/digest.h"
#include "core/crypto/openssl_verifier.h"
#include "core/crypto/signer.h"

#include <gtest/gtest.h>

#include <utility>

namespace pitstop::crypto {
namespace {

constexpr std::array kinds{
    std::pair{KeyType::ecdsa_p256, SignatureKind::ecdsa_p256}, std::pair{KeyType::ml_dsa_44, SignatureKind::ml_dsa_44},
    std::pair{KeyType::ml_dsa_65, SignatureKind::ml_dsa_65}, std::pair{KeyType::ml_dsa_87, SignatureKind::ml_dsa_87}};

const Bytes message{'o', 'n', 'e', ' ', 't', 'e', 'x', 't'};

// What verify() takes for this text.
Bytes digest_or_message(SignatureKind kind) {
    if (is_post_quantum(kind)) return message;
    const Sha256Digest digest = sha256(message);
    return Bytes(digest.begin(), digest.end());
}

TEST(SmallEcusVerifier, AcceptsWhatOurSignersSign) {
    OpenSslVerifier verifier;
    for (const auto& [type, kind] : kinds) {
        SoftwareSigner signer(*generate(type));
        const Bytes signature = *signer.sign(message);
        const View spki = signer.public_key().der();
        EXPECT_EQ(kind_of(spki), kind);
        EXPECT_EQ(spki.size(), spki_size_bytes(kind));
        EXPECT_LE(signature.size(), signature_size_bytes(kind));
        EXPECT_TRUE(verifier.verify(kind, spki, digest_or_message(kind), signature)) << to_string(type);
    }
}

TEST(SmallEcusVerifier, RefusesEverythingElse) {
    OpenSslVerifier verifier;
    for (const auto& [type, kind] : kinds) {
        SoftwareSigner signer(*generate(type));
        SoftwareSigner other(*generate(type));
        const Bytes signature = *signer.sign(message);
        const Bytes signed_bytes = digest_or_message(kind);
        const View spki = signer.public_key().der();
        Bytes flipped = signature, other_message = signed_bytes, longer = signature;
        flipped[flipped.size() / 2] ^= 1;
        other_message[0] ^= 1;
        longer.push_back(0);
        EXPECT_FALSE(verifier.verify(kind, spki, signed_bytes, flipped));
        EXPECT_FALSE(verifier.verify(kind, spki, other_message, signature));
        EXPECT_FALSE(verifier.verify(kind, spki, signed_bytes, longer));
        EXPECT_FALSE(verifier.verify(kind, spki, signed_bytes, View{}));
        EXPECT_FALSE(verifier.verify(kind, spki, signed_bytes, Bytes(signature.size(), 0)));
        EXPECT_FALSE(verifier.verify(kind, other.public_key().der(), signed_bytes, signature));
        EXPECT_FALSE(verifier.verify(kind, spki.first(spki.size() - 1), signed_bytes, signature));
        for (const auto& wrong : kinds)
            EXPECT_EQ(verifier.verify(wrong.second, spki, signed_bytes, signature), wrong.second == kind);
    }
}

TEST(SmallEcusVerifier, RefusesAPointThatIsNotOnTheCurve) {
    OpenSslVerifier verifier;
    SoftwareSigner signer(*generate(KeyType::ecdsa_p256));
    Bytes spki(signer.public_key().der().begin(), signer.public_key().der().end());
    spki.back() ^= 1;
    EXPECT_FALSE(verifier.verify(SignatureKind::ecdsa_p256, spki, digest_or_message(SignatureKind::ecdsa_p256),
                                 *signer.sign(message)));
}

TEST(SmallEcusVerifier, KnowsNoOtherKeys) {
    EXPECT_FALSE(kind_of(generate(KeyType::ed25519)->public_key().der()));
    EXPECT_FALSE(kind_of(View{}));
    EXPECT_FALSE(kind_of(Bytes(91, 0x30)));
}

TEST(SmallEcusVerifier, DigestsWhatComesInPieces) {
    OpenSslVerifier verifier;
    const auto digest = [&](DigestKind kind) {
        Bytes into(size_bytes(kind));
        verifier.start(DigestKind::sha512);
        verifier.update(message);  // dropped by the next start
        verifier.start(kind);
        for (const std::uint8_t& byte : message) verifier.update({&byte, 1});
        verifier.update({});
        verifier.finish(into);
        return into;
    };
    EXPECT_TRUE(std::ranges::equal(digest(DigestKind::sha256), sha256(message)));
    EXPECT_TRUE(std::ranges::equal(digest(DigestKind::sha512), sha512(message)));
    // FIPS 180-4's SHA-384 of the same eight letters, by another program.
    EXPECT_EQ(to_hex(digest(DigestKind::sha384)),
              "4af1b59657af81a1c9f6dfea71a8c282c4c731897060f8f5"
              "81d98f36b89b1586806347e963458263b22d747e7f4efe7a");
}

}  // namespace
}  // namespace pitstop::crypto
