#include "apps/zone/zone_ecu.h"

#include <utility>

namespace pitstop::zone {

ZoneEcu::ZoneEcu(io::Loop& loop, Identity identity)
    : identity_(std::move(identity)),
      server_(*this, uds::Timings{}, reply_storage_),
      driver_(loop, server_, identity_.id.address()) {}

uds::Nrc ZoneEcu::read_data(std::uint16_t identifier, uds::Reply& out) {
    switch (identifier) {
        case uds::did::vin: out.put_text(identity_.vin.view()); break;
        case uds::did::software_version: out.put_text(identity_.software_version.str()); break;
        case uds::did::system_name: out.put_text(identity_.name); break;
        default: return uds::Nrc::request_out_of_range;
    }
    return uds::Nrc::positive_response;
}

// There is nothing to program here yet: better said now than after an erase.
uds::Nrc ZoneEcu::check_session(uds::Session wanted) {
    return wanted == uds::Session::programming ? uds::Nrc::conditions_not_correct : uds::Nrc::positive_response;
}

}  // namespace pitstop::zone
