#include "core/seal/openssl_opener.h"

#include "core/crypto/hpke.h"

#include <algorithm>

namespace pitstop::seal {

KeyHint XWingKeyOpener::hint() const { return hint_of(key_.public_key()); }

bool XWingKeyOpener::open(View info, View header, View wrapped_key, Room content_key) {
    auto opened = crypto::hpke::open(key_, info, header, wrapped_key);
    if (!opened) return false;
    const bool fits = opened->size() == content_key.size();
    if (fits) std::ranges::copy(*opened, content_key.begin());
    crypto::wipe(*opened);
    return fits;
}

bool OpenSslChunkCipher::set_key(View key) { return cipher_.set_key(key).has_value(); }
bool OpenSslChunkCipher::open(const Nonce& nonce, View context, Room sealed) {
    return cipher_.open(nonce, context, sealed).has_value();
}
bool OpenSslChunkCipher::seal(const Nonce& nonce, View context, Room message_and_tag) {
    return cipher_.seal(nonce, context, message_and_tag).has_value();
}

}  // namespace pitstop::seal
