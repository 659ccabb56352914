#include "apps/zone/zone_ecu.h"

#include "core/uptane/bundle.h"
#include "io/log/log.h"

#include <utility>

namespace pitstop::zone {
namespace {

constexpr std::uint32_t block_size_bytes_max = 64 * 1024 + 2;  // of a TransferData request over DoIP
// Ten identifiers of at most 40 bytes, or a part of a collection.
constexpr std::size_t reply_size_bytes = Collector::part_bytes_max + 512;

}  // namespace

ZoneEcu::ZoneEcu(io::Loop& loop, Identity identity, ZoneTrust* trust, ZoneWorkIntake* work, Collector& collector)
    : identity_(std::move(identity)),
      metadata_size_bytes_(trust == nullptr ? 0 : uptane::full_bundle_size_bytes_max),
      metadata_(std::make_unique_for_overwrite<std::uint8_t[]>(metadata_size_bytes_)),
      intake_(trust, {metadata_.get(), metadata_size_bytes_}, *this, block_size_bytes_max),
      work_(work),
      collector_(collector),
      reply_storage_(work == nullptr ? reply_size_bytes : reply_size_bytes + flash::report_size_bytes_max),
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

void ZoneEcu::session_changed(uds::Session session) {
    intake_.session_changed(session);
    if (work_ != nullptr) work_->session_changed(session);
}

uds::Outcome ZoneEcu::start_routine(std::uint16_t rid, View option, uds::Reply& out) {
    if (Collector::serves(rid)) return collector_.start_routine(rid, option, out);
    if (work_ != nullptr && ZoneWorkIntake::serves(rid)) return work_->start_routine(rid, option, out);
    return flash::MetadataIntake::serves(rid) ? intake_.start_routine(rid, option, out)
                                              : uds::Nrc::request_out_of_range;
}

std::expected<std::uint32_t, uds::Nrc> ZoneEcu::request_download(const uds::Download& download) {
    if (flash::MetadataIntake::serves(download)) return intake_.request_download(download);
    if (work_ != nullptr && ZoneWorkIntake::serves(download)) return work_->request_download(download);
    return std::unexpected(uds::Nrc::upload_download_not_accepted);
}

uds::Outcome ZoneEcu::transfer_data(View data) {
    if (intake_.is_receiving()) return intake_.transfer_data(data);
    return work_ != nullptr && work_->is_receiving() ? work_->transfer_data(data) : uds::Nrc::request_sequence_error;
}

uds::Outcome ZoneEcu::transfer_exit(View parameters, uds::Reply&) {
    if (intake_.is_receiving()) return intake_.transfer_exit(parameters);
    return work_ != nullptr && work_->is_receiving() ? work_->transfer_exit(parameters)
                                                     : uds::Nrc::request_sequence_error;
}

uds::Outcome ZoneEcu::continue_pending(uds::Reply& out) {
    return work_ != nullptr && work_->is_checking() ? work_->continue_pending() : intake_.continue_pending(out);
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
