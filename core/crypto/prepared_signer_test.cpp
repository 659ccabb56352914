#include "core/crypto/prepared_signer.h"

#include "core/crypto/faults.h"

#include <gtest/gtest.h>

namespace pitstop::crypto {
namespace {

TEST(PreparedSigner, SignsOneMessageAfterAnotherForTheSameKey) {
    const PrivateKey key = *generate(KeyType::ecdsa_p256);
    auto signer = *PreparedSigner::make(key);
    EXPECT_EQ(signer.public_key(), key.public_key());
    for (const char* text : {"", "release 2.2.0", "release 2.2.1", "release 2.2.0"}) {
        const Bytes signature = *signer.sign(view_of(text));
        EXPECT_TRUE(verify(key.public_key(), view_of(text), signature)) << text;
        EXPECT_FALSE(verify(key.public_key(), view_of("release 2.2.2"), signature));
    }
}

TEST(PreparedSigner, OutlivesThePrivateKeyItWasMadeFrom) {
    auto signer = [] { return *PreparedSigner::make(*generate(KeyType::ecdsa_p256)); }();
    EXPECT_TRUE(verify(signer.public_key(), view_of("later"), *signer.sign(view_of("later"))));
}

TEST(PreparedSigner, TakesNoOtherKindOfKey) {
    for (const KeyType type : {KeyType::ed25519, KeyType::ml_dsa_65})
        EXPECT_TRUE(PreparedSigner::make(*generate(type)).error().is(faults::bad_key));
}

}  // namespace
}  // namespace pitstop::crypto
