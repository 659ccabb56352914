#include "apps/zone/zone_ecu.h"

#include "core/uptane/bundle.h"
#include "io/log/log.h"

#include <utility>

namespace pitstop::zone {
namespace {

constexpr std::uint32_t block_size_bytes_max = 64 * 1024 + 2;  // of a TransferData request over DoIP

}  // namespace

ZoneEcu::ZoneEcu(io::Loop& loop, Identity identity, ZoneTrust* trust)
    : identity_(std::move(identity)),
      metadata_size_bytes_(trust == nullptr ? 0 : uptane::full_bundle_size_bytes_max),
      metadata_(std::make_unique_for_overwrite<std::uint8_t[]>(metadata_size_bytes_)),
      intake_(trust, {metadata_.get(), metadata_size_bytes_}, *this, block_size_bytes_max),
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

void ZoneEcu::did(std::string_view what) { io::log::info("{}: {}: done", identity_.id.str(), what); }

void ZoneEcu::refused(std::string_view what, const Error& why) {
    io::log::problem(why, identity_.id.str() + ": " + std::string(what));
}

// There is nothing to program here yet: better said now than after an erase.
uds::Nrc ZoneEcu::check_session(uds::Session wanted) {
    return wanted == uds::Session::programming ? uds::Nrc::conditions_not_correct : uds::Nrc::positive_response;
}

}  // namespace pitstop::zone
