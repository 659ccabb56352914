// core/crypto: an ECU's seal keys as text, and the keys themselves as bytes.
//
// Input: the text.
#include "core/crypto/xwing_text.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;
namespace xwing = crypto::xwing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    const auto open = xwing::public_from_text(text_of(input));
    fuzz::must_repeat(open, xwing::public_from_text(text_of(input)));
    if (open) must(*xwing::public_from_text(xwing::to_text(*open)) == *open, "a public key comes back from its text");
    const auto secret = xwing::private_from_text(text_of(input));
    fuzz::must_repeat(secret, xwing::private_from_text(text_of(input)));
    if (secret)
        must(xwing::private_from_text(xwing::seed_to_text(*secret))->seed() == secret->seed(), "and so does a seed");
    must(!open || !secret, "no text is both");

    // The bytes themselves: of the right length most of them are no key, because they are not reduced.
    Bytes key(input.begin(), input.end());
    key.resize(xwing::public_key_size_bytes);
    if (const auto parsed = xwing::PublicKey::from_bytes(key))
        must(std::ranges::equal(parsed->bytes(), key), "a key keeps its bytes");
    return 0;
}
