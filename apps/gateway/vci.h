// What the ECUs of the car say of themselves, all asked at the same time: a zonal gateway collects for those behind it
// (docs/formats/vci.md), the others are asked one by one, and so are those of a zone that knows no collection.
#pragma once

#include "apps/gateway/car.h"
#include "io/survey/survey.h"

#include <string>
#include <vector>

namespace pitstop::gateway {

// One entry for every ECU that the vehicle is described with, in that order: what it said, or why it is missing.
[[nodiscard]] boost::asio::awaitable<std::vector<vehicle::Entry>> collect(Car& car, io::survey::What what);

// What an entry of the configuration means. flash.strange-answer, base.*; of a missing ECU its own fault,
// gateway.ecu-missing where the code is none of ours.
[[nodiscard]] Result<KnownEcu> known_from(const vehicle::Entry& entry, vehicle::Link link);

// What speaks against programming, in sentences for people. `members`: whom the update is for; they must all answer.
// Nobody, while that is not known: all who answer count. An ECU that is on trial belongs to an update under way and
// does not count. Trouble codes alone are no reason: what an aborted programming left heals by programming; which codes
// forbid it the ECU's own routine 0203 knows.
[[nodiscard]] std::vector<std::string> reasons_of(std::span<const vehicle::Entry> entries,
                                                  std::span<const EcuId> members);

}  // namespace pitstop::gateway
