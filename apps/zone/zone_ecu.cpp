#include "apps/zone/zone_ecu.h"

#include "core/flash/faults.h"
#include "core/flash/routine_status.h"
#include "core/uptane/bundle.h"
#include "io/ecu/diagnostic_data.h"
#include "io/log/log.h"

#include <algorithm>
#include <utility>

namespace pitstop::zone {
namespace {

constexpr std::uint32_t block_size_bytes_max = 64 * 1024 + 2;  // of a TransferData request over DoIP
// Ten identifiers, a signed report among them, or a part of a collection or of the report on its work.
constexpr std::size_t reply_size_bytes =
    std::max(Collector::part_bytes_max + flash::report_size_bytes_max, uptane::packed_report_bytes_max) + 4096;

}  // namespace

ZoneEcu::ZoneEcu(io::Loop& loop, Identity identity, Parts parts)
    : identity_(std::move(identity)),
      parts_(parts),
      metadata_size_bytes_(parts.trust == nullptr ? 0 : uptane::full_bundle_size_bytes_max),
      metadata_(std::make_unique_for_overwrite<std::uint8_t[]>(metadata_size_bytes_)),
      intake_(parts.trust, {{metadata_.get(), metadata_size_bytes_}}, *this, block_size_bytes_max),
      blocks_(parts.image == nullptr ? 0 : flash::TargetSettings::room_bytes(block_size_bytes_max, 2)),
      reply_storage_(reply_size_bytes),
      server_(*this, uds::Timings{}, reply_storage_, parts.access),
      driver_(loop, server_, identity_.id.address()) {
    if (OwnImage* const image = parts.image; image != nullptr)
        target_.emplace(image->slots(), intake_, &image->opening(), static_cast<flash::TargetObserver&>(*this),
                        flash::TargetSettings{block_size_bytes_max, image->settings().flash.times, blocks_});
}

uds::Nrc ZoneEcu::read_data(std::uint16_t identifier, uds::Reply& out) {
    OwnImage* const image = parts_.image;
    if (identifier == uds::did::system_name)
        out.put_text(identity_.name);
    else if (image != nullptr)
        return ecu::read_data(identifier, image->settings(), image->slots(),
                              parts_.trust == nullptr ? nullptr : &parts_.trust->reports(), out);
    else if (identifier == uds::did::vin)
        out.put_text(identity_.vin.view());
    else if (identifier == uds::did::software_version)
        out.put_text(identity_.software_version.str());
    else
        return uds::Nrc::request_out_of_range;
    return uds::Nrc::positive_response;
}

void ZoneEcu::session_changed(uds::Session session) {
    intake_.session_changed(session);
    if (parts_.work != nullptr) parts_.work->session_changed(session);
    if (target_) target_->session_changed(session);
}

uds::Outcome ZoneEcu::start_routine(std::uint16_t rid, View option, uds::Reply& out) {
    if (Collector::serves(rid)) return parts_.collector.start_routine(rid, option, out);
    if (parts_.work != nullptr && ZoneWorkIntake::serves(rid)) return parts_.work->start_routine(rid, option, out);
    if (flash::MetadataIntake::serves(rid)) return intake_.start_routine(rid, option, out);
    if (!target_) return uds::Nrc::request_out_of_range;
    if (rid == uds::rid::check_preconditions) return check_preconditions(option, out);
    return target_->start_routine(rid, option, out);
}

std::expected<std::uint32_t, uds::Nrc> ZoneEcu::request_download(const uds::Download& download) {
    if (flash::MetadataIntake::serves(download)) return intake_.request_download(download);
    if (parts_.work != nullptr && ZoneWorkIntake::serves(download)) return parts_.work->request_download(download);
    if (target_) return target_->request_download(download);
    return std::unexpected(uds::Nrc::upload_download_not_accepted);
}

uds::Outcome ZoneEcu::transfer_data(View data) {
    if (intake_.is_receiving()) return intake_.transfer_data(data);
    if (parts_.work != nullptr && parts_.work->is_receiving()) return parts_.work->transfer_data(data);
    return target_ ? target_->transfer_data(data) : uds::Nrc::request_sequence_error;
}

uds::Outcome ZoneEcu::transfer_exit(View parameters, uds::Reply&) {
    if (intake_.is_receiving()) return intake_.transfer_exit(parameters);
    if (parts_.work != nullptr && parts_.work->is_receiving()) return parts_.work->transfer_exit(parameters);
    return target_ ? target_->transfer_exit(parameters) : uds::Nrc::request_sequence_error;
}

uds::Outcome ZoneEcu::continue_pending(uds::Reply& out) {
    if (parts_.work != nullptr && parts_.work->is_checking()) return parts_.work->continue_pending();
    return intake_.is_judging() || !target_ ? intake_.continue_pending(out) : target_->continue_pending(out);
}

uds::Outcome ZoneEcu::check_preconditions(View option, uds::Reply& out) {
    if (!option.empty()) return uds::Nrc::incorrect_message_length_or_invalid_format;
    out.put_u8(parts_.image->slots().is_on_trial() ? flash::status_byte(Error(flash::faults::trial_running))
                                                   : flash::routine_succeeded);
    return uds::Nrc::positive_response;
}

// Whoever wants it asks again: the work of an ECU behind the zone may last a minute.
uds::Nrc ZoneEcu::reset(uds::ResetType) {
    if (!target_) return uds::Nrc::service_not_supported;
    if (parts_.work != nullptr && parts_.work->is_under_way()) return uds::Nrc::busy_repeat_request;
    wants_restart_ = true;
    return uds::Nrc::positive_response;
}

// It has no messages of its own on its buses: there is nothing to stop.
uds::Nrc ZoneEcu::communication_control(uds::Communication, std::uint8_t) { return uds::Nrc::positive_response; }

void ZoneEcu::did(std::string_view what) { io::log::info("{}: {}: done", identity_.id.str(), what); }

void ZoneEcu::refused(std::string_view what, const Error& why) {
    io::log::problem(why, identity_.id.str() + ": " + std::string(what));
}

// Where nothing can be programmed: better said now than after an erase.
uds::Nrc ZoneEcu::check_session(uds::Session wanted) {
    return wanted == uds::Session::programming && !target_ ? uds::Nrc::conditions_not_correct
                                                           : uds::Nrc::positive_response;
}

}  // namespace pitstop::zone
