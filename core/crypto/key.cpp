#include "core/crypto/key.h"

#include "core/crypto/digest.h"
#include "core/crypto/faults.h"

#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::crypto {

struct PublicKey::Material {
    KeyType type;
    RsaPadding padding;
    Bytes der;
    std::string id;
    Owned<EVP_PKEY> native;
};

namespace {

// The one SPKI encoding of each kind, up to the key itself (RFC 5480 with an uncompressed point, RFC 8410, RFC 9881).
// Compressed or hybrid points and explicit curve parameters would give the same key a second id.
struct Encoding {
    KeyType type;
    std::string_view name;
    std::string_view prefix_hex;
    std::size_t size_bytes;
};

constexpr std::string_view ed25519_prefix_hex = "302a300506032b6570032100";

constexpr std::array encodings{
    Encoding{KeyType::ecdsa_p256, "ecdsa-p256", "3059301306072a8648ce3d020106082a8648ce3d03010703420004", 91},
    Encoding{KeyType::ecdsa_p384, "ecdsa-p384", "3076301006072a8648ce3d020106052b8104002203620004", 120},
    Encoding{KeyType::ed25519, "ed25519", ed25519_prefix_hex, 44},
    Encoding{KeyType::ml_dsa_44, "ml-dsa-44", "30820532300b06096086480165030403110382052100", 1334},
    Encoding{KeyType::ml_dsa_65, "ml-dsa-65", "308207b2300b0609608648016503040312038207a100", 1974},
    Encoding{KeyType::rsa_pss, "rsa-pss", "", 0},  // has no fixed length: see is_rsa
    Encoding{KeyType::ml_dsa_87, "ml-dsa-87", "30820a32300b060960864801650304031303820a2100", 2614},
};

// rsaEncryption with the NULL that RFC 3279 §2.3.1 asks for, behind the length of the whole.
bool is_rsa(std::string_view start_hex) {
    return start_hex.starts_with("3082") && start_hex.substr(8).starts_with("300d06092a864886f70d01010105000382");
}

Result<KeyType> type_of(View spki) {
    const std::string start = to_hex(spki.first(std::min<std::size_t>(spki.size(), 32)));
    if (is_rsa(start)) return KeyType::rsa_pss;
    for (const Encoding& encoding : encodings)
        if (spki.size() == encoding.size_bytes && start.starts_with(encoding.prefix_hex)) return encoding.type;
    return fail(faults::bad_key, "not the plain SPKI of a supported kind");
}

// Written again it must be the same bytes: DER allows one form only, but OpenSSL reads more.
Result<void> check_rsa(EVP_PKEY* key, View spki, KeyRules rules) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < static_cast<int>(rules.rsa_bits_min) || bits > static_cast<int>(rsa_bits_max))
        return fail(faults::bad_key,
                    std::format("RSA of {} bits, allowed are {} to {}", bits, rules.rsa_bits_min, rsa_bits_max));
    std::uint8_t* encoded = nullptr;
    const int size = i2d_PUBKEY(key, &encoded);
    const bool same = size == static_cast<int>(spki.size()) && std::equal(spki.begin(), spki.end(), encoded);
    OPENSSL_free(encoded);
    if (!same) return fail(faults::bad_key, "an RSA key in another than its DER form");
    return {};
}

