// The keys of a configuration file that say how a DoIP entity listens and how a tester secures its way: the same in
// every program (config/zone.yaml and config/gateway.yaml explain them). Faults: config.*
#pragma once

#include "io/config/section.h"
#include "io/ethernet/doip_server.h"

namespace pitstop::io::ethernet {

// profile, hybrid_kex, certificate, private_key, trust_anchors. `peer`: what is demanded of the other side.
[[nodiscard]] Result<tls::TlsSettings> read_tls(const config::Section& section, tls::PeerCertificate peer);

// host, port, discovery, announce, announce_to, plain, tls, routing; all but host have defaults. Identity and node type
// are not touched.
[[nodiscard]] Result<void> read_doip_server(const config::Section& section, DoipServerSettings& into);

}  // namespace pitstop::io::ethernet
