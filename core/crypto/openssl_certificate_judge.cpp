#include "core/crypto/openssl_certificate_judge.h"

#include <openssl/objects.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <string_view>
#include <vector>

namespace pitstop::crypto {
namespace {

using enum CertificateFlaw;

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

constexpr int bits_of_128 = 3;  // X509_VERIFY_PARAM_set_auth_level: nothing weaker in the whole chain
constexpr std::string_view role_prefix = "role=", vin_prefix = "vin=", hardware_prefix = "hardware=";

std::vector<Owned<X509>> parse_chain(View chain) {
    std::vector<Owned<X509>> certificates;
    const std::uint8_t* at = chain.data();
    const std::uint8_t* const end = at + chain.size();
    while (at != end && certificates.size() < chain_certificates_max) {
        Owned<X509> certificate(d2i_X509(nullptr, &at, static_cast<long>(end - at)));
        if (!certificate) break;
        certificates.push_back(std::move(certificate));
    }
    if (at != end) certificates.clear();
    if (certificates.empty()) static_cast<void>(take_reason());
    return certificates;
}

CertificateFlaw flaw_of(int why) {
    switch (why) {
        case X509_V_ERR_CERT_NOT_YET_VALID:
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
        case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD: return outside_its_time;
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE: return bad_signature;
        case X509_V_ERR_INVALID_PURPOSE:
        case X509_V_ERR_EE_KEY_TOO_SMALL:
        case X509_V_ERR_CA_KEY_TOO_SMALL:
        case X509_V_ERR_CA_MD_TOO_WEAK: return wrong_type;
        default: return bad_chain;
    }
}

std::optional<SignatureKind> kind_of(KeyType type) {
    switch (type) {
        case KeyType::ecdsa_p256: return SignatureKind::ecdsa_p256;
        case KeyType::ml_dsa_44: return SignatureKind::ml_dsa_44;
        case KeyType::ml_dsa_65: return SignatureKind::ml_dsa_65;
        case KeyType::ml_dsa_87: return SignatureKind::ml_dsa_87;
        default: return std::nullopt;
    }
}

std::optional<PublicKey> key_of(const X509* certificate) {
    std::uint8_t* encoded = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
    if (size <= 0) return std::nullopt;
    auto key = PublicKey::from_der({encoded, static_cast<std::size_t>(size)});
    OPENSSL_free(encoded);
    if (!key) return std::nullopt;
    return *std::move(key);
}

// A chain whose leaf is post-quantum below a classical authority would be no stronger than that.
bool is_of_one_family(const STACK_OF(X509) * path, Family of) {
    for (int i = 0; i < sk_X509_num(path); ++i) {
        const auto key = key_of(sk_X509_value(path, i));
        if (!key || !kind_of(key->type()) || family(key->type()) != of) return false;
    }
    return true;
}

std::string text_of_entry(const X509_NAME_ENTRY* entry) {
    std::uint8_t* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    std::string text = size > 0 ? std::string(text_of({utf8, static_cast<std::size_t>(size)})) : std::string();
    if (size >= 0) OPENSSL_free(utf8);
    return text;
}

std::vector<std::string> entries(const X509* certificate, int nid) {
    const X509_NAME* const subject = X509_get_subject_name(certificate);
    std::vector<std::string> texts;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, nid, at)) >= 0;)
        texts.push_back(text_of_entry(X509_NAME_get_entry(subject, at)));
    return texts;
}

std::optional<Role> role_from(std::string_view name) {
    if (name == "diagnostic") return Role::diagnostic;
    if (name == "programming") return Role::programming;
    if (name == "development") return Role::development;
    return std::nullopt;
}

// Bindings of one sort: any of them may be met, none means that it holds for all.
struct Binding {
    bool there = false, met = false;
    void see(std::string_view bound_to, std::string_view own) {
        there = true;
        met = met || bound_to == own;
    }
    [[nodiscard]] bool allows() const { return !there || met; }
};

