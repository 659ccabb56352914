// This ECU's answers to its diagnostic server, from one power-on to the next.
//
// Bring slots that have booted and what else it works with: what the ECU trusts (null: nobody), storage for a trust
// bundle, what opens images, room for blocks of them, what testers find beside programming.
// Programming itself is core/flash's Target, what it may program MetadataIntake's; here is what belongs to a whole ECU
// around it: identification, preconditions, sessions, the wish to restart. Each step is logged.
#pragma once

#include "apps/ecu/diagnostics.h"
#include "apps/ecu/own_collection.h"
#include "apps/ecu/routine_results.h"
#include "apps/ecu/settings.h"
#include "core/flash/slots.h"
#include "core/flash/target.h"
#include "core/uds/application.h"
#include "io/ecu/own_trust.h"

namespace pitstop::ecu {

struct Parts {
    OwnTrust* trust;
    flash::MetadataIntake::Memory metadata;
    flash::Opening& opening;
    Room blocks;  // as core/flash/image_intake.h has it
    Diagnostics& diagnostics;
};

class Application final : public uds::Application, flash::TargetObserver {
public:
    Application(const Settings& settings, flash::Slots& slots, const Parts& parts);

    // A reset was accepted: restart as soon as the answer has left.
    [[nodiscard]] bool wants_restart() const { return wants_restart_; }

    uds::Nrc read_data(std::uint16_t did, uds::Reply& out) override;
    uds::Outcome start_routine(std::uint16_t rid, View option, uds::Reply& out) override;
    uds::Nrc stop_routine(std::uint16_t rid, View option, uds::Reply& out) override;
    uds::Nrc routine_results(std::uint16_t rid, View option, uds::Reply& out) override;
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download& download) override;
    uds::Outcome transfer_data(View data) override;
    uds::Outcome transfer_exit(View parameters, uds::Reply& out) override;
    uds::Outcome continue_pending(uds::Reply& out) override;
    bool has_background_work() const override { return target_.has_background_work(); }
    std::chrono::microseconds work_in_background() override { return target_.work_in_background(); }
    void session_changed(uds::Session session) override;
    uds::Nrc reset(uds::ResetType type) override;
    uds::Nrc communication_control(uds::Communication wanted, std::uint8_t type) override;
    uds::Nrc control_dtc_setting(uds::DtcSetting wanted) override;
    void test_for_faults() override { diagnostics_.test_for_faults(); }

private:
    void did(std::string_view what) override;
    void refused(std::string_view what, const Error& why) override;
    uds::Outcome run_routine(std::uint16_t rid, View option, uds::Reply& out);
    uds::Outcome went_on(const uds::Outcome& outcome, const uds::Reply& out);
    uds::Outcome check_preconditions(View option, uds::Reply& out);
    [[nodiscard]] Result<void> preconditions() const;

    const Settings& settings_;
    std::string name_;
    flash::Slots& slots_;
    OwnTrust* trust_;
    flash::MetadataIntake intake_;
    flash::Target target_;
    Diagnostics& diagnostics_;
    RoutineResults results_;
    OwnCollection collection_;
    bool wants_restart_ = false;
};

}  // namespace pitstop::ecu
