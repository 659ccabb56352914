// Who stands at ECUs' doors: the credential of this gateway or zone, in this vehicle (docs/formats/access.md).
//
// Bring the folder of the credential (io/keys/credential.h), the vehicle, and what is written into ECUs as the tester's
// serial number. Faults: those of credential.h; of enter(): uds.no-way-in, uds.refused, uds.strange-answer.
#pragma once

#include "core/flash/programmer.h"
#include "core/uds/exchange.h"
#include "io/keys/credential.h"
#include "io/keys/randomness.h"
#include "io/runtime/task.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace pitstop::io::flashing {

class Visitor {
public:
    Visitor(keys::Credential credential, const Vin& vin, std::string_view tester)
        : credential_(std::move(credential)),
          vin_(vin),
          tester_(tester) {}
    static Result<std::unique_ptr<Visitor>> with(const std::filesystem::path& credential, const Vin& vin,
                                                 std::string_view tester);

    // One visit to one ECU. Its entrance views the credential.
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
};

// How the ECU is asked; a refusal is an answer.
using AskEcu = std::function<Task<uds::Answer>(Bytes request)>;
// Through the ECU's door, in a session other than the default one. An open ECU has none, and that is well.
[[nodiscard]] Task<void> enter(Visitor::Visit visit, AskEcu ask);

}  // namespace pitstop::io::flashing
