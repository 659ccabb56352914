// What a live TLS connection really negotiated, read back from the connection itself, and who is at its other end.
#pragma once

#include "core/base/result.h"
#include "io/tls/profile.h"

#include <openssl/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace pitstop::io::tls {

struct Negotiated {
    std::string group;      // "X25519MLKEM768"
    std::string signature;  // scheme with which the server proved itself; "resumed" when a ticket stood in for it
    std::string cipher;     // "TLS_AES_256_GCM_SHA384"
};

// After the handshake.
[[nodiscard]] Negotiated negotiated(SSL* connection);

// tls.wrong-group unless group and signature are the profile's.
[[nodiscard]] Result<void> check_negotiated(const Profile& profile, HybridKex hybrid, const Negotiated& negotiated);

// The common name of the peer's certificate; nothing without a certificate that was verified, or with none or several
// common names in it. A vehicle's is its VIN: parse it as such.
[[nodiscard]] std::optional<std::string> peer_common_name(SSL* connection);

// Before a client's handshake: the name or IP address that the server's certificate must carry (RFC 9525); sends SNI
// for names. tls.bad-host
[[nodiscard]] Result<void> verify_host(SSL* connection, std::string_view host);

// Why a handshake failed: `reason`, and what is wrong with the peer's certificate where that was it.
[[nodiscard]] std::string why_failed(const SSL* connection, std::string_view reason);

}  // namespace pitstop::io::tls
