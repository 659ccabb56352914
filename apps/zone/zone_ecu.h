// The zonal gateway as an ECU of its own, from one power-on to the next: it says who it is, judges metadata for its
// zone, takes work on the ECUs behind it, collects what they say of themselves, and is programmed itself where it has
// an image.
//
// It may be programmed while it works on others, for the bank that does not run disturbs nobody; a restart waits until
// that work has ended.
#pragma once

#include "apps/zone/collector.h"
#include "apps/zone/own_image.h"
#include "apps/zone/settings.h"
#include "apps/zone/zone_trust.h"
#include "apps/zone/zone_work_intake.h"
#include "core/uds/server.h"
#include "io/ethernet/uds_driver.h"
#include "io/runtime/loop.h"

#include <functional>
#include <memory>
#include <optional>

namespace pitstop::zone {

class ZoneEcu final : public uds::Application, flash::TargetObserver {
public:
    struct Parts {
        ZoneTrust* trust;      // null: it judges nothing; otherwise it is there
        ZoneWorkIntake* work;  // null: it takes none
        OwnImage* image;       // null: it cannot be programmed; otherwise powered on, with `trust`
        uds::Access* access;   // null: whoever comes may have it work and program it
        Collector& collector;
    };
    ZoneEcu(io::Loop& loop, Identity identity, Parts parts);

    // A reset was accepted: restart as soon as the answer has left.
    [[nodiscard]] bool wants_restart() const { return wants_restart_; }
    void when_idle(std::function<void()> hook) { driver_.when_idle(std::move(hook)); }

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
    bool has_background_work() const override { return target_ && target_->has_background_work(); }
    std::chrono::microseconds work_in_background() override { return target_->work_in_background(); }
    uds::Nrc reset(uds::ResetType) override;
    uds::Nrc communication_control(uds::Communication, std::uint8_t) override;
    uds::Nrc control_dtc_setting(uds::DtcSetting) override { return uds::Nrc::positive_response; }

private:
    void did(std::string_view what) override;
    void refused(std::string_view what, const Error& why) override;

    uds::Outcome check_preconditions(View option, uds::Reply& out);

    Identity identity_;
    Parts parts_;
    std::size_t metadata_size_bytes_;
    std::unique_ptr<std::uint8_t[]> metadata_;  // not touched, so not there, until metadata comes
    flash::MetadataIntake intake_;
    Bytes blocks_;  // of an image
    std::optional<flash::Target> target_;
    bool wants_restart_ = false;
    Bytes reply_storage_;
    uds::Server server_;
    io::ethernet::UdsDriver driver_;
};

}  // namespace pitstop::zone
