// Who answers diagnostic requests that reach a DoIP entity: an ECU itself, or what routes to ECUs. The port of
// DoipServer.
//
// look_up() (from doip::Targets) says for each message whether its target takes it; on_request() is called when it
// does, on the loop's thread. Answer through the sink: at once or later, once or several times (0x78, then the final
// answer). A sink is one tester's connection; on_closed() is the last that is heard of it.
#pragma once

#include "core/doip/entity.h"

#include <cstdint>
#include <memory>

namespace pitstop::io::ethernet {

class ReplySink {
public:
    virtual ~ReplySink() = default;
    // `source` is the ECU that speaks. The bytes are copied; after the connection's end they go nowhere.
    virtual void reply(std::uint16_t source, View uds) = 0;
};

class DiagnosticTarget : public doip::Targets {
public:
    // Whether the vehicle can be diagnosed now: what UDP's power mode requests are answered.
    [[nodiscard]] virtual doip::PowerMode power_mode() const { return doip::PowerMode::ready; }
    // The request's bytes live only during the call. The sink is shared: an ECU may still work when its tester has
    // gone.
    virtual void on_request(const doip::Diagnostic& request, const std::shared_ptr<ReplySink>& sink) = 0;
    // What this tester has opened in the ECUs ends with its connection (core/uds/session_owner.h).
    virtual void on_closed(const ReplySink&) {}
};

}  // namespace pitstop::io::ethernet
