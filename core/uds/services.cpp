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
    {Nrc::authentication_required, "authenticationRequired", "the tester has not proved a role that may do this"},
    {Nrc::invalid_key, "invalidKey", "the tester's key is wrong"},
    {Nrc::exceeded_number_of_attempts, "exceededNumberOfAttempts", "too many wrong keys: the ECU has locked itself"},
    {Nrc::required_time_delay_not_expired, "requiredTimeDelayNotExpired", "the ECU is still waiting after wrong keys"},
    {Nrc::secure_data_transmission_required, "secureDataTransmissionRequired", "the ECU wants this request secured"},
    {Nrc::secure_data_transmission_not_allowed, "secureDataTransmissionNotAllowed",
     "the ECU does not take this request secured"},
    {Nrc::secure_data_verification_failed, "secureDataVerificationFailed", "a secured request was changed on its way"},
    {Nrc::certificate_invalid_time_period, "certificateVerificationFailed_InvalidTimePeriod",
     "the tester's certificate is not valid yet or no longer"},
    {Nrc::certificate_invalid_signature, "certificateVerificationFailed_InvalidSignature",
     "the signature of the tester's certificate is wrong"},
    {Nrc::certificate_invalid_chain_of_trust, "certificateVerificationFailed_InvalidChainOfTrust",
     "nobody whom the ECU trusts has signed the tester's certificate"},
    {Nrc::certificate_invalid_type, "certificateVerificationFailed_InvalidType",
     "the tester's certificate is of a kind that the ECU does not take"},
    {Nrc::certificate_invalid_format, "certificateVerificationFailed_InvalidFormat",
     "the tester's certificate cannot be read"},
    {Nrc::certificate_invalid_content, "certificateVerificationFailed_InvalidContent",
     "the tester's certificate says what the ECU does not accept"},
    {Nrc::certificate_invalid_scope, "certificateVerificationFailed_InvalidScope",
     "the tester's certificate is not for this ECU or this work"},
    {Nrc::certificate_invalid, "certificateVerificationFailed_InvalidCertificate",
     "the tester's certificate was revoked"},
    {Nrc::ownership_verification_failed, "ownershipVerificationFailed",
     "the tester has not proved that the certificate's key is its own"},
    {Nrc::challenge_calculation_failed, "challengeCalculationFailed", "the ECU could not make a challenge"},
    {Nrc::setting_access_rights_failed, "settingAccessRightsFailed", "the ECU could not grant the access rights"},
    {Nrc::session_key_creation_failed, "sessionKeyCreation/derivationFailed", "the ECU could not make a session key"},
    {Nrc::configuration_data_usage_failed, "configurationDataUsageFailed",
     "the ECU could not work with the configuration that came"},
    {Nrc::de_authentication_failed, "deAuthenticationFailed", "the ECU could not end the authentication"},
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
    {Nrc::rpm_too_high, "rpmTooHigh", "the engine turns too fast"},
    {Nrc::rpm_too_low, "rpmTooLow", "the engine turns too slowly"},
    {Nrc::engine_is_running, "engineIsRunning", "the engine must not run"},
    {Nrc::engine_is_not_running, "engineIsNotRunning", "the engine must run"},
    {Nrc::engine_run_time_too_low, "engineRunTimeTooLow", "the engine has not run long enough"},
    {Nrc::temperature_too_high, "temperatureTooHigh", "the temperature is too high"},
    {Nrc::temperature_too_low, "temperatureTooLow", "the temperature is too low"},
    {Nrc::vehicle_speed_too_high, "vehicleSpeedTooHigh", "the vehicle moves too fast"},
    {Nrc::vehicle_speed_too_low, "vehicleSpeedTooLow", "the vehicle moves too slowly"},
    {Nrc::throttle_pedal_too_high, "throttle/PedalTooHigh", "the throttle or its pedal is pressed too far"},
    {Nrc::throttle_pedal_too_low, "throttle/PedalTooLow", "the throttle or its pedal is not pressed far enough"},
    {Nrc::transmission_range_not_in_neutral, "transmissionRangeNotInNeutral", "the transmission is not in neutral"},
    {Nrc::transmission_range_not_in_gear, "transmissionRangeNotInGear", "the transmission is not in gear"},
    {Nrc::brake_switches_not_closed, "brakeSwitch(es)NotClosed", "the brake is not pressed"},
    {Nrc::shifter_lever_not_in_park, "shifterLeverNotInPark", "the shifter is not in park"},
    {Nrc::torque_converter_clutch_locked, "torqueConverterClutchLocked", "the torque converter's clutch is locked"},
    {Nrc::voltage_too_high, "voltageTooHigh", "the supply voltage is too high"},
    {Nrc::voltage_too_low, "voltageTooLow", "the supply voltage is too low"},
    {Nrc::resource_temporarily_not_available, "resourceTemporarilyNotAvailable",
     "something that the ECU needs for this is in use: ask again later"},
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
        case Service::clear_diagnostic_information: return "ClearDiagnosticInformation";
        case Service::read_dtc_information: return "ReadDTCInformation";
        case Service::read_data_by_identifier: return "ReadDataByIdentifier";
        case Service::read_memory_by_address: return "ReadMemoryByAddress";
        case Service::security_access: return "SecurityAccess";
        case Service::communication_control: return "CommunicationControl";
        case Service::authentication: return "Authentication";
        case Service::write_data_by_identifier: return "WriteDataByIdentifier";
        case Service::input_output_control_by_identifier: return "InputOutputControlByIdentifier";
        case Service::routine_control: return "RoutineControl";
        case Service::request_download: return "RequestDownload";
        case Service::request_upload: return "RequestUpload";
        case Service::transfer_data: return "TransferData";
        case Service::request_transfer_exit: return "RequestTransferExit";
        case Service::request_file_transfer: return "RequestFileTransfer";
        case Service::write_memory_by_address: return "WriteMemoryByAddress";
        case Service::tester_present: return "TesterPresent";
        case Service::control_dtc_setting: return "ControlDTCSetting";
    }
    return {};
}

bool has_sub_function(std::uint8_t service) {
    switch (static_cast<Service>(service)) {
        case Service::diagnostic_session_control:
        case Service::ecu_reset:
        case Service::read_dtc_information:
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
