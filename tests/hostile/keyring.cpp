#include "tests/hostile/keyring.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace pitstop::hostile {
namespace {

constexpr std::size_t remembered_signatures_max = 40'000;  // 50 MB, half of them ML-DSA

void must(bool worked, const char* what) {
    if (worked) return;
    std::fprintf(stderr, "hostile: OpenSSL: %s\n", what);
    std::abort();
}

const std::uint8_t* raw(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

std::string digest(const char* name, std::string_view text) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> out;
    std::size_t size = 0;
    must(EVP_Q_digest(nullptr, name, nullptr, text.data(), text.size(), out.data(), &size) == 1, name);
    return std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size));
}

template <class T, void (*release)(T*)>
struct Release {
    void operator()(T* owned) const { release(owned); }
};
template <class T, void (*release)(T*)>
using Own = std::unique_ptr<T, Release<T, release>>;

void free_signature(ECDSA_SIG* signature) { ECDSA_SIG_free(signature); }

Own<BIGNUM, BN_free> order() {
    const Own<EC_GROUP, EC_GROUP_free> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    Own<BIGNUM, BN_free> copy(BN_dup(EC_GROUP_get0_order(group.get())));
    must(copy != nullptr, "order");
    return copy;
}

std::shared_ptr<EVP_PKEY> make_ecdsa(const std::string& seed) {
    const Own<EC_GROUP, EC_GROUP_free> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    const Own<BIGNUM, BN_free> scalar(BN_bin2bn(raw(seed), 31, nullptr));  // 31 bytes: below the order
    const Own<EC_POINT, EC_POINT_free> point(EC_POINT_new(group.get()));
    must(EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr, nullptr) == 1, "EC_POINT_mul");
    std::array<std::uint8_t, 65> octets;
    must(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, octets.data(), octets.size(),
                            nullptr) == octets.size(),
         "EC_POINT_point2oct");
    const Own<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> build(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get());
    OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, octets.data(), octets.size());
    const Own<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(build.get()));
    const Own<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    must(EVP_PKEY_fromdata_init(context.get()) == 1 &&
             EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) == 1,
         "an EC key");
    return {key, EVP_PKEY_free};
}

std::shared_ptr<EVP_PKEY> make_ml_dsa(std::string seed) {
    const Own<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_name(nullptr, "ML-DSA-44", nullptr));
    const std::array parameters{
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ML_DSA_SEED, seed.data(), seed.size()),
        OSSL_PARAM_construct_end()};
    EVP_PKEY* key = nullptr;
    must(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
             EVP_PKEY_CTX_set_params(context.get(), parameters.data()) == 1 &&
             EVP_PKEY_generate(context.get(), &key) == 1,
         "an ML-DSA key");
    return {key, EVP_PKEY_free};
}

std::string base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    text.resize(static_cast<std::size_t>(
        EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(text.data()), raw(bytes), static_cast<int>(bytes.size()))));
    return text;
}

Key finished(std::shared_ptr<EVP_PKEY> native, bool post_quantum) {
    std::uint8_t* der = nullptr;
    const int size = i2d_PUBKEY(native.get(), &der);
    must(size > 0, "i2d_PUBKEY");
    const std::string spki(der, der + size);
    OPENSSL_free(der);
    std::string pem = "-----BEGIN PUBLIC KEY-----\n";
    const std::string body = base64(spki);
    for (std::size_t at = 0; at < body.size(); at += 64) pem.append(body, at, 64).push_back('\n');
    pem += "-----END PUBLIC KEY-----\n";
    return {post_quantum, std::move(pem), hex(sha256(spki)), std::move(native)};
}

