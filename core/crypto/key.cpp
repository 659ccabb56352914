#include "core/crypto/key.h"

#include "core/crypto/digest.h"
#include "core/crypto/faults.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::crypto {

struct PublicKey::Material {
    KeyType type;
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

constexpr std::array encodings{
    Encoding{KeyType::ecdsa_p256, "ecdsa-p256", "3059301306072a8648ce3d020106082a8648ce3d03010703420004", 91},
    Encoding{KeyType::ed25519, "ed25519", "302a300506032b6570032100", 44},
    Encoding{KeyType::ml_dsa_44, "ml-dsa-44", "30820532300b06096086480165030403110382052100", 1334},
    Encoding{KeyType::ml_dsa_65, "ml-dsa-65", "308207b2300b0609608648016503040312038207a100", 1974},
    Encoding{KeyType::ml_dsa_87, "ml-dsa-87", "30820a32300b060960864801650304031303820a2100", 2614},
};

Result<KeyType> type_of(View spki) {
    const std::string start = to_hex(spki.first(std::min<std::size_t>(spki.size(), 32)));
    for (const Encoding& encoding : encodings)
        if (spki.size() == encoding.size_bytes && start.starts_with(encoding.prefix_hex)) return encoding.type;
    return fail(faults::bad_key, "not the plain SPKI of a supported kind");
}

bool only_white_space(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

std::string_view to_string(KeyType type) { return std::ranges::find(encodings, type, &Encoding::type)->name; }

std::string_view to_string(Family family) { return family == Family::classical ? "classical" : "post-quantum"; }

Result<KeyType> key_type_from(std::string_view text) {
    const auto* found = std::ranges::find(encodings, text, &Encoding::name);
    if (found == encodings.end()) return fail(faults::bad_key, std::format("no kind of key is called '{:.20}'", text));
    return found->type;
}

Result<PublicKey> PublicKey::from_der(View spki) {
    TRY(const KeyType type, type_of(spki));
    const std::uint8_t* at = spki.data();
    Owned<EVP_PKEY> native(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    if (!native || at != spki.data() + spki.size()) return fail(faults::bad_key, take_reason());
    return PublicKey(std::make_shared<const Material>(
        Material{type, Bytes(spki.begin(), spki.end()), to_hex(sha256(spki)), std::move(native)}));
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
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
    return from_der(*der);
}

KeyType PublicKey::type() const { return material_->type; }
View PublicKey::der() const { return material_->der; }
const std::string& PublicKey::key_id() const { return material_->id; }
EVP_PKEY* PublicKey::native() const { return material_->native.get(); }

std::string PublicKey::pem() const {
    const std::string packed = to_base64(material_->der);
    std::string pem = "-----BEGIN PUBLIC KEY-----\n";
    for (std::size_t at = 0; at < packed.size(); at += 64) pem.append(packed, at, 64).push_back('\n');
    return pem += "-----END PUBLIC KEY-----\n";
}

Result<void> verify(const PublicKey& key, View message, View signature) {
    const char* const digest = key.type() == KeyType::ecdsa_p256 ? "SHA2-256" : nullptr;
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    if (!context ||
        EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key.native(), nullptr) != 1)
        return library_failed("preparing to verify");
    // Anything but 1 is a refusal: OpenSSL says 0 or a negative number depending on where it noticed.
    if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1)
        return {};
    static_cast<void>(take_reason());
    return fail(faults::bad_signature, std::format("{} key {:.16}", to_string(key.type()), key.key_id()));
}

}  // namespace pitstop::crypto
