// The ECU's side of service 0x29 with exchange of certificates, one way: the tester proves who it is. ECU profile.
//
// Bring a judge of certificates, randomness, which ECU this is and whose proofs it wants: of both families by default,
// so that breaking one of the two helps nobody. A tester then goes through 29 01 and 29 03 once for each family, with
// certificates of the same name; it has the roles that both give. 69 03 says 00 after the first and 12 after the last.
//
// A challenge of 32 bytes is good for one proof, right or wrong. A new 29 01 of a family that is already proved starts
// anew: whoever was in is out. ISO 14229-1:2020, service 0x29.
#pragma once

#include "core/crypto/certificate_judge.h"
#include "core/crypto/randomness.h"
#include "core/uds/authentication.h"
#include "core/uds/authentication_text.h"

#include <array>
#include <cstdint>
#include <optional>

namespace pitstop::uds {

enum class WantedProofs : std::uint8_t { both, classical, post_quantum };

class AuthenticationServer {
public:
    static constexpr std::size_t challenge_bytes = 32;

    AuthenticationServer(crypto::CertificateJudge& judge, crypto::Randomness& randomness, const Door& door,
                         WantedProofs wanted)
        : judge_(judge),
          randomness_(randomness),
          door_(door),
          wanted_(wanted) {}

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

    [[nodiscard]] bool is_complete() const;
    [[nodiscard]] bool wants(crypto::SignatureKind kind) const;
    [[nodiscard]] Nrc verify_certificate(View request, Reply& out);
    [[nodiscard]] Nrc admit(const crypto::Bearer& bearer);
    [[nodiscard]] Nrc prove(View request, Reply& out);

    crypto::CertificateJudge& judge_;
    crypto::Randomness& randomness_;
    Door door_;
    WantedProofs wanted_;
    std::optional<Open> open_;
    Proved proved_;
    Text<64> name_;  // of whoever proved something
    crypto::Roles roles_;
};

}  // namespace pitstop::uds