// A unit that nobody here knows may restrict what the certificate is for: it is not passed over.
std::expected<Roles, CertificateFlaw> read_units(const X509* certificate, const CertifiedEcu& ecu) {
    Roles roles;
    Binding vin, hardware;
    for (const std::string& unit : entries(certificate, NID_organizationalUnitName)) {
        const std::string_view text = unit;
        if (text.starts_with(vin_prefix)) {
            vin.see(text.substr(vin_prefix.size()), ecu.vin);
        } else if (text.starts_with(hardware_prefix)) {
            hardware.see(text.substr(hardware_prefix.size()), ecu.hardware_id);
        } else {
            const auto role = text.starts_with(role_prefix) ? role_from(text.substr(role_prefix.size())) : std::nullopt;
            if (!role) return std::unexpected(bad_content);
            roles = roles | *role;
        }
    }
    if (roles.empty()) return std::unexpected(bad_content);
    if (!vin.allows() || !hardware.allows()) return std::unexpected(out_of_scope);
    return roles;
}

std::optional<std::string> name_of(const X509* certificate) {
    const auto names = entries(certificate, NID_commonName);
    if (names.size() != 1 || names.front().empty() || names.front().size() > 64) return std::nullopt;
    return names.front();
}

UtcTime end_of(const X509* certificate) {
    std::tm time{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return {};
    return {timegm(&time)};
}

UtcTime end_of(const STACK_OF(X509) * path) {
    UtcTime end{std::numeric_limits<std::int64_t>::max()};
    for (int i = 0; i < sk_X509_num(path); ++i) end = std::min(end, end_of(sk_X509_value(path, i)));
    return end;
}

// How long the whole chain is good.
std::expected<UtcTime, CertificateFlaw> validate(X509_STORE* authorities, const std::vector<Owned<X509>>& chain,
                                                 UtcTime now, Family of) {
    const std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
    const std::unique_ptr<STACK_OF(X509), FreeStack> issuers(sk_X509_new_null());
    if (!context || !issuers) return std::unexpected(bad_chain);
    for (std::size_t i = 1; i < chain.size(); ++i)
        if (sk_X509_push(issuers.get(), chain[i].get()) <= 0) return std::unexpected(bad_chain);
    if (X509_STORE_CTX_init(context.get(), authorities, chain.front().get(), issuers.get()) != 1)
        return std::unexpected(bad_chain);
    X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(rules, now.seconds);
    X509_VERIFY_PARAM_set_auth_level(rules, bits_of_128);
    const bool strict = X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT) == 1 &&
                        X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT) == 1;
    const bool good = strict && X509_verify_cert(context.get()) == 1;
    const int why = X509_STORE_CTX_get_error(context.get());
    static_cast<void>(take_reason());
    if (!good) return std::unexpected(flaw_of(why));
    const STACK_OF(X509)* const path = X509_STORE_CTX_get0_chain(context.get());
    if (!is_of_one_family(path, of)) return std::unexpected(wrong_type);
    return end_of(path);
}

// OpenSSL takes a certificate without extended key usage for one of every use.
bool is_for_clients(X509* certificate) {
    return (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0 &&
           X509_get_extended_key_usage(certificate) == XKU_SSL_CLIENT &&
           (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) != 0 && X509_check_ca(certificate) == 0;
}

}  // namespace

OpenSslCertificateJudge::OpenSslCertificateJudge(std::span<X509* const> authorities, CertifiedEcu ecu, Clock clock)
    : authorities_(X509_STORE_new()),
      ecu_(std::move(ecu)),
      clock_(std::move(clock)) {
    for (X509* const authority : authorities) X509_STORE_add_cert(authorities_.get(), authority);
}

std::expected<Bearer, CertificateFlaw> OpenSslCertificateJudge::judge(View chain) {
    bearer_key_.reset();
    const auto certificates = parse_chain(chain);
    if (certificates.empty()) return std::unexpected(malformed);
    X509* const leaf = certificates.front().get();
    auto key = key_of(leaf);
    const auto kind = key ? kind_of(key->type()) : std::nullopt;
    if (!kind) return std::unexpected(wrong_type);
    const auto until = validate(authorities_.get(), certificates, clock_(), family(key->type()));
    if (!until) return std::unexpected(until.error());
    if (!is_for_clients(leaf)) return std::unexpected(wrong_type);
    const auto name = name_of(leaf);
    if (!name) return std::unexpected(bad_content);
    const auto roles = read_units(leaf, ecu_);
    if (!roles) return std::unexpected(roles.error());
    bearer_key_ = std::move(key);
    return Bearer{Text<64>(*name), *roles, *kind, *until};
}

bool OpenSslCertificateJudge::signed_by_bearer(View text, View signature) {
    return bearer_key_ && verify(*bearer_key_, text, signature).has_value();
}

}  // namespace pitstop::crypto
