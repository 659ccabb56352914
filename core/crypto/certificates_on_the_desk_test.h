// For tests: certificates as `pitstop pki` makes them, and others that it never would.
#pragma once

#include "core/base/time.h"
#include "core/crypto/signer.h"

#include <openssl/x509v3.h>

#include <string>
#include <utility>
#include <vector>

namespace pitstop::crypto::desk {

inline constexpr UtcTime certificates_now{1'800'000'000};

struct CertificateWish {
    std::string name = "gateway";
    std::vector<std::string> units = {"role=diagnostic", "role=programming"};
    UtcTime from{certificates_now.seconds - 300}, until{certificates_now.seconds + 86'400};
    std::string key_usage = "critical,digitalSignature";
    std::string purpose = "clientAuth";  // empty: no extended key usage
    std::string constraints = "critical,CA:FALSE";
};

inline const CertificateWish authority_wish{.name = "diagnostics-ca",
                                            .units = {},
                                            .key_usage = "critical,keyCertSign,cRLSign",
                                            .purpose = "",
                                            .constraints = "critical,CA:TRUE,pathlen:0"};

inline Bytes der_of(const X509* certificate) {
    std::uint8_t* encoded = nullptr;
    const int size = i2d_X509(certificate, &encoded);
    Bytes der(encoded, encoded + size);
    OPENSSL_free(encoded);
    return der;
}

// A key and its certificate.
struct Holder {
    PrivateKey key;
    Owned<X509> certificate;

    [[nodiscard]] Bytes der() const { return der_of(certificate.get()); }
    [[nodiscard]] Bytes sign(View text) const {
        SoftwareSigner signer(*private_from_pem(*private_to_pem(key)));
        return *signer.sign(text);
    }
};

inline void add_name(X509_NAME* name, const char* kind, const std::string& text) {
    X509_NAME_add_entry_by_txt(name, kind, MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>(text.data()),
                               static_cast<int>(text.size()), -1, 0);
}

inline void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    if (value.empty()) return;
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Owned<X509_EXTENSION> made(X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str()));
    X509_add_ext(certificate, made.get(), -1);
}

// Signed by `issuer`; null: by itself.
inline Holder issue(KeyType type, const CertificateWish& wish, const Holder* issuer = nullptr) {
    Holder made{*generate(type), Owned<X509>(X509_new())};
    X509* const certificate = made.certificate.get();
    X509* const by = issuer != nullptr ? issuer->certificate.get() : certificate;
    const PrivateKey& by_key = issuer != nullptr ? issuer->key : made.key;
    static long serial = 1;
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    ASN1_TIME_set(X509_getm_notBefore(certificate), wish.from.seconds);
    ASN1_TIME_set(X509_getm_notAfter(certificate), wish.until.seconds);
    X509_set_pubkey(certificate, made.key.native());
    X509_NAME* const subject = X509_get_subject_name(certificate);
    for (const auto& unit : wish.units) add_name(subject, "OU", unit);
    if (!wish.name.empty()) add_name(subject, "CN", wish.name);
    X509_set_issuer_name(certificate, X509_get_subject_name(by));
    add_extension(certificate, by, NID_basic_constraints, wish.constraints);
    add_extension(certificate, by, NID_key_usage, wish.key_usage);
    add_extension(certificate, by, NID_ext_key_usage, wish.purpose);
    add_extension(certificate, by, NID_subject_key_identifier, "hash");
    add_extension(certificate, by, NID_authority_key_identifier, "keyid:always");
    const char* const digest = digest_name(by_key.type());
    X509_sign(certificate, by_key.native(), digest != nullptr ? EVP_get_digestbyname(digest) : nullptr);
    return made;
}

inline Holder make_authority(KeyType type) { return issue(type, authority_wish); }

}  // namespace pitstop::crypto::desk
