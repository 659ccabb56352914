#include "core/crypto/digest.h"

#include <gtest/gtest.h>

namespace pitstop::crypto {
namespace {

// FIPS 180-4 examples as NIST publishes them.
constexpr auto sha256_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr auto sha256_of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr auto sha512_of_abc =
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

TEST(Digest, GivesThePublishedValues) {
    EXPECT_EQ(to_hex(sha256(view_of("abc"))), sha256_of_abc);
    EXPECT_EQ(to_hex(sha256({})), sha256_of_nothing);
    EXPECT_EQ(to_hex(sha512(view_of("abc"))), sha512_of_abc);
}

TEST(Digest, DoesNotDependOnHowTheBytesWereCut) {
    const Bytes million(1'000'000, 'a');
    Sha256 hasher;
    std::size_t at = 0;
    for (std::size_t step = 1; at < million.size(); step = step * 3 + 1) {
        const auto piece = View(million).subspan(at, std::min(step, million.size() - at));
        hasher.update(piece);
        hasher.update({});
        at += piece.size();
    }
    EXPECT_EQ(to_hex(hasher.finish()), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, StartsAnewAfterFinishAndAfterReset) {
    Sha256 own;
    Hasher& hasher = own;
    hasher.update(view_of("left over"));
    hasher.reset();
    hasher.update(view_of("abc"));
    EXPECT_EQ(to_hex(hasher.finish()), sha256_of_abc);
    EXPECT_EQ(to_hex(hasher.finish()), sha256_of_nothing);

    Sha512 longer;
    longer.update(view_of("a"));
    longer.update(view_of("bc"));
    EXPECT_EQ(to_hex(longer.finish()), sha512_of_abc);
    EXPECT_EQ(longer.finish(), sha512({}));
}

}  // namespace
}  // namespace pitstop::crypto
