// TLS contexts by profile: TLS 1.3 only, the profile's groups and signature algorithms and nothing else.
//
// Bring a profile number and three PEM files; get a context for Asio streams, or a fault. Nothing is ever only warned
// about: a group that cannot be set ends the attempt, for a list that falls back to a classical group would downgrade
// silently.
//
// Servers issue session tickets (a handshake costs 20 to 100 requests) bound to this context; there is no early data,
// renegotiation or compression. Clients call verify_host on every stream before the handshake, and both sides
// check_negotiated after it (connection.h).
// Faults: tls.unknown-profile, tls.classical-refused, tls.group-unavailable, tls.signature-unavailable,
// tls.cannot-configure, tls.bad-certificate, tls.wrong-key, and those of io/keys for the private key.
#pragma once

#include "core/base/result.h"
#include "io/tls/connection.h"
#include "io/tls/profile.h"

#include <boost/asio/ssl/context.hpp>

#include <filesystem>

namespace pitstop::io::tls {

enum class PeerCertificate { required, optional, none };
enum class Side { client, server };

struct TlsSettings {
    int profile = default_profile;
    HybridKex hybrid = HybridKex::on;
    AllowClassical allow_classical = AllowClassical::no;
    std::filesystem::path certificate_chain;  // own certificate first; may be empty for a client that does not show one
    std::filesystem::path private_key;        // mode 0600, not sealed
    std::filesystem::path trust_anchors;      // who may have signed the peer's certificate
    PeerCertificate peer_certificate =
        PeerCertificate::required;  // a client always requires the server's unless `none`
};

[[nodiscard]] Result<boost::asio::ssl::context> make_context(Side side, const TlsSettings& settings);

}  // namespace pitstop::io::tls
