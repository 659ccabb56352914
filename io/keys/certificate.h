// X.509 certificates (RFC 5280), to look at: who, for what, until when. Whether to trust one is decided in the TLS
// handshake.
//
// Bring PEM; comes back a value that owns the parsed certificate. Faults: keys.bad-certificate.
#pragma once

#include "core/base/time.h"
#include "core/crypto/key.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::io::keys {

class Certificate {
public:
    // A file may hold a chain; one of ML-DSA-87 takes about 10 KiB of PEM for each member.
    static constexpr std::size_t pem_bytes_max = 65536;

    static Result<Certificate> from_pem(std::string_view pem);  // the first one in the text
    static Result<Certificate> from_native(crypto::Owned<X509> certificate);

    [[nodiscard]] std::string pem() const;
    [[nodiscard]] std::optional<std::string> common_name() const;
    [[nodiscard]] std::string subject() const;  // "CN = ..." in one line, for people
    [[nodiscard]] std::string issuer() const;
    [[nodiscard]] std::string serial() const;               // hex
    [[nodiscard]] std::string signature_algorithm() const;  // OpenSSL's name
    [[nodiscard]] std::string fingerprint() const;          // hex SHA-256 of the DER
    [[nodiscard]] UtcTime not_before() const;
    [[nodiscard]] UtcTime not_after() const;
    [[nodiscard]] std::vector<std::string> alternative_names() const;  // "DNS:localhost", "IP Address:127.0.0.1"
    [[nodiscard]] bool is_authority() const;
    [[nodiscard]] const crypto::PublicKey& public_key() const { return public_key_; }
    [[nodiscard]] X509* native() const { return certificate_.get(); }  // lent, never null

private:
    Certificate(crypto::Owned<X509> certificate, crypto::PublicKey public_key)
        : certificate_(std::move(certificate)),
          public_key_(std::move(public_key)) {}
    crypto::Owned<X509> certificate_;
    crypto::PublicKey public_key_;
};

// Nothing when there is no common name, more than one, or one with control characters: a name that two readers could
// understand differently is none.
[[nodiscard]] std::optional<std::string> common_name_of(const X509* certificate);

}  // namespace pitstop::io::keys
