// Asks many ECUs at once what they are, or whether they are ready for programming. The gateway asks what it reaches
// itself, a zone what is behind it.
//
// Bring ways that outlive the task. Every ECU has its own time-outs: one that is silent delays nobody, is asked again a
// few times (it may be starting), and then stands in the outcome as missing, with the fault. Nobody is forgotten.
// In one way two ECUs may be asked at once where the Link allows it.
#pragma once

#include "core/vehicle/collection.h"
#include "io/ethernet/doip_client.h"

#include <array>
#include <vector>

namespace pitstop::io::survey {

// What a configuration consists of, in this order; the signed report last, it is the longest.
inline constexpr std::array identifiers{uds::did::software_version, uds::did::hardware_number, uds::did::serial_number,
                                        uds::did::part_number,      uds::did::bank_state,      uds::did::image_digest,
                                        uds::did::openings,         uds::did::version_report};

enum class What : std::uint8_t { configuration, readiness };

struct Member {
    EcuId ecu;
    ethernet::Link& link;
};

// By plain 0x22, 0x31 0203 and 0x19: any ECU can answer that. What `said` holds: core/vehicle/collection.h.
[[nodiscard]] Task<Bytes> ask(Member member, What what);

// In the order of the members.
[[nodiscard]] boost::asio::awaitable<std::vector<vehicle::Entry>> ask_all(std::vector<Member> members, What what);

// What a zone has collected of its ECUs, by its routines F001 to F004. uds.refused where it knows neither.
[[nodiscard]] Task<std::vector<vehicle::Entry>> ask_zone(Member zone, What what);

}  // namespace pitstop::io::survey
