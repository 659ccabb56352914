// Who may ask this ECU for what: the port by which uds::Server obeys services 0x27 and 0x29. ECU profile.
//
// Bring: an object that outlives the server (access_control.h). The server asks `judge` for every request whose service
// it knows and offers in the session, in the place that service_rules.h gives it, and hands whole requests of 0x27 and
// 0x29 over. What takes long (checking a certificate) is pending and goes on in steps.
#pragma once

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "core/uds/application.h"
#include "core/uds/services.h"

namespace pitstop::uds {

class Access {
public:
    // Whether this ECU has 0x27 (or 0x29) at all; otherwise it is a service like any that does not exist.
    [[nodiscard]] virtual bool offers(Service) const { return true; }

    // positive_response, security_access_denied or authentication_required.
    virtual Nrc judge(View request, Session session) = 0;

    // 0x27 and 0x29: the length is not checked yet. `out` stands behind the service's byte.
    virtual Outcome on_request(View request, Reply& out, Tick now) = 0;
    virtual Outcome continue_pending(Reply& out, Tick now) = 0;

    // Entering a session, also the same again, and falling back to the default one. An unlocked level is locked then;
    // an authentication ends with the default session.
    virtual void session_changed(Session session) = 0;

protected:
    // Never deleted through this class, as crypto::Hasher.
    Access() = default;
    Access(const Access&) = default;
    Access& operator=(const Access&) = default;
    ~Access() = default;
};

}  // namespace pitstop::uds
