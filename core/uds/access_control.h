// Which tester may do what in this ECU: a table of what needs a role, and the two ways to get one. ECU profile.
//
// Bring 0x29, 0x27 or both (null: the ECU does not know that service), and storage for one request of 0x29, which
// bounds how long a certificate chain may be. A request that needs a role is refused with 0x34 where the ECU knows 0x29
// and with 0x33 where it knows 0x27 only. What the table does not name is open: identification (22), sessions, resets,
// fault memory, and all that proves itself (metadata, which comes by 34 in the extended session).
//
// Checking a certificate takes a microcontroller longer than P2: with CheckingTakes::longer_than_p2 the server says
// 0x78 before it starts.
#pragma once

#include "core/uds/access.h"
#include "core/uds/authentication_server.h"
#include "core/uds/security_access.h"

#include <cstdint>
#include <optional>
#include <span>

namespace pitstop::uds {

enum class CheckingTakes : std::uint8_t { less_than_p2, longer_than_p2 };

class AccessControl final : public Access {
public:
    struct Ways {
        AuthenticationServer* certificates = nullptr;
        SecurityAccess* security = nullptr;
    };
    AccessControl(Ways ways, Room storage, CheckingTakes checking)
        : ways_(ways),
          storage_(storage),
          checking_(checking) {}

    [[nodiscard]] bool offers(Service service) const override;
    Nrc judge(View request, Session session) override;
    Outcome on_request(View request, Reply& out, Tick now) override;
    Outcome continue_pending(Reply& out, Tick now) override;
    void session_changed(Session session) override;

private:
    [[nodiscard]] crypto::Roles roles() const;
    Outcome authenticate(View request, Reply& out);

    Ways ways_;
    Room storage_;
    CheckingTakes checking_;
    Session session_ = Session::default_;
    View kept_;  // the request that is checked after 0x78
};

}  // namespace pitstop::uds
