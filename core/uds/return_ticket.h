// How a tester that proved itself once comes back without its certificates: a hash chain (L. Lamport, "Password
// Authentication with Insecure Communication", 1981; the idea of RFC 2289). ECU profile.
//
// Certificates of both families take a slow bus longer than many an image's difference, and an update visits an ECU
// three times: to write, to activate, to commit. So the tester, once inside, leaves the end of a chain of links, each
// the SHA-256 of the one before it (29 04). Whoever comes back asks what the ECU expects (29 05) and shows the link
// before it (29 06): only the maker of the chain knows that, and who listens learns nothing that opens the door again.
// The bytes stand in docs/formats/access.md.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/crypto/certificate_judge.h"
#include "core/crypto/hasher.h"
#include "core/uds/authentication.h"
#include "core/uds/authentication_text.h"

#include <array>
#include <cstdint>
#include <optional>

namespace pitstop::uds {

using ReturnLink = Sha256Digest;

inline constexpr std::uint16_t return_ticket_evaluation = 1;  // certificateEvaluationId of 29 04
// algorithmIndicator of 29 05 and 29 06: id-sha256, 2.16.840.1.101.3.4.2.1 (NIST CSOR).
inline constexpr Algorithm sha256_chain{0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};

// What the chain goes to from `link`. A chain that was made for one door opens no other.
[[nodiscard]] ReturnLink link_after(const ReturnLink& link, const Door& door, crypto::Hasher& hasher);

inline constexpr std::uint8_t returns_max = 8;

// What an ECU keeps: good for so many returns, with the roles that were proved, as long as the certificates.
struct ReturnTicket {
    static constexpr std::size_t size_bytes = 32 + 1 + 1 + 8;

    ReturnLink expects{};  // SHA-256 of the next link
    std::uint8_t returns_left = 0;
    crypto::Roles roles;
    UtcTime until;

    [[nodiscard]] std::array<std::uint8_t, size_bytes> bytes() const;
    [[nodiscard]] static std::optional<ReturnTicket> parse(View bytes);
    bool operator==(const ReturnTicket&) const = default;
};

// Port: the one ticket of this ECU. Survives resets: an image is committed after one.
class TicketMemory {
public:
    // What cannot be read is no ticket.
    [[nodiscard]] virtual std::optional<ReturnTicket> ticket() const = 0;
    // Nothing: there is none any more. Returns when it would survive a power cut; a link that was shown opens nothing
    // again.
    [[nodiscard]] virtual Result<void> keep(const std::optional<ReturnTicket>& ticket) = 0;

protected:
    // Never deleted through this class, as crypto::Hasher.
    TicketMemory() = default;
    TicketMemory(const TicketMemory&) = default;
    TicketMemory& operator=(const TicketMemory&) = default;
    ~TicketMemory() = default;
};

}  // namespace pitstop::uds
