// core/crypto: public keys as PEM and DER, and signatures from strangers.
#include "core/crypto/key.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

void check(const crypto::PublicKey& key, View input) {
    const auto from_pem =
        fuzz::must_have(crypto::PublicKey::from_pem(key.pem()), "a key that was accepted can be said again");
    const auto from_der = fuzz::must_have(crypto::PublicKey::from_der(key.der()), "in both forms");
    must(from_pem == key && from_der == key && from_pem.type() == key.type(), "and stays the same key");
    must(key.pem().size() <= crypto::PublicKey::pem_bytes_max, "no key is larger than the cap");
    must(!crypto::verify(key, view_of("never signed by anybody"), input), "no text is a signature by chance");
    must(!crypto::verify(key, input, {}), "nothing at all is no signature");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    const auto pem = crypto::PublicKey::from_pem(text_of(input));
    fuzz::must_repeat(pem, crypto::PublicKey::from_pem(text_of(input)));
    if (pem) check(*pem, input);
    const auto der = crypto::PublicKey::from_der(input);
    if (der) check(*der, input);
    return 0;
}
