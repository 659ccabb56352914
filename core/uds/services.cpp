#include "core/uds/services.h"

namespace pitstop::uds {

namespace {

struct NrcText {
    Nrc nrc;
    std::string_view name, clear_text;
};

constexpr NrcText nrc_texts[] = {
    {Nrc::positive_response, "positiveResponse", "accepted"},
    {Nrc::general_reject, "generalReject", "the ECU gives no reason"},
    {Nrc::service_not_supported, "serviceNotSupported", "the ECU does not know this service"},
    {Nrc::sub_function_not_supported, "subFunctionNotSupported", "the ECU does not know this variant of the service"},
    {Nrc::incorrect_message_length_or_invalid_format, "incorrectMessageLengthOrInvalidFormat",
     "the request has the wrong length or form"},
    {Nrc::response_too_long, "responseTooLong", "the answer would not fit the ECU's buffer: ask for less at once"},
    {Nrc::busy_repeat_request, "busyRepeatRequest", "the ECU is busy with another request: ask again later"},
    {Nrc::conditions_not_correct, "conditionsNotCorrect", "the ECU's preconditions are not met"},
    {Nrc::request_sequence_error, "requestSequenceError", "a step that must come before this one is missing"},
    {Nrc::no_response_from_subnet_component, "noResponseFromSubnetComponent", "a part behind this ECU does not answer"},
    {Nrc::failure_prevents_execution_of_requested_action, "failurePreventsExecutionOfRequestedAction",
     "a failure in the ECU prevents this"},
    {Nrc::request_out_of_range, "requestOutOfRange", "the ECU does not know this identifier or refuses its value"},
    {Nrc::security_access_denied, "securityAccessDenied", "the tester has not unlocked the ECU"},
    {Nrc::authentication_required, "authenticationRequired", "the tester has not proved who it is"},
    {Nrc::invalid_key, "invalidKey", "the tester's key is wrong"},
    {Nrc::exceeded_number_of_attempts, "exceededNumberOfAttempts", "too many wrong keys: the ECU has locked itself"},
    {Nrc::required_time_delay_not_expired, "requiredTimeDelayNotExpired", "the ECU is still waiting after wrong keys"},
    {Nrc::upload_download_not_accepted, "uploadDownloadNotAccepted", "the ECU cannot take a download now"},
    {Nrc::transfer_data_suspended, "transferDataSuspended", "the transfer does not agree with what was announced"},
    {Nrc::general_programming_failure, "generalProgrammingFailure", "erasing or writing the ECU's memory failed"},
    {Nrc::wrong_block_sequence_counter, "wrongBlockSequenceCounter", "a block is missing or came twice"},
    {Nrc::request_correctly_received_response_pending, "requestCorrectlyReceived-ResponsePending",
     "the ECU is working on it"},
    {Nrc::sub_function_not_supported_in_active_session, "subFunctionNotSupportedInActiveSession",
     "this variant of the service needs another session"},
    {Nrc::service_not_supported_in_active_session, "serviceNotSupportedInActiveSession",
     "this service needs another session"},
    {Nrc::voltage_too_high, "voltageTooHigh", "the supply voltage is too high"},
    {Nrc::voltage_too_low, "voltageTooLow", "the supply voltage is too low"},
};

const NrcText* find(Nrc nrc) {
    for (const auto& text : nrc_texts)
        if (text.nrc == nrc) return &text;
    return nullptr;
}

}  // namespace

std::string_view to_string(Nrc nrc) {
    if (nrc >= Nrc::vehicle_maker_first && nrc <= Nrc::vehicle_maker_last)
        return "vehicleManufacturerSpecificConditionsNotCorrect";
    const auto* text = find(nrc);
    return text ? text->name : "unknown";
}

std::string_view clear_text(Nrc nrc) {
    const auto* text = find(nrc);
    return text ? text->clear_text : "a code that ISO 14229-1 reserves or leaves to the maker";
}

std::string_view to_string(Service service) {
    switch (service) {
        case Service::diagnostic_session_control: return "DiagnosticSessionControl";
        case Service::ecu_reset: return "ECUReset";
        case Service::read_data_by_identifier: return "ReadDataByIdentifier";
        case Service::security_access: return "SecurityAccess";
        case Service::communication_control: return "CommunicationControl";
        case Service::authentication: return "Authentication";
        case Service::write_data_by_identifier: return "WriteDataByIdentifier";
        case Service::routine_control: return "RoutineControl";
        case Service::request_download: return "RequestDownload";
        case Service::transfer_data: return "TransferData";
        case Service::request_transfer_exit: return "RequestTransferExit";
        case Service::tester_present: return "TesterPresent";
        case Service::control_dtc_setting: return "ControlDTCSetting";
    }
    return {};
}

bool has_sub_function(std::uint8_t service) {
    switch (static_cast<Service>(service)) {
        case Service::diagnostic_session_control:
        case Service::ecu_reset:
        case Service::security_access:
        case Service::communication_control:
        case Service::authentication:
        case Service::routine_control:
        case Service::tester_present:
        case Service::control_dtc_setting: return true;
        default: return false;
    }
}

bool suppresses_positive_answer(View request) {
    return request.size() >= 2 && has_sub_function(request[0]) && (request[1] & suppress_positive_bit) != 0;
}

}  // namespace pitstop::uds
