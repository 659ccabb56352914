// The ECU's side of service 0x29 with exchange of certificates, one way: the tester proves who it is. ECU profile.
//
// Bring a judge of certificates, randomness, which ECU this is and whose proofs it wants: of both families by default,
// so that breaking one of the two helps nobody. A tester then goes through 29 01 and 29 03 once for each family, with
// certificates of the same name; it has the roles that both give. 69 03 says 00 after the first and 12 after the last.
//
// A challenge of 32 bytes is good for one proof, right or wrong. A new 29 01 of a family that is already proved starts
// anew: whoever was in is out. ISO 14229-1:2020, service 0x29.
//
// With a memory for a return ticket (return_ticket.h) whoever came in by certificates may leave one (29 04) and come
// back by it in later sessions (29 05, 29 06), with the same roles, until the certificates end. Each link is spent
// before it opens. 29 00 of whoever is in takes the ticket away.
#pragma once

#include "core/crypto/certificate_judge.h"
#include "core/crypto/randomness.h"
#include "core/uds/authentication.h"
#include "core/uds/authentication_text.h"
#include "core/uds/return_ticket.h"

#include <array>
#include <cstdint>
#include <optional>

namespace pitstop::uds {

enum class WantedProofs : std::uint8_t { both, classical, post_quantum };

class AuthenticationServer {
public:
    static constexpr std::size_t challenge_bytes = 32;

    struct Returns {
        TicketMemory& memory;
        crypto::Hasher& hasher;
    };
    // Without `returns` it takes certificates only.
    AuthenticationServer(crypto::CertificateJudge& judge, crypto::Randomness& randomness, const Door& door,
                         WantedProofs wanted, std::optional<Returns> returns = {})
        : judge_(judge),
          randomness_(randomness),
          door_(door),
          wanted_(wanted),
          returns_(returns) {}

    // The whole request; `out` stands behind the service's byte.
    [[nodiscard]] Nrc on_request(View request, Session session, Reply& out);
    void forget();

    // Of a tester that has proved all that is wanted; otherwise none.
    [[nodiscard]] crypto::Roles roles() const { return is_complete() ? roles_ : crypto::Roles(); }

private:
    struct Proved {
        bool classical = false, post_quantum = false;
    };
    struct Open {  // between 29 01 and 29 03
        crypto::Bearer bearer;
        std::array<std::uint8_t, challenge_bytes> challenge{};
        std::array<std::uint8_t, challenge_bytes_max> tester_challenge{};
        std::size_t tester_challenge_bytes = 0;
    };

    using Handler = Nrc (AuthenticationServer::*)(View request, Reply& out);

    [[nodiscard]] Handler handler_of(AuthenticationTask task) const;  // null: not known here
    [[nodiscard]] bool is_complete() const;
    [[nodiscard]] bool wants(crypto::SignatureKind kind) const;
    [[nodiscard]] Nrc verify_certificate(View request, Reply& out);
    [[nodiscard]] Nrc admit(const crypto::Bearer& bearer);
    [[nodiscard]] Nrc prove(View request, Reply& out);
    [[nodiscard]] Nrc leave(Reply& out);
    [[nodiscard]] Nrc take_ticket(View request, Reply& out);
    [[nodiscard]] Nrc ask_for_link(View request, Reply& out);
    [[nodiscard]] Nrc come_back(View request, Reply& out);

    crypto::CertificateJudge& judge_;
    crypto::Randomness& randomness_;
    Door door_;
    WantedProofs wanted_;
    std::optional<Returns> returns_;
    std::optional<Open> open_;
    bool link_asked_ = false;    // between 29 05 and 29 06
    bool has_returned_ = false;  // by a ticket, which cannot beget another
    Proved proved_;
    Text<64> name_;  // of whoever proved something
    crypto::Roles roles_;
    UtcTime until_;  // when the first of the certificates that were shown ends
};

}  // namespace pitstop::uds
