#include "core/uptane/key_json.h"

#include "core/uptane/faults.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::uptane {
namespace {

using crypto::KeyType;
using crypto::PublicKey;

struct KeyNames {
    KeyType type;
    std::string_view keytype, scheme;
    crypto::RsaPadding padding = crypto::RsaPadding::pss;
};

// The first row of a type is the one that we write; the others are read from older repositories.
constexpr std::array names{
    KeyNames{KeyType::ecdsa_p256, "ecdsa", "ecdsa-sha2-nistp256"},
    KeyNames{KeyType::ecdsa_p256, "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
    KeyNames{KeyType::ecdsa_p384, "ecdsa", "ecdsa-sha2-nistp384"},
    KeyNames{KeyType::ecdsa_p384, "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"},
    KeyNames{KeyType::ed25519, "ed25519", "ed25519"},
    KeyNames{KeyType::rsa_pss, "rsa", "rsassa-pss-sha256"},
    KeyNames{KeyType::rsa_pss, "rsa", "rsa-pkcs1v15-sha256", crypto::RsaPadding::pkcs1v15},
    KeyNames{KeyType::ml_dsa_44, "ml-dsa", "ml-dsa-44/1"},
    KeyNames{KeyType::ml_dsa_65, "ml-dsa", "ml-dsa-65/1"},
    KeyNames{KeyType::ml_dsa_87, "ml-dsa", "ml-dsa-87/1"},
};

constexpr std::array aktualizr_names{
    KeyNames{KeyType::ed25519, "ED25519", ""},
    KeyNames{KeyType::rsa_pss, "RSA", ""},
};

// Its keys say no scheme; the kind alone decides.
Result<std::optional<KeyNames>> stated_kind(const json::Object& from, const Rules& rules) {
    TRY(const std::string keytype, json::string(from, "keytype"));
    if (rules.dialect == Dialect::aktualizr) {
        for (const KeyNames& row : aktualizr_names)
            if (std::ranges::equal(row.keytype, keytype, {}, {},
                                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }))
                return row;
        return std::nullopt;
    }
    TRY(const std::string scheme, json::string(from, "scheme"));
    for (const KeyNames& row : names)
        if (row.keytype == keytype && row.scheme == scheme)
            return row.padding == crypto::RsaPadding::pss || rules.dialect == Dialect::tuf ? std::optional(row)
                                                                                           : std::nullopt;
    return std::nullopt;
}

// A sound RSA key below our floor is no lie, only of no use.
bool is_short_rsa(std::string_view pem) { return PublicKey::from_pem(pem, {.rsa_bits_min = 512}).has_value(); }

}  // namespace

json::Object to_json(const PublicKey& key) {
    const KeyNames& row = *std::ranges::find(names, key.type(), &KeyNames::type);
    const std::string value = key.type() == KeyType::ed25519 ? to_hex(key.ed25519_raw()) : key.pem();
    return {{"keytype", row.keytype}, {"scheme", row.scheme}, {"keyval", {{"public", value}}}};
}

Result<std::optional<PublicKey>> read_key(const json::Object& from, const Rules& rules) {
    TRY(const auto kind, stated_kind(from, rules));
    if (!kind) return std::nullopt;
    TRY(const json::Object* value, json::object(from, "keyval"));
    TRY(std::string text, json::string(*value, "public"));
    if (rules.dialect == Dialect::aktualizr) text.erase(text.find_last_not_of(" \r\n") + 1);
    crypto::KeyRules key_rules = rules.keys;
    key_rules.rsa_padding = kind->padding;
    const auto as_hex = kind->type == KeyType::ed25519 ? from_hex(text) : Result<Bytes>(Bytes());
    if (!as_hex) return fail(faults::bad_key, as_hex.error().str());
    const auto key =
        kind->type == KeyType::ed25519 ? PublicKey::from_ed25519(*as_hex) : PublicKey::from_pem(text, key_rules);
    if (!key && kind->type == KeyType::rsa_pss && is_short_rsa(text)) return std::nullopt;
    if (!key) return fail(faults::bad_key, key.error().str());
    if (key->type() != kind->type)
        return fail(faults::bad_key,
                    std::format("a key of {} under the name of {}", to_string(key->type()), to_string(kind->type)));
    return *key;
}

}  // namespace pitstop::uptane
