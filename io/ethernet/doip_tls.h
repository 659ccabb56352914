// One end of DoIP over TLS (ISO 13400-2:2019 §9.2.4: TLS_Data, port 3496): context and profile, made once per listener
// or tester. Faults: those of tls::make_context().
#pragma once

#include "io/tls/context.h"

#include <cstdint>
#include <memory>

namespace pitstop::io::ethernet {

inline constexpr std::uint16_t tls_port = 3496;

class DoipTls {
public:
    static Result<std::shared_ptr<DoipTls>> make(tls::Side side, const tls::TlsSettings& settings);

    boost::asio::ssl::context context;
    tls::Profile profile;
    tls::Side side;
    tls::HybridKex hybrid;
};

}  // namespace pitstop::io::ethernet
