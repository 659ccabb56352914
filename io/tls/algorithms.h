// What every context of ours is held to, whatever the system's OpenSSL configuration says.
#pragma once

#include "core/base/result.h"
#include "core/crypto/openssl.h"

#include <openssl/ssl.h>

#include <string>

// SSL objects are owned as all of OpenSSL's are (core/crypto/openssl.h).
template <>
struct pitstop::crypto::FreeOf<SSL_CTX> : FreeWith<SSL_CTX_free> {};
template <>
struct pitstop::crypto::FreeOf<SSL> : FreeWith<SSL_free> {};

namespace pitstop::io::tls {

// In order of preference. AES-128 is left out: no peer of ours needs it, and 256 bits keep their strength against
// Grover's search.
inline constexpr const char* cipher_suites = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

// TLS 1.3, the suites above, no early data, renegotiation or compression. tls.cannot-configure
[[nodiscard]] Result<void> set_protocol(SSL_CTX* context);

// This one group and this one signature scheme, for the own certificate and for the peer's.
// tls.group-unavailable, tls.signature-unavailable
[[nodiscard]] Result<void> offer_only(SSL_CTX* context, const std::string& group,
                                      const std::string& signature_algorithm);

}  // namespace pitstop::io::tls
