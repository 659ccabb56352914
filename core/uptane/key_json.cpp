#include "core/uptane/key_json.h"

#include "core/uptane/faults.h"

#include <format>

namespace pitstop::uptane {
namespace {

struct KeyNames {
    std::string_view keytype, scheme;
};

KeyNames names_of(crypto::KeyType type) {
    switch (type) {
        case crypto::KeyType::ecdsa_p256: return {"ecdsa", "ecdsa-sha2-nistp256"};
        case crypto::KeyType::ed25519: return {"ed25519", "ed25519"};
        case crypto::KeyType::ml_dsa_44: return {"ml-dsa", "ml-dsa-44/1"};
        case crypto::KeyType::ml_dsa_65: return {"ml-dsa", "ml-dsa-65/1"};
        case crypto::KeyType::ml_dsa_87: return {"ml-dsa", "ml-dsa-87/1"};
    }
    return {};
}

}  // namespace

json::Object to_json(const crypto::PublicKey& key) {
    const auto [keytype, scheme] = names_of(key.type());
    return {{"keytype", keytype}, {"scheme", scheme}, {"keyval", {{"public", key.pem()}}}};
}

Result<crypto::PublicKey> read_key(const json::Object& from) {
    TRY(const std::string keytype, json::string(from, "keytype"));
    TRY(const std::string scheme, json::string(from, "scheme"));
    TRY(const json::Object* value, json::object(from, "keyval"));
    TRY(const std::string pem, json::string(*value, "public"));
    auto key = crypto::PublicKey::from_pem(pem);
    if (!key) return fail(faults::bad_key, key.error().str());
    const KeyNames names = names_of(key->type());
    if (keytype != names.keytype || scheme != names.scheme)
        return fail(faults::bad_key,
                    std::format("'{:.40}' / '{:.40}' over a key of {}", keytype, scheme, names.scheme));
    return key;
}

}  // namespace pitstop::uptane
