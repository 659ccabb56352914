#include "apps/ecu/adjustments.h"

#include "io/files/atomic_file.h"
#include "io/log/log.h"

namespace pitstop::ecu {
namespace {

using uds::Nrc;

constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;

}  // namespace

void Adjustments::session_changed(uds::Session session) {
    session_ = session;
    if (session == uds::Session::default_ && imposed_mv_) impose(std::nullopt);
}

void Adjustments::impose(std::optional<std::uint16_t> voltage_mv) {
    imposed_mv_ = voltage_mv;
    test_voltage();
}

void Adjustments::test_voltage() {
    faults_.report(dtc::supply_voltage_low, has_voltage_to_program() ? uds::DtcTest::passed : uds::DtcTest::failed,
                   loop_.utc_now());
}

Nrc Adjustments::read_data(std::uint16_t did, uds::Reply& out) const {
    if (did == supply_voltage_did) return out.put_u16(voltage_mv()), Nrc::positive_response;
    if (did != uds::did::fingerprint) return Nrc::request_out_of_range;
    const auto written = io::files::read_if_there(fingerprint_file_, fingerprint_bytes_max);
    if (!written) return io::log::problem(written.error(), "fingerprint"), Nrc::conditions_not_correct;
    if (*written) out.put(**written);
    return Nrc::positive_response;
}

Nrc Adjustments::write_data(std::uint16_t did, View data) {
    if (did != uds::did::fingerprint || session_ == uds::Session::default_) return Nrc::request_out_of_range;
    if (data.size() > fingerprint_bytes_max) return wrong_length;
    const auto written = io::files::write_atomically(fingerprint_file_, data, io::files::FileMode::private_);
    if (written) return Nrc::positive_response;
    io::log::problem(written.error(), "fingerprint");
    return Nrc::general_programming_failure;
}

Nrc Adjustments::control(std::uint16_t did, uds::InputOutputControl wanted, View state_and_mask, uds::Reply& out) {
    if (did != supply_voltage_did) return Nrc::request_out_of_range;
    const bool adjusts = wanted == uds::InputOutputControl::short_term_adjustment;
    if (state_and_mask.size() != (adjusts ? sizeof(std::uint16_t) : 0)) return wrong_length;
    switch (wanted) {
        case uds::InputOutputControl::return_control_to_ecu: impose(std::nullopt); break;
        case uds::InputOutputControl::reset_to_default: impose(usual_mv); break;
        case uds::InputOutputControl::freeze_current_state: impose(voltage_mv()); break;
        case uds::InputOutputControl::short_term_adjustment:
            impose(load_be<std::uint16_t>(state_and_mask.data()));
            break;
    }
    out.put_u16(voltage_mv());
    return Nrc::positive_response;
}

}  // namespace pitstop::ecu
