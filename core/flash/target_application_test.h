// For this room's tests: a diagnostic server's application that is a Target and nothing else.
#pragma once

#include "core/flash/target.h"

namespace pitstop::flash::test {

class TargetApplication final : public uds::Application {
public:
    explicit TargetApplication(Target& target) : target_(target) {}

    uds::Nrc read_data(std::uint16_t, uds::Reply&) override { return uds::Nrc::request_out_of_range; }
    uds::Outcome start_routine(std::uint16_t rid, View option, uds::Reply& out) override {
        return target_.start_routine(rid, option, out);
    }
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download& download) override {
        return target_.request_download(download);
    }
    uds::Outcome transfer_data(View data) override { return target_.transfer_data(data); }
    uds::Outcome transfer_exit(View parameters, uds::Reply&) override { return target_.transfer_exit(parameters); }
    uds::Outcome continue_pending(uds::Reply& out) override { return target_.continue_pending(out); }
    bool has_background_work() const override { return target_.has_background_work(); }
    std::chrono::microseconds work_in_background() override { return target_.work_in_background(); }
    void session_changed(uds::Session session) override { target_.session_changed(session); }
    uds::Nrc reset(uds::ResetType) override { return uds::Nrc::positive_response; }
    uds::Nrc communication_control(uds::Communication, std::uint8_t) override { return uds::Nrc::positive_response; }
    uds::Nrc control_dtc_setting(uds::DtcSetting) override { return uds::Nrc::positive_response; }

private:
    Target& target_;
};

}  // namespace pitstop::flash::test
