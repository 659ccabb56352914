// What an ECU answers to ReadDataByIdentifier (ISO 14229-1 §11.2), whatever program it is: DIDs F180 F187 F188 F189
// F18C F190 F191 F193 F195 F197 F1A0 to F1A5. F186, the session, is the server's own. Part and software of one image
// carry one number: F188 is F187. In the boot loader the version is 0.0.0 and the digest zeros: nothing runs.
#pragma once

#include "core/flash/slots.h"
#include "core/uds/application.h"
#include "io/ecu/image_settings.h"
#include "io/ecu/own_trust.h"

namespace pitstop::ecu {

// Appends the identifier's data; request_out_of_range for one that this ECU does not have. `trust` null: it signs no
// report.
[[nodiscard]] uds::Nrc read_data(std::uint16_t did, const ImageSettings& settings, const flash::Slots& slots,
                                 OwnTrust* trust, uds::Reply& out);

}  // namespace pitstop::ecu