bool only_white_space(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

std::string_view to_string(KeyType type) { return std::ranges::find(encodings, type, &Encoding::type)->name; }

const char* digest_name(KeyType type) {
    switch (type) {
        case KeyType::ecdsa_p256:
        case KeyType::rsa_pss: return "SHA256";
        case KeyType::ecdsa_p384: return "SHA384";
        default: return nullptr;  // these hash by themselves
    }
}

std::string_view to_string(Family family) { return family == Family::classical ? "classical" : "post-quantum"; }

Result<KeyType> key_type_from(std::string_view text) {
    const auto* found = std::ranges::find(encodings, text, &Encoding::name);
    if (found == encodings.end()) return fail(faults::bad_key, std::format("no kind of key is called '{:.20}'", text));
    return found->type;
}

Result<PublicKey> PublicKey::from_der(View spki, KeyRules rules) {
    TRY(const KeyType type, type_of(spki));
    const std::uint8_t* at = spki.data();
    Owned<EVP_PKEY> native(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    if (!native || at != spki.data() + spki.size()) return fail(faults::bad_key, take_reason());
    if (type == KeyType::rsa_pss) ENSURE(check_rsa(native.get(), spki, rules));
    return PublicKey(std::make_shared<const Material>(
        Material{type, rules.rsa_padding, Bytes(spki.begin(), spki.end()), to_hex(sha256(spki)), std::move(native)}));
}

Result<PublicKey> PublicKey::from_ed25519(View raw) {
    if (raw.size() != 32) return fail(faults::bad_key, std::format("an Ed25519 key of {} bytes", raw.size()));
    TRY(Bytes spki, from_hex(ed25519_prefix_hex));
    spki.insert(spki.end(), raw.begin(), raw.end());
    return from_der(spki);
}

Bytes PublicKey::ed25519_raw() const {
    const View raw = der().last(32);
    return Bytes(raw.begin(), raw.end());
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem, KeyRules rules) {
    if (pem.size() > pem_bytes_max)
        return fail(faults::bad_key, std::format("PEM of more than {} bytes", pem_bytes_max));
    constexpr std::string_view begin = "-----BEGIN PUBLIC KEY-----", end = "-----END PUBLIC KEY-----";
    const std::size_t last = pem.find(end);
    if (!pem.starts_with(begin) || last == std::string_view::npos) return fail(faults::bad_key, "not a PEM public key");
    if (!only_white_space(pem.substr(last + end.size()))) return fail(faults::bad_key, "text after the PEM block");

    std::string packed(pem.substr(begin.size(), last - begin.size()));
    std::erase_if(packed, [](char c) { return c == '\n' || c == '\r'; });
    const auto der = from_base64(packed);
    if (!der) return fail(faults::bad_key, der.error().str());
    return from_der(*der, rules);
}

KeyType PublicKey::type() const { return material_->type; }
View PublicKey::der() const { return material_->der; }
const std::string& PublicKey::key_id() const { return material_->id; }
EVP_PKEY* PublicKey::native() const { return material_->native.get(); }
RsaPadding PublicKey::rsa_padding() const { return material_->padding; }

std::string PublicKey::pem() const {
    const std::string packed = to_base64(material_->der);
    std::string pem = "-----BEGIN PUBLIC KEY-----\n";
    for (std::size_t at = 0; at < packed.size(); at += 64) pem.append(packed, at, 64).push_back('\n');
    return pem += "-----END PUBLIC KEY-----\n";
}

namespace {

bool choose_padding(EVP_PKEY_CTX* lent, RsaPadding padding) {
    if (padding == RsaPadding::pkcs1v15) return EVP_PKEY_CTX_set_rsa_padding(lent, RSA_PKCS1_PADDING) == 1;
    return EVP_PKEY_CTX_set_rsa_padding(lent, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(lent, RSA_PSS_SALTLEN_AUTO) == 1;
}

}  // namespace

Result<void> verify(const PublicKey& key, View message, View signature) {
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* lent = nullptr;
    if (!context || EVP_DigestVerifyInit_ex(context.get(), &lent, digest_name(key.type()), nullptr, nullptr,
                                            key.native(), nullptr) != 1)
        return library_failed("preparing to verify");
    if (key.type() == KeyType::rsa_pss && !choose_padding(lent, key.rsa_padding()))
        return library_failed("preparing to verify RSA");
    // Anything but 1 is a refusal: OpenSSL says 0 or a negative number depending on where it noticed.
    if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1)
        return {};
    static_cast<void>(take_reason());
    return fail(faults::bad_signature, std::format("{} key {:.16}", to_string(key.type()), key.key_id()));
}

}  // namespace pitstop::crypto
