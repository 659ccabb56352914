#include "io/keys/certificate_form.h"

#include "io/keys/certificate_authority.h"

#include <openssl/bn.h>
#include <openssl/rand.h>

#include <array>

namespace pitstop::io::keys {
namespace {

using crypto::library_failed;
using crypto::Owned;

// 20 octets are the most that RFC 5280 §4.1.2.2 allows; the second bit keeps them 20, the first keeps them positive.
bool set_random_serial(X509* certificate) {
    std::array<std::uint8_t, 20> serial;
    if (RAND_bytes(serial.data(), serial.size()) != 1) return false;
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7f) | 0x40);
    const Owned<BIGNUM> number(BN_bin2bn(serial.data(), serial.size(), nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_validity(X509* certificate, UtcTime now, std::chrono::days lifetime) {
    const UtcTime from = now + -backdated_by;
    const UtcTime until = now + lifetime;
    return ASN1_TIME_set(X509_getm_notBefore(certificate), from.seconds) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), until.seconds) != nullptr;
}

bool add_name(X509_NAME* to, const char* kind, std::string_view text) {
    return X509_NAME_add_entry_by_txt(to, kind, MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>(text.data()),
                                      static_cast<int>(text.size()), -1, 0) == 1;
}

bool set_names(X509* certificate, const CertificateForm& form, const X509* issuer) {
    X509_NAME* const subject = X509_get_subject_name(certificate);
    bool added = add_name(subject, "O", "Pitstop");
    for (const std::string& unit : form.units) added = added && add_name(subject, "OU", unit);
    return added && add_name(subject, "CN", form.common_name) &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1;
}

bool add_extensions(X509* certificate, X509* issuer, const std::vector<Extension>& extensions) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    for (const Extension& extension : extensions) {
        const Owned<X509_EXTENSION> made(
            X509V3_EXT_nconf_nid(nullptr, &context, extension.nid, extension.value.c_str()));
        if (!made || X509_add_ext(certificate, made.get(), -1) != 1) return false;
    }
    return true;
}

}  // namespace

Result<Certificate> fill_and_sign(const CertificateForm& form, const crypto::PublicKey& subject_key,
                                  const Certificate* issuer, const crypto::PrivateKey& issuer_key) {
    Owned<X509> certificate(X509_new());
    if (!certificate) return library_failed("making a certificate");
    X509* const signed_by = issuer != nullptr ? issuer->native() : certificate.get();
    const bool filled =
        X509_set_version(certificate.get(), X509_VERSION_3) == 1 && set_random_serial(certificate.get()) &&
        set_validity(certificate.get(), form.now, form.lifetime) &&
        X509_set_pubkey(certificate.get(), subject_key.native()) == 1 &&
        set_names(certificate.get(), form, signed_by) && add_extensions(certificate.get(), signed_by, form.extensions);
    if (!filled) return library_failed("filling in a certificate");
    const char* const name = crypto::digest_name(issuer_key.type());
    const EVP_MD* const digest = name ? EVP_get_digestbyname(name) : nullptr;
    if (X509_sign(certificate.get(), issuer_key.native(), digest) <= 0) return library_failed("signing a certificate");
    return Certificate::from_native(std::move(certificate));
}

}  // namespace pitstop::io::keys
