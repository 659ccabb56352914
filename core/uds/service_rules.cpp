#include "core/uds/service_rules.h"

namespace pitstop::uds {

namespace {

constexpr std::uint32_t bits(auto... sub_functions) {
    return (0U | ... | (1U << static_cast<std::uint32_t>(sub_functions)));
}

constexpr auto everywhere = Offered::in_every_session;
constexpr auto not_by_default = Offered::not_in_the_default_session;
constexpr std::uint32_t all_of_access = 0xFFFF'FFFF;  // which of them exist knows Access

// In the order of their identifiers. Sessions: table 23.
constexpr ServiceRule rules[] = {
    {Service::diagnostic_session_control, everywhere, 2,
     bits(Session::default_, Session::programming, Session::extended)},
    {Service::ecu_reset, everywhere, 2, bits(ResetType::hard, ResetType::key_off_on, ResetType::soft)},
    {Service::clear_diagnostic_information, everywhere, 4},
    {Service::read_dtc_information, everywhere, 2,
     bits(DtcReport::number_by_status_mask, DtcReport::by_status_mask, DtcReport::snapshot_identification,
          DtcReport::snapshot_by_dtc, DtcReport::extended_data_by_dtc, DtcReport::supported)},
    {Service::read_data_by_identifier, everywhere, 3},
    {Service::read_memory_by_address, everywhere, 4},
    {Service::security_access, not_by_default, 2, all_of_access},
    {Service::communication_control, not_by_default, 3,
     bits(Communication::enable_rx_and_tx, Communication::enable_rx_disable_tx, Communication::disable_rx_enable_tx,
          Communication::disable_rx_and_tx)},
    {Service::authentication, everywhere, 2, all_of_access},
    {Service::write_data_by_identifier, everywhere, 4},
    {Service::input_output_control_by_identifier, not_by_default, 4},
    {Service::routine_control, everywhere, 4,
     bits(RoutineControl::start, RoutineControl::stop, RoutineControl::request_results), AccessBy::identifier},
    {Service::request_download, not_by_default, 5},
    {Service::request_upload, not_by_default, 5},
    {Service::transfer_data, not_by_default, 2},
    {Service::request_transfer_exit, not_by_default, 1},
    {Service::request_file_transfer, not_by_default, 5},
    {Service::write_memory_by_address, everywhere, 5},
    {Service::tester_present, everywhere, 2, bits(0)},
    {Service::control_dtc_setting, not_by_default, 2, bits(DtcSetting::on, DtcSetting::off)},
};

}  // namespace

const ServiceRule* rule_of(std::uint8_t service) {
    for (const auto& rule : rules)
        if (static_cast<std::uint8_t>(rule.service) == service) return &rule;
    return nullptr;
}

Nrc judge_form(const ServiceRule& rule, View request) {
    if (has_sub_function(request[0])) {
        if (request.size() < 2) return Nrc::incorrect_message_length_or_invalid_format;
        const bool is_for_access = rule.sub_functions == all_of_access;
        const auto sub_function = static_cast<std::uint8_t>(request[1] & ~suppress_positive_bit);
        if (!is_for_access && !rule.knows_sub_function(sub_function)) return Nrc::sub_function_not_supported;
    }
    if (request.size() < rule.request_bytes_min) return Nrc::incorrect_message_length_or_invalid_format;
    return Nrc::positive_response;
}

bool is_unsaid_when_functional(Nrc nrc) {
    return nrc == Nrc::service_not_supported || nrc == Nrc::sub_function_not_supported ||
           nrc == Nrc::request_out_of_range || nrc == Nrc::sub_function_not_supported_in_active_session ||
           nrc == Nrc::service_not_supported_in_active_session;
}

}  // namespace pitstop::uds
