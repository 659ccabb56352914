// The zonal gateway as an ECU of its own: it says who it is, judges metadata for its zone, takes work on the ECUs
// behind it, and collects what they say of themselves. It has no image of its own to update.
#pragma once

#include "apps/zone/collector.h"
#include "apps/zone/settings.h"
#include "apps/zone/zone_trust.h"
#include "apps/zone/zone_work_intake.h"
#include "core/uds/server.h"
#include "io/ethernet/uds_driver.h"
#include "io/runtime/loop.h"

#include <memory>

namespace pitstop::zone {

class ZoneEcu final : public uds::Application, flash::TargetObserver {
public:
    // `trust` null: it judges nothing. `work` null: it takes none.
    ZoneEcu(io::Loop& loop, Identity identity, ZoneTrust* trust, ZoneWorkIntake* work, Collector& collector);

    void on_request(View request, uds::Addressing addressing, const std::shared_ptr<io::ethernet::ReplySink>& sink) {
        driver_.on_request(request, addressing, sink);
    }
    void on_closed(const io::ethernet::ReplySink& sink) { driver_.on_closed(sink); }

    uds::Nrc read_data(std::uint16_t identifier, uds::Reply& out) override;
    uds::Nrc check_session(uds::Session wanted) override;
    void session_changed(uds::Session session) override;
    uds::Outcome start_routine(std::uint16_t rid, View option, uds::Reply& out) override;
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download& download) override;
    uds::Outcome transfer_data(View data) override;
    uds::Outcome transfer_exit(View parameters, uds::Reply& out) override;
    uds::Outcome continue_pending(uds::Reply& out) override;
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
    ZoneWorkIntake* work_;
    Collector& collector_;
    Bytes reply_storage_;
    uds::Server server_;
    io::ethernet::UdsDriver driver_;
};

}  // namespace pitstop::zone
