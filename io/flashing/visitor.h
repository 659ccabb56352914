// Who stands at ECUs' doors: the credential of this gateway or zone, in this vehicle (docs/formats/access.md).
//
// Bring the folder of the credential (io/keys/credential.h), the vehicle, and what is written into ECUs as the tester's
// serial number. One that comes back shows its certificates once and then, as long as it runs, links of a chain
// (core/uds/return_chain.h). Faults: those of credential.h; of enter(): uds.no-way-in, uds.refused, uds.strange-answer.
#pragma once

#include "core/flash/programmer.h"
#include "core/uds/exchange.h"
#include "io/keys/credential.h"
#include "io/keys/randomness.h"
#include "io/runtime/task.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string_view>

namespace pitstop::io::flashing {

enum class Visits : std::uint8_t { once, again };

class Visitor {
public:
    Visitor(keys::Credential credential, const Vin& vin, std::string_view tester, Visits visits)
        : credential_(std::move(credential)),
          vin_(vin),
          tester_(tester),
          visits_(visits) {}
    // That comes again.
    static Result<std::unique_ptr<Visitor>> with(const std::filesystem::path& credential, const Vin& vin,
                                                 std::string_view tester);

    // One visit to one ECU. Its entrance views this.
    struct Visit {
        keys::Credential::Tester prover;
        flash::Entrance entrance;
        flash::Fingerprint fingerprint;
    };
    [[nodiscard]] Result<Visit> visit(EcuId ecu, UtcTime now);

private:
    keys::Credential credential_;
    keys::SystemRandomness randomness_;
    Vin vin_;
    Text<16> tester_;
    Visits visits_;
    std::map<EcuId, uds::ReturnChain> chains_;
};

// How the ECU is asked; a refusal is an answer.
using AskEcu = std::function<Task<uds::Answer>(Bytes request)>;
// Through the ECU's door, in a session other than the default one. An open ECU has none, and that is well.
[[nodiscard]] Task<void> enter(Visitor::Visit visit, AskEcu ask);

}  // namespace pitstop::io::flashing
