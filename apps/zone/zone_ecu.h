// The zonal gateway as an ECU of its own: it says who it is, and that it lives. Its own update comes in a later issue.
#pragma once

#include "apps/zone/settings.h"
#include "core/uds/server.h"
#include "io/ethernet/uds_driver.h"
#include "io/runtime/loop.h"

#include <array>
#include <memory>

namespace pitstop::zone {

class ZoneEcu final : public uds::Application {
public:
    ZoneEcu(io::Loop& loop, Identity identity);

    void on_request(View request, uds::Addressing addressing, const std::shared_ptr<io::ethernet::ReplySink>& sink) {
        driver_.on_request(request, addressing, sink);
    }

    uds::Nrc read_data(std::uint16_t identifier, uds::Reply& out) override;
    uds::Nrc check_session(uds::Session wanted) override;
    void session_changed(uds::Session) override {}
    uds::Outcome start_routine(std::uint16_t, View, uds::Reply&) override { return uds::Nrc::request_out_of_range; }
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download&) override {
        return std::unexpected(uds::Nrc::upload_download_not_accepted);
    }
    uds::Outcome transfer_data(View) override { return uds::Nrc::request_sequence_error; }
    uds::Outcome transfer_exit(View, uds::Reply&) override { return uds::Nrc::request_sequence_error; }
    uds::Outcome continue_pending(uds::Reply&) override { return uds::Nrc::general_reject; }
    uds::Nrc reset(uds::ResetType) override { return uds::Nrc::conditions_not_correct; }
    uds::Nrc communication_control(uds::Communication, std::uint8_t) override {
        return uds::Nrc::conditions_not_correct;
    }
    uds::Nrc control_dtc_setting(uds::DtcSetting) override { return uds::Nrc::positive_response; }

private:
    Identity identity_;
    std::array<std::uint8_t, 512> reply_storage_{};  // ten identifiers of at most 40 bytes
    uds::Server server_;
    io::ethernet::UdsDriver driver_;
};

}  // namespace pitstop::zone
