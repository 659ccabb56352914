// What the ECU answers to ReadDataByIdentifier (ISO 14229-1 §11.2): DIDs F180 F187 F188 F189 F18C F190 F191 F193 F195
// F197 F1A0 F1A1 F1A2 F1A5. F186, the session, is the server's own; F1A3 is own_trust.h's, F1A4 the settings', F15A and
// the two of snapshots diagnostics.h's. Part and software of one image carry one number: F188 is F187. In the boot
// loader the version is 0.0.0 and the digest zeros: nothing runs.
#pragma once

#include "apps/ecu/settings.h"
#include "core/flash/slots.h"
#include "core/uds/application.h"

namespace pitstop::ecu {

// Appends the identifier's data; request_out_of_range for one that this ECU does not have.
[[nodiscard]] uds::Nrc read_data(std::uint16_t did, const Identity& identity, const flash::Slots& slots,
                                 uds::Reply& out);

}  // namespace pitstop::ecu
