// The one form in which this room's certificates are filled in and signed.
#pragma once

#include "core/base/time.h"
#include "core/crypto/private_key.h"
#include "io/keys/certificate.h"

#include <chrono>
#include <string>
#include <vector>

namespace pitstop::io::keys {

struct Extension {
    int nid;
    std::string value;  // OpenSSL's configuration syntax; made of literals and parsed names only
};

struct CertificateForm {
    std::string common_name;
    UtcTime now;
    std::chrono::days lifetime;
    std::vector<Extension> extensions;
    std::vector<std::string> units = {};  // organizational units, before the common name
};

// Signed by `issuer_key`; `issuer` is null for a certificate that signs itself. crypto.library-failed
[[nodiscard]] Result<Certificate> fill_and_sign(const CertificateForm& form, const crypto::PublicKey& subject_key,
                                                const Certificate* issuer, const crypto::PrivateKey& issuer_key);

}  // namespace pitstop::io::keys
