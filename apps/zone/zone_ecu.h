// The zonal gateway as an ECU of its own: it says who it is, and judges metadata for its zone. Its own update comes in
// a later issue.
#pragma once

#include "apps/zone/settings.h"
#include "apps/zone/zone_trust.h"
#include "core/uds/server.h"
#include "io/ethernet/uds_driver.h"
#include "io/runtime/loop.h"

#include <array>
#include <memory>

namespace pitstop::zone {

class ZoneEcu final : public uds::Application, flash::TargetObserver {
public:
    // `trust` null: it judges nothing.
    ZoneEcu(io::Loop& loop, Identity identity, ZoneTrust* trust);

    void on_request(View request, uds::Addressing addressing, const std::shared_ptr<io::ethernet::ReplySink>& sink) {
        driver_.on_request(request, addressing, sink);
    }

    uds::Nrc read_data(std::uint16_t identifier, uds::Reply& out) override;
    uds::Nrc check_session(uds::Session wanted) override;
    void session_changed(uds::Session session) override { intake_.session_changed(session); }
    uds::Outcome start_routine(std::uint16_t rid, View option, uds::Reply& out) override {
        return intake_.serves(rid) ? intake_.start_routine(rid, option, out) : uds::Nrc::request_out_of_range;
    }
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download& download) override {
        if (intake_.serves(download)) return intake_.request_download(download);
        return std::unexpected(uds::Nrc::upload_download_not_accepted);
    }
    uds::Outcome transfer_data(View data) override {
        return intake_.is_receiving() ? intake_.transfer_data(data) : uds::Nrc::request_sequence_error;
    }
    uds::Outcome transfer_exit(View parameters, uds::Reply&) override {
        return intake_.is_receiving() ? intake_.transfer_exit(parameters) : uds::Nrc::request_sequence_error;
    }
    uds::Outcome continue_pending(uds::Reply& out) override { return intake_.continue_pending(out); }
    uds::Nrc reset(uds::ResetType) override { return uds::Nrc::conditions_not_correct; }
    uds::Nrc communication_control(uds::Communication, std::uint8_t) override {
        return uds::Nrc::conditions_not_correct;
    }
    uds::Nrc control_dtc_setting(uds::DtcSetting) override { return uds::Nrc::positive_response; }

private:
    void did(std::string_view what) override;
    void refused(std::string_view what, const Error& why) override;

    Identity identity_;
    std::size_t metadata_size_bytes_;
    std::unique_ptr<std::uint8_t[]> metadata_;  // not touched, so not there, until metadata comes
    flash::MetadataIntake intake_;
    std::array<std::uint8_t, 512> reply_storage_{};  // ten identifiers of at most 40 bytes
    uds::Server server_;
    io::ethernet::UdsDriver driver_;
};

}  // namespace pitstop::zone
