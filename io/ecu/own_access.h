// The locks of one ECU, and what outlives them: the memory of wrong keys, and the ticket of a tester that comes back.
//
// Faults of open(): those of io/keys and io/files for authorities and key: an ECU whose locks are broken does not
// start.
#pragma once

#include "core/base/ids.h"
#include "core/crypto/digest.h"
#include "core/crypto/openssl_certificate_judge.h"
#include "core/uds/access_control.h"
#include "io/ecu/access_settings.h"
#include "io/keys/randomness.h"
#include "io/runtime/loop.h"

#include <memory>
#include <optional>

namespace pitstop::ecu {

// One byte in a file beside the flash.
class AttemptFile final : public uds::AttemptMemory {
public:
    explicit AttemptFile(std::filesystem::path file) : file_(std::move(file)) {}
    [[nodiscard]] std::uint8_t wrong_keys() const override;
    [[nodiscard]] Result<void> remember(std::uint8_t wrong_keys) override;

private:
    std::filesystem::path file_;
};

// ReturnTicket::bytes() in a file beside the flash; without one only as long as the program runs.
class KeptTicket final : public uds::TicketMemory {
public:
    explicit KeptTicket(std::optional<std::filesystem::path> file);
    [[nodiscard]] std::optional<uds::ReturnTicket> ticket() const override { return ticket_; }
    [[nodiscard]] Result<void> keep(const std::optional<uds::ReturnTicket>& ticket) override;

private:
    std::optional<std::filesystem::path> file_;
    std::optional<uds::ReturnTicket> ticket_;
};

class OwnAccess {
public:
    struct Owner {
        EcuId id;
        Vin vin;
        std::string hardware;            // empty: it says of itself none, and no certificate for one fits
        std::filesystem::path attempts;  // the file of wrong keys
        std::optional<std::filesystem::path> ticket = {};  // none: who comes back after a restart shows certificates
    };
    // Null: the configuration has no `access`, which is logged; the ECU is open.
    static Result<std::unique_ptr<OwnAccess>> open(io::Loop& loop, const Owner& owner,
                                                   const std::optional<AccessSettings>& settings);

    [[nodiscard]] uds::Access& port() { return *control_; }

private:
    // Chains of four certificates of ML-DSA-87 take 31 KB, of ML-DSA-65 23 KB.
    static constexpr std::size_t request_bytes_max = 32 * 1024;

    explicit OwnAccess(const Owner& owner);

    uds::Door door_;
    io::keys::SystemRandomness randomness_;
    crypto::Sha256 hasher_;
    AttemptFile attempts_;
    KeptTicket ticket_;
    std::optional<crypto::OpenSslCertificateJudge> judge_;
    std::optional<uds::AuthenticationServer> certificates_;
    std::optional<uds::SecurityAccess> security_;
    std::array<std::uint8_t, request_bytes_max> storage_{};
    std::optional<uds::AccessControl> control_;
};

}  // namespace pitstop::ecu
