// A private certificate authority for the channels between cars and cloud (RFC 5280).
//
// One authority signs servers and vehicles with keys of one kind (the TLS profile's): ECDSA P-256 or ML-DSA-44, -65,
// -87. What it issues: serials of 20 random bytes, valid from five minutes ago (car clocks lag), subject and authority
// key identifiers, critical key usage and basic constraints, one extended key usage. The caller says what time it is.
// Faults: keys.bad-host, keys.not-an-authority, base.bad-name, those of core/crypto and io/files.
#pragma once

#include "core/base/time.h"
#include "core/crypto/private_key.h"
#include "io/keys/certificate.h"

#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace pitstop::io::keys {

inline constexpr std::chrono::days authority_lifetime{3650};
inline constexpr std::chrono::days certificate_lifetime{397};  // a server is reached and renewed every day
inline constexpr std::chrono::days vehicle_lifetime{3650};     // a car may stand in a showroom or a barn for years
inline constexpr std::chrono::minutes backdated_by{5};

// What a server is called in its certificate: a DNS name or an IP address, never a wildcard.
class ServerName {
public:
    static Result<ServerName> parse(std::string_view text);  // keys.bad-host
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool is_address() const { return is_address_; }

private:
    ServerName(std::string_view text, bool is_address) : text_(text), is_address_(is_address) {}
    std::string text_;
    bool is_address_;
};

struct Issued {
    crypto::PrivateKey key;
    Certificate certificate;
};

class CertificateAuthority {
public:
    static Result<CertificateAuthority> create(crypto::KeyType type, std::string_view name, UtcTime now);
    static Result<CertificateAuthority> load(const std::filesystem::path& certificate, const std::filesystem::path& key,
                                             std::optional<std::string_view> passphrase = {});
    [[nodiscard]] Result<void> save(const std::filesystem::path& certificate, const std::filesystem::path& key,
                                    std::optional<std::string_view> passphrase = {}) const;

    [[nodiscard]] const Certificate& certificate() const { return certificate_; }

    // The first name also becomes the common name.
    [[nodiscard]] Result<Issued> issue_server(std::span<const ServerName> names, UtcTime now) const;
    // A vehicle's common name is its VIN, a service's is its name: letters, digits, '.', '_', '-', at most 64.
    [[nodiscard]] Result<Issued> issue_client(std::string_view common_name, std::chrono::days lifetime,
                                              UtcTime now) const;
    // A diagnostic tester; `units` as docs/formats/access.md says. base.bad-name for a name, or a unit's value, of
    // others than letters, digits, '.', '_', '-'.
    [[nodiscard]] Result<Issued> issue_tester(std::string_view name, std::span<const std::string> units,
                                              std::chrono::days lifetime, UtcTime now) const;

private:
    CertificateAuthority(crypto::PrivateKey key, Certificate certificate)
        : key_(std::move(key)),
          certificate_(std::move(certificate)) {}
    crypto::PrivateKey key_;
    Certificate certificate_;
};

// Certificate 0644, key 0600; the folder must exist.
[[nodiscard]] Result<void> save(const Issued& issued, const std::filesystem::path& certificate,
                                const std::filesystem::path& key);
[[nodiscard]] Result<Certificate> load_certificate(const std::filesystem::path& path);

}  // namespace pitstop::io::keys
