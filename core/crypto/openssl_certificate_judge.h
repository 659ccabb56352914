// The judge of certificates, filled with OpenSSL's path validation (RFC 5280 §6): for virtual ECUs. Not part of the ECU
// profile.
//
// Bring the authorities, what this ECU is, and what time it is. Accepted: chains of at most four certificates, all keys
// and signatures of one family (ECDSA P-256 or ML-DSA), which end at an authority, in their time, with extended key
// usage clientAuth at their beginning. There is no revocation: a credential that may be lost has a short life.
#pragma once

#include "core/base/time.h"
#include "core/crypto/certificate_judge.h"
#include "core/crypto/key.h"
#include "core/crypto/openssl.h"

#include <functional>
#include <optional>
#include <span>
#include <string>

namespace pitstop::crypto {

inline constexpr std::size_t chain_certificates_max = 4;

struct CertifiedEcu {
    std::string vin;
    std::string hardware_id;
};

class OpenSslCertificateJudge final : public CertificateJudge {
public:
    using Clock = std::function<UtcTime()>;

    // `authorities` are only looked at.
    OpenSslCertificateJudge(std::span<X509* const> authorities, CertifiedEcu ecu, Clock clock);

    [[nodiscard]] std::expected<Bearer, CertificateFlaw> judge(View chain) override;
    [[nodiscard]] bool signed_by_bearer(View text, View signature) override;
    [[nodiscard]] UtcTime now() const override { return clock_(); }

private:
    struct FreeStore {
        void operator()(X509_STORE* store) const { X509_STORE_free(store); }
    };

    std::unique_ptr<X509_STORE, FreeStore> authorities_;
    CertifiedEcu ecu_;
    Clock clock_;
    std::optional<PublicKey> bearer_key_;
};

}  // namespace pitstop::crypto
