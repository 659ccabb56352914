#include "io/keys/certificate.h"

#include "core/crypto/digest.h"
#include "io/keys/faults.h"

#include <openssl/bn.h>
#include <openssl/objects.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>
#include <format>

namespace pitstop::io::keys {
namespace {

using crypto::Owned;

std::string one_line(const X509_NAME* name) {
    const Owned<BIO> to(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(to.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    return crypto::collected(to.get());
}

UtcTime time_of(const ASN1_TIME* at) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(at, &parts) != 1) return {};
    return {static_cast<std::int64_t>(::timegm(&parts))};
}

Bytes spki_of(const X509* certificate) {
    std::uint8_t* encoded = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
    Bytes spki(encoded, encoded + std::max(size, 0));
    OPENSSL_free(encoded);
    return spki;
}

}  // namespace

std::optional<std::string> common_name_of(const X509* certificate) {
    const X509_NAME* subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return std::nullopt;
    std::uint8_t* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) return std::nullopt;
    std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    const bool plain =
        !name.empty() && std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    return plain ? std::optional(std::move(name)) : std::nullopt;
}

Result<Certificate> Certificate::from_native(Owned<X509> certificate) {
    auto public_key = crypto::PublicKey::from_der(spki_of(certificate.get()));
    if (!public_key) return fail(faults::bad_certificate, public_key.error().str());
    return Certificate(std::move(certificate), *std::move(public_key));
}

Result<Certificate> Certificate::from_pem(std::string_view pem) {
    if (pem.size() > pem_bytes_max)
        return fail(faults::bad_certificate, std::format("more than {} bytes", pem_bytes_max));
    const auto from = crypto::reading(pem);
    Owned<X509> certificate(PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr));
    if (!certificate) return fail(faults::bad_certificate, crypto::take_reason());
    return from_native(std::move(certificate));
}

std::string Certificate::pem() const {
    const Owned<BIO> to(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(to.get(), native());
    return crypto::collected(to.get());
}

std::optional<std::string> Certificate::common_name() const { return common_name_of(native()); }
std::string Certificate::subject() const { return one_line(X509_get_subject_name(native())); }
std::string Certificate::issuer() const { return one_line(X509_get_issuer_name(native())); }
UtcTime Certificate::not_before() const { return time_of(X509_get0_notBefore(native())); }
UtcTime Certificate::not_after() const { return time_of(X509_get0_notAfter(native())); }
bool Certificate::is_authority() const { return X509_check_ca(native()) == 1; }

std::string Certificate::serial() const {
    const ASN1_INTEGER* serial = X509_get0_serialNumber(native());
    return to_hex({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))});
}

std::string Certificate::signature_algorithm() const { return OBJ_nid2ln(X509_get_signature_nid(native())); }

std::string Certificate::fingerprint() const {
    std::uint8_t* encoded = nullptr;
    const int size = i2d_X509(native(), &encoded);
    const auto digest = crypto::sha256({encoded, static_cast<std::size_t>(std::max(size, 0))});
    OPENSSL_free(encoded);
    return to_hex(digest);
}

std::vector<std::string> Certificate::alternative_names() const {
    const Owned<GENERAL_NAMES> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(native(), NID_subject_alt_name, nullptr, nullptr)));
    std::vector<std::string> texts;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const Owned<BIO> to(BIO_new(BIO_s_mem()));
        GENERAL_NAME_print(to.get(), sk_GENERAL_NAME_value(names.get(), i));
        texts.push_back(crypto::collected(to.get()));
    }
    return texts;
}

}  // namespace pitstop::io::keys