std::string signature_of(const Key& key, std::string_view message) {
    int deterministic = 1;
    unsigned int rfc6979 = 1;
    const std::array parameters{key.post_quantum
                                    ? OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_DETERMINISTIC, &deterministic)
                                    : OSSL_PARAM_construct_uint(OSSL_SIGNATURE_PARAM_NONCE_TYPE, &rfc6979),
                                OSSL_PARAM_construct_end()};
    const Own<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    must(EVP_DigestSignInit_ex(context.get(), nullptr, key.post_quantum ? nullptr : "SHA256", nullptr, nullptr,
                               key.native.get(), parameters.data()) == 1,
         "preparing to sign");
    std::size_t size = 0;
    must(EVP_DigestSign(context.get(), nullptr, &size, raw(message), message.size()) == 1, "size of a signature");
    std::string signature(size, '\0');
    must(EVP_DigestSign(context.get(), reinterpret_cast<std::uint8_t*>(signature.data()), &size, raw(message),
                        message.size()) == 1,
         "a signature");
    signature.resize(size);
    return signature;
}

std::string entry_of(const Key& key, std::string_view message, std::string_view signature) {
    return sha256(key.id + sha512(message) + std::string(signature));
}

}  // namespace

std::string sha256(std::string_view text) { return digest("SHA256", text); }
std::string sha384(std::string_view text) { return digest("SHA384", text); }
std::string sha512(std::string_view text) { return digest("SHA512", text); }

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text(bytes.size() * 2, '0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        text[2 * i] = digits[static_cast<std::uint8_t>(bytes[i]) >> 4];
        text[2 * i + 1] = digits[static_cast<std::uint8_t>(bytes[i]) & 15];
    }
    return text;
}

bool unhex(std::string_view text, std::string& bytes) {
    if (text.size() % 2 != 0) return false;
    bytes.resize(text.size() / 2);
    const auto value = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    };
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = value(text[2 * i]), low = value(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        bytes[i] = static_cast<char>(high << 4 | low);
    }
    return true;
}

std::string packed(std::string_view pem) {
    std::string text(pem.substr(0, pem.find_last_not_of(" \t\r\n") + 1));
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
    return text;
}

Keyring::Keyring(std::size_t pairs) {
    for (std::size_t n = 0; n < pairs; ++n) {
        keys_.push_back(finished(make_ecdsa(sha256("classical key " + std::to_string(n))), false));
        keys_.push_back(finished(make_ml_dsa(sha256("post-quantum key " + std::to_string(n))), true));
    }
    for (std::size_t n = 0; n < keys_.size(); ++n) by_pem_.emplace(packed(keys_[n].pem), n);
}

const Key* Keyring::find(std::string_view packed_pem) const {
    const auto found = by_pem_.find(packed_pem);
    return found == by_pem_.end() ? nullptr : &keys_[found->second];
}

std::string Keyring::message_for(const Key& key, std::string_view canonical) {
    if (!key.post_quantum) return std::string(canonical);
    return std::string("tuf\x01", 4) + sha512(canonical);
}

std::string Keyring::sign(std::size_t number, std::string_view message) {
    const Key& key = keys_.at(number);
    if (made_.size() > remembered_signatures_max) made_.clear();
    std::string& made = made_[key.id + sha512(message)];
    if (made.empty()) made = signature_of(key, message);
    record(key, message, made);
    return made;
}

std::string Keyring::twin(std::size_t number, std::string_view message) {
    const std::string der = sign(number, message);
    const std::uint8_t* at = raw(der);
    const Own<ECDSA_SIG, free_signature> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    must(signature != nullptr, "reading an ECDSA signature");
    const Own<BIGNUM, BN_free> n = order();
    BIGNUM* r = BN_dup(ECDSA_SIG_get0_r(signature.get()));
    BIGNUM* s = BN_new();
    must(BN_sub(s, n.get(), ECDSA_SIG_get0_s(signature.get())) == 1 && ECDSA_SIG_set0(signature.get(), r, s) == 1,
         "the other signature");
    std::uint8_t* out = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &out);
    std::string other(out, out + size);
    OPENSSL_free(out);
    record(keys_.at(number), message, other);
    return other;
}

bool Keyring::has_signed(const Key& key, std::string_view message, std::string_view signature) const {
    return ledger_.contains(entry_of(key, message, signature));
}

void Keyring::record(const Key& key, std::string_view message, std::string_view signature) {
    ledger_.insert(entry_of(key, message, signature));
}

void Keyring::forget_signatures() { ledger_.clear(); }

}  // namespace pitstop::hostile
