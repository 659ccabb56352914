// ReadDTCInformation (0x19) out of a DtcStore: ISO 14229-1:2020, reports 01 02 03 04 06 0A. ECU profile.
//
// Each code has at most one snapshot record, number 01: when the test failed first (DID 0100, u32 UTC seconds) and with
// which software (DID 0101, four u16). Two extended data records: 01 how often the test failed, 02 how many cycles the
// code has aged; FF asks for all.
#pragma once

#include "core/base/bytes.h"
#include "core/uds/application.h"
#include "core/uds/dtc_store.h"

#include <cstdint>

namespace pitstop::uds {

namespace did {
inline constexpr std::uint16_t time = 0x0100;
inline constexpr std::uint16_t software_numbers = 0x0101;
}  // namespace did

// The data of those two, for whoever reads them one by one.
void put_time(UtcTime time, Reply& out);
void put_software(const Version& software, Reply& out);

// `request`: from the service on, its sub-function known; `out` stands behind the sub-function.
[[nodiscard]] Nrc report_dtcs(View request, const DtcStore& dtcs, Reply& out);

}  // namespace pitstop::uds
