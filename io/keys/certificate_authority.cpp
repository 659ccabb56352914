#include "io/keys/certificate_authority.h"

#include "core/base/ids.h"
#include "io/files/atomic_file.h"
#include "io/keys/certificate_form.h"
#include "io/keys/faults.h"
#include "io/keys/key_file.h"

#include <openssl/objects.h>

#include <arpa/inet.h>
#include <algorithm>
#include <format>
#include <ranges>

namespace pitstop::io::keys {
namespace {

bool is_ip_address(const std::string& text) {
    std::array<std::uint8_t, 16> address{};
    return ::inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

// RFC 1123 §2.1: labels of letters, digits and inner hyphens. A last label of digits only would be a mistyped address.
bool is_dns_name(std::string_view text) {
    if (text.empty() || text.size() > 253) return false;
    bool last_has_letter = false;
    for (const auto part : std::views::split(text, '.')) {
        const std::string_view label(part.begin(), part.end());
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        last_has_letter = false;
        for (const char c : label) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && c != '-' && (c < '0' || c > '9')) return false;
            last_has_letter |= letter;
        }
    }
    return last_has_letter;
}

std::string alternative_names(std::span<const ServerName> names) {
    std::string list;
    for (const ServerName& name : names) {
        if (!list.empty()) list += ',';
        list += (name.is_address() ? "IP:" : "DNS:") + name.text();
    }
    return list;
}

std::vector<Extension> leaf_extensions(const char* purpose) {
    return {{NID_basic_constraints, "critical,CA:FALSE"},
            {NID_key_usage, "critical,digitalSignature"},
            {NID_ext_key_usage, purpose},
            {NID_subject_key_identifier, "hash"},
            {NID_authority_key_identifier, "keyid:always"}};
}

}  // namespace

Result<ServerName> ServerName::parse(std::string_view text) {
    if (is_ip_address(std::string(text))) return ServerName(text, true);
    if (is_dns_name(text)) return ServerName(text, false);
    return fail(faults::bad_host, std::format("'{:.80}'", text));
}

Result<CertificateAuthority> CertificateAuthority::create(crypto::KeyType type, std::string_view name, UtcTime now) {
    ENSURE(check_name(name, "authority name"));
    TRY(auto key, crypto::generate(type));
    const CertificateForm form{std::string(name),
                               now,
                               authority_lifetime,
                               {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                {NID_subject_key_identifier, "hash"},
                                {NID_authority_key_identifier, "keyid:always"}}};
    TRY(auto certificate, fill_and_sign(form, key.public_key(), nullptr, key));
    return CertificateAuthority(std::move(key), std::move(certificate));
}

Result<CertificateAuthority> CertificateAuthority::load(const std::filesystem::path& certificate,
                                                        const std::filesystem::path& key,
                                                        std::optional<std::string_view> passphrase) {
    TRY(auto loaded, load_certificate(certificate));
    TRY(auto loaded_key, load_private_key(key, passphrase));
    if (!loaded.is_authority())
        return fail(faults::not_an_authority, std::format("{} may not sign certificates", certificate.string()));
    if (loaded.public_key() != loaded_key.public_key())
        return fail(faults::not_an_authority,
                    std::format("{} is not the key of {}", key.string(), certificate.string()));
    return CertificateAuthority(std::move(loaded_key), std::move(loaded));
}

Result<void> CertificateAuthority::save(const std::filesystem::path& certificate, const std::filesystem::path& key,
                                        std::optional<std::string_view> passphrase) const {
    ENSURE(save_private_key(key, key_, passphrase));
    return files::write_atomically(certificate, view_of(certificate_.pem()), files::FileMode::shared);
}

Result<Issued> CertificateAuthority::issue_server(std::span<const ServerName> names, UtcTime now) const {
    if (names.empty()) return fail(faults::bad_host, "a server needs at least one name");
    TRY(auto key, crypto::generate(key_.type()));
    // The common name is for people only (verification reads the alternative names) and holds 64 characters at most.
    CertificateForm form{names.front().text().substr(0, 64), now, certificate_lifetime, leaf_extensions("serverAuth")};
    form.extensions.push_back({NID_subject_alt_name, alternative_names(names)});
    TRY(auto certificate, fill_and_sign(form, key.public_key(), &certificate_, key_));
    return Issued{std::move(key), std::move(certificate)};
}

Result<Issued> CertificateAuthority::issue_client(std::string_view common_name, std::chrono::days lifetime,
                                                  UtcTime now) const {
    ENSURE(check_name(common_name, "common name"));
    TRY(auto key, crypto::generate(key_.type()));
    const CertificateForm form{std::string(common_name), now, lifetime, leaf_extensions("clientAuth")};
    TRY(auto certificate, fill_and_sign(form, key.public_key(), &certificate_, key_));
    return Issued{std::move(key), std::move(certificate)};
}

Result<Issued> CertificateAuthority::issue_tester(std::string_view name, std::span<const std::string> units,
                                                  std::chrono::days lifetime, UtcTime now) const {
    ENSURE(check_name(name, "tester name"));
    for (const std::string& unit : units) ENSURE(check_name(std::string_view(unit).substr(unit.find('=') + 1), "unit"));
    TRY(auto key, crypto::generate(key_.type()));
    CertificateForm form{std::string(name), now, lifetime, leaf_extensions("clientAuth")};
    form.units.assign(units.begin(), units.end());
    TRY(auto certificate, fill_and_sign(form, key.public_key(), &certificate_, key_));
    return Issued{std::move(key), std::move(certificate)};
}

Result<void> save(const Issued& issued, const std::filesystem::path& certificate, const std::filesystem::path& key) {
    ENSURE(save_private_key(key, issued.key));
    return files::write_atomically(certificate, view_of(issued.certificate.pem()), files::FileMode::shared);
}

Result<Certificate> load_certificate(const std::filesystem::path& path) {
    TRY(const auto pem, files::read_file(path, Certificate::pem_bytes_max));
    auto certificate = Certificate::from_pem(text_of(pem));
    if (!certificate)
        return fail(certificate.error().fault(), std::format("{}: {}", path.string(), certificate.error().detail()));
    return certificate;
}

}  // namespace pitstop::io::keys
