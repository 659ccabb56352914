// The words of ISO 14229-1:2020 that Pitstop speaks: services, negative response codes, sessions, identifiers. ECU
// profile.
#pragma once

#include "core/base/bytes.h"

#include <cstdint>
#include <string_view>

namespace pitstop::uds {

// Service identifiers, ISO 14229-1 table 23. A positive answer starts with the identifier + 0x40.
enum class Service : std::uint8_t {
    diagnostic_session_control = 0x10,
    ecu_reset = 0x11,
    clear_diagnostic_information = 0x14,
    read_dtc_information = 0x19,
    read_data_by_identifier = 0x22,
    read_memory_by_address = 0x23,
    security_access = 0x27,
    communication_control = 0x28,
    authentication = 0x29,
    write_data_by_identifier = 0x2E,
    input_output_control_by_identifier = 0x2F,
    routine_control = 0x31,
    request_download = 0x34,
    request_upload = 0x35,
    transfer_data = 0x36,
    request_transfer_exit = 0x37,
    request_file_transfer = 0x38,
    write_memory_by_address = 0x3D,
    tester_present = 0x3E,
    control_dtc_setting = 0x85,
};
inline constexpr std::uint8_t positive_offset = 0x40;
inline constexpr std::uint8_t negative_response_sid = 0x7F;
inline constexpr std::uint8_t suppress_positive_bit = 0x80;  // suppressPosRspMsgIndicationBit of a sub-function byte

// Negative response codes, ISO 14229-1 annex A.1. The first is not sent: it says that there is nothing to refuse.
enum class Nrc : std::uint8_t {
    positive_response = 0x00,
    general_reject = 0x10,
    service_not_supported = 0x11,
    sub_function_not_supported = 0x12,
    incorrect_message_length_or_invalid_format = 0x13,
    response_too_long = 0x14,
    busy_repeat_request = 0x21,
    conditions_not_correct = 0x22,
    request_sequence_error = 0x24,
    no_response_from_subnet_component = 0x25,
    failure_prevents_execution_of_requested_action = 0x26,
    request_out_of_range = 0x31,
    security_access_denied = 0x33,
    authentication_required = 0x34,
    invalid_key = 0x35,
    exceeded_number_of_attempts = 0x36,
    required_time_delay_not_expired = 0x37,
    secure_data_transmission_required = 0x38,
    secure_data_transmission_not_allowed = 0x39,
    secure_data_verification_failed = 0x3A,
    certificate_invalid_time_period = 0x50,  // 50-57: certificateVerificationFailed_...
    certificate_invalid_signature = 0x51,
    certificate_invalid_chain_of_trust = 0x52,
    certificate_invalid_type = 0x53,
    certificate_invalid_format = 0x54,
    certificate_invalid_content = 0x55,
    certificate_invalid_scope = 0x56,
    certificate_invalid = 0x57,
    ownership_verification_failed = 0x58,
    challenge_calculation_failed = 0x59,
    setting_access_rights_failed = 0x5A,
    session_key_creation_failed = 0x5B,
    configuration_data_usage_failed = 0x5C,
    de_authentication_failed = 0x5D,
    upload_download_not_accepted = 0x70,
    transfer_data_suspended = 0x71,
    general_programming_failure = 0x72,
    wrong_block_sequence_counter = 0x73,
    request_correctly_received_response_pending = 0x78,
    sub_function_not_supported_in_active_session = 0x7E,
    service_not_supported_in_active_session = 0x7F,
    rpm_too_high = 0x81,
    rpm_too_low = 0x82,
    engine_is_running = 0x83,
    engine_is_not_running = 0x84,
    engine_run_time_too_low = 0x85,
    temperature_too_high = 0x86,
    temperature_too_low = 0x87,
    vehicle_speed_too_high = 0x88,
    vehicle_speed_too_low = 0x89,
    throttle_pedal_too_high = 0x8A,
    throttle_pedal_too_low = 0x8B,
    transmission_range_not_in_neutral = 0x8C,
    transmission_range_not_in_gear = 0x8D,
    brake_switches_not_closed = 0x8F,
    shifter_lever_not_in_park = 0x90,
    torque_converter_clutch_locked = 0x91,
    voltage_too_high = 0x92,
    voltage_too_low = 0x93,
    resource_temporarily_not_available = 0x94,
    vehicle_maker_first = 0xF0,  // vehicleManufacturerSpecificConditionsNotCorrect, up to and with
    vehicle_maker_last = 0xFE,
};

[[nodiscard]] std::string_view to_string(Nrc nrc);          // the standard's name: "requestOutOfRange"
[[nodiscard]] std::string_view clear_text(Nrc nrc);         // what it means to a person
[[nodiscard]] std::string_view to_string(Service service);  // "RoutineControl"; empty for others

enum class Session : std::uint8_t { default_ = 0x01, programming = 0x02, extended = 0x03 };
enum class ResetType : std::uint8_t { hard = 0x01, key_off_on = 0x02, soft = 0x03 };
enum class DtcSetting : std::uint8_t { on = 0x01, off = 0x02 };
enum class Addressing : std::uint8_t { physical, functional };

// CommunicationControl's sub-functions (ISO 14229-1:2020, service 0x28).
enum class Communication : std::uint8_t {
    enable_rx_and_tx = 0x00,
    enable_rx_disable_tx = 0x01,
    disable_rx_enable_tx = 0x02,
    disable_rx_and_tx = 0x03,
};

// Authentication's sub-functions (ISO 14229-1:2020, service 0x29).
enum class AuthenticationTask : std::uint8_t {
    de_authenticate = 0x00,
    verify_certificate_unidirectional = 0x01,
    verify_certificate_bidirectional = 0x02,
    proof_of_ownership = 0x03,
    transmit_certificate = 0x04,
    request_challenge = 0x05,
    verify_proof_of_ownership_unidirectional = 0x06,
    verify_proof_of_ownership_bidirectional = 0x07,
    authentication_configuration = 0x08,
};

// ReadDTCInformation's reports that Pitstop speaks (ISO 14229-1:2020, service 0x19).
enum class DtcReport : std::uint8_t {
    number_by_status_mask = 0x01,
    by_status_mask = 0x02,
    snapshot_identification = 0x03,
    snapshot_by_dtc = 0x04,
    extended_data_by_dtc = 0x06,
    supported = 0x0A,
};

// What InputOutputControlByIdentifier asks for (ISO 14229-1 annex E.1).
enum class InputOutputControl : std::uint8_t {
    return_control_to_ecu = 0x00,
    reset_to_default = 0x01,
    freeze_current_state = 0x02,
    short_term_adjustment = 0x03,
};

enum class RoutineControl : std::uint8_t { start = 0x01, stop = 0x02, request_results = 0x03 };

// RequestFileTransfer's modes (ISO 14229-1 annex G.1).
enum class FileOperation : std::uint8_t {
    add_file = 0x01,
    delete_file = 0x02,
    replace_file = 0x03,
    read_file = 0x04,
    read_dir = 0x05,
    resume_file = 0x06,
};

// Data identifiers, ISO 14229-1 annex C and DESIGN §5.
namespace did {
inline constexpr std::uint16_t fingerprint = 0xF15A;  // who programs: written before erasing
inline constexpr std::uint16_t boot_software = 0xF180;
inline constexpr std::uint16_t active_session = 0xF186;
inline constexpr std::uint16_t part_number = 0xF187;
inline constexpr std::uint16_t software_number = 0xF188;
inline constexpr std::uint16_t software_version = 0xF189;
inline constexpr std::uint16_t serial_number = 0xF18C;
inline constexpr std::uint16_t vin = 0xF190;
inline constexpr std::uint16_t hardware_number = 0xF191;
inline constexpr std::uint16_t hardware_version = 0xF193;
inline constexpr std::uint16_t supplier_software_version = 0xF195;
inline constexpr std::uint16_t system_name = 0xF197;
inline constexpr std::uint16_t rxswin = 0xF1A0;
inline constexpr std::uint16_t bank_state = 0xF1A1;
inline constexpr std::uint16_t image_digest = 0xF1A2;
inline constexpr std::uint16_t version_report = 0xF1A3;  // signed by the ECU (docs/formats/manifest.md)
inline constexpr std::uint16_t openings = 0xF1A4;        // in which forms it takes an image (core/base/form.h)
inline constexpr std::uint16_t resume_state = 0xF1A5;    // how much of which image is already there
}  // namespace did

// Routine identifiers, ISO 14229-1 annex F and DESIGN §5.
namespace rid {
inline constexpr std::uint16_t check_memory = 0x0202;
inline constexpr std::uint16_t check_preconditions = 0x0203;
inline constexpr std::uint16_t start_vci = 0xF001;  // F001-F004: the vehicle's inventory and readiness, told later
inline constexpr std::uint16_t send_vci = 0xF002;
inline constexpr std::uint16_t start_readiness = 0xF003;
inline constexpr std::uint16_t send_readiness = 0xF004;
inline constexpr std::uint16_t activate = 0xF010;  // option 01: at the next reset; 02: commit, the new image is healthy
inline constexpr std::uint16_t roll_back = 0xF011;
inline constexpr std::uint16_t begin_trust_cycle = 0xF012;
inline constexpr std::uint16_t judge_metadata = 0xF013;
inline constexpr std::uint16_t start_zone_work = 0xF020;  // F020-F023: a zone flashes its own ECUs
inline constexpr std::uint16_t zone_work_status = 0xF021;
inline constexpr std::uint16_t stop_zone_work = 0xF022;
inline constexpr std::uint16_t offer_to_zone = 0xF023;
inline constexpr std::uint16_t erase = 0xFF00;
inline constexpr std::uint16_t check_dependencies = 0xFF01;
}  // namespace rid
inline constexpr std::uint8_t start_routine = 0x01;

// The second byte of these services is a sub-function, whose top bit may suppress the positive answer.
[[nodiscard]] bool has_sub_function(std::uint8_t service);
[[nodiscard]] bool suppresses_positive_answer(View request);

}  // namespace pitstop::uds
