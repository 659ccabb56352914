// What happened in the TLS handshakes of one context: OpenSSL tells it through a callback, because the MQTT library
// keeps the connection to itself. For the .cpp files of this room.
#pragma once

#include "io/tls/context.h"

#include <openssl/types.h>
#include <memory>
#include <optional>
#include <string>

namespace pitstop::io::mqtt {

struct Handshake {
    std::optional<tls::Negotiated> negotiated;  // of the last handshake that was done
    std::string alert;                          // what the other side said when it refused; empty otherwise
};

// From now on, every handshake of this context is noted in `notes`.
[[nodiscard]] Result<void> watch_handshakes(SSL_CTX* context, std::shared_ptr<Handshake> notes);

}  // namespace pitstop::io::mqtt
