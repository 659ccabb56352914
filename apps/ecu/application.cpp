#include "apps/ecu/application.h"

#include "core/flash/faults.h"
#include "core/flash/routine_status.h"
#include "io/ecu/diagnostic_data.h"
#include "io/log/log.h"

namespace pitstop::ecu {
namespace {

namespace log = io::log;

std::string_view name_of(uds::Session session) {
    switch (session) {
        case uds::Session::default_: return "default";
        case uds::Session::programming: return "programming";
        case uds::Session::extended: return "extended";
    }
    return "unknown";
}

std::string_view name_of(uds::ResetType type) {
    switch (type) {
        case uds::ResetType::hard: return "hard";
        case uds::ResetType::key_off_on: return "key-off-on";
        case uds::ResetType::soft: return "soft";
    }
    return "unknown";
}

}  // namespace

Application::Application(const Settings& settings, flash::Slots& slots, const Parts& parts)
    : settings_(settings),
      name_(settings.identity.id.str()),
      slots_(slots),
      trust_(parts.trust),
      intake_(parts.trust, parts.metadata, *this, settings.block_size_bytes_max),
      target_(slots, intake_, &parts.opening, *this,
              {settings.block_size_bytes_max, settings.flash.times, parts.blocks}),
      diagnostics_(parts.diagnostics),
      collection_(settings.identity.id, {[this](std::uint16_t did, uds::Reply& out) { return read_data(did, out); },
                                         [this] {
                                             const Result<void> ready = preconditions();
                                             return vehicle::EcuReadiness{
                                                 ready ? flash::routine_succeeded : flash::status_byte(ready.error()),
                                                 static_cast<std::uint16_t>(diagnostics_.open_fault_count())};
                                         }}) {}

uds::Nrc Application::read_data(std::uint16_t did, uds::Reply& out) {
    const uds::Nrc nrc = ecu::read_data(did, settings_, slots_, trust_, out);
    return nrc == uds::Nrc::request_out_of_range ? diagnostics_.read_data(did, out) : nrc;
}

uds::Outcome Application::start_routine(std::uint16_t rid, View option, uds::Reply& out) {
    results_.started(rid, out);
    const uds::Outcome outcome = run_routine(rid, option, out);
    const bool erases = outcome.is_pending() || outcome.nrc() == uds::Nrc::positive_response;
    if (rid == uds::rid::erase && erases) diagnostics_.programming_begins();
    return went_on(outcome, out);
}

uds::Outcome Application::went_on(const uds::Outcome& outcome, const uds::Reply& out) {
    results_.went_on(outcome, out);
    if (results_.just_succeeded(uds::rid::check_memory)) diagnostics_.programming_ends();
    return outcome;
}

uds::Nrc Application::stop_routine(std::uint16_t rid, View, uds::Reply&) { return RoutineResults::stop(rid); }

uds::Nrc Application::routine_results(std::uint16_t rid, View option, uds::Reply& out) {
    if (!option.empty()) return uds::Nrc::incorrect_message_length_or_invalid_format;
    return results_.results(rid, out);
}

uds::Outcome Application::run_routine(std::uint16_t rid, View option, uds::Reply& out) {
    if (OwnCollection::serves(rid)) return collection_.start_routine(rid, option, out);
    if (flash::MetadataIntake::serves(rid)) return intake_.start_routine(rid, option, out);
    if (rid == uds::rid::check_preconditions) return check_preconditions(option, out);
    return target_.start_routine(rid, option, out);
}

Result<void> Application::preconditions() const {
    if (slots_.is_on_trial()) return fail(flash::faults::trial_running);
    if (settings_.readiness == Readiness::not_ready) return fail(flash::faults::not_ready);
    if (!diagnostics_.has_voltage_to_program()) return fail(flash::faults::not_ready, "the supply voltage is low");
    return {};
}

uds::Outcome Application::check_preconditions(View option, uds::Reply& out) {
    if (!option.empty()) return uds::Nrc::incorrect_message_length_or_invalid_format;
    const Result<void> checked = preconditions();
    checked ? did("check preconditions") : refused("check preconditions", checked.error());
    out.put_u8(checked ? flash::routine_succeeded : flash::status_byte(checked.error()));
    return uds::Nrc::positive_response;
}

std::expected<std::uint32_t, uds::Nrc> Application::request_download(const uds::Download& download) {
    if (flash::MetadataIntake::serves(download)) return intake_.request_download(download);
    return target_.request_download(download);
}

uds::Outcome Application::transfer_data(View data) {
    return intake_.is_receiving() ? intake_.transfer_data(data) : target_.transfer_data(data);
}

uds::Outcome Application::transfer_exit(View parameters, uds::Reply&) {
    return intake_.is_receiving() ? intake_.transfer_exit(parameters) : target_.transfer_exit(parameters);
}

uds::Outcome Application::continue_pending(uds::Reply& out) {
    const auto outcome = intake_.is_judging() ? intake_.continue_pending(out) : target_.continue_pending(out);
    return went_on(outcome, out);
}

void Application::session_changed(uds::Session session) {
    log::info("{}: {} session", name_, name_of(session));
    intake_.session_changed(session);
    target_.session_changed(session);
    diagnostics_.session_changed(session);
}

uds::Nrc Application::reset(uds::ResetType type) {
    log::info("{}: {} reset asked for", name_, name_of(type));
    diagnostics_.resetting();
    wants_restart_ = true;
    return uds::Nrc::positive_response;
}

// There is no other traffic in a virtual ECU: what a real one would stop is only logged.
uds::Nrc Application::communication_control(uds::Communication wanted, std::uint8_t type) {
    static_cast<void>(type);
    log::info("{}: normal communication {}", name_,
              wanted == uds::Communication::enable_rx_and_tx ? "on" : "restricted");
    return uds::Nrc::positive_response;
}

uds::Nrc Application::control_dtc_setting(uds::DtcSetting wanted) {
    log::info("{}: DTC setting {}", name_, wanted == uds::DtcSetting::on ? "on" : "off");
    return uds::Nrc::positive_response;
}

void Application::did(std::string_view what) {
    log::info("{}: {}: done", name_, what);
    diagnostics_.note(std::string(what) + ": done");
}

void Application::refused(std::string_view what, const Error& why) {
    log::problem(why, name_ + ": " + std::string(what));
    diagnostics_.note(std::string(what) + ": " + std::string(why.code()));
}

}  // namespace pitstop::ecu
