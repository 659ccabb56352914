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
    read_data_by_identifier = 0x22,
    security_access = 0x27,
    communication_control = 0x28,
    authentication = 0x29,
    write_data_by_identifier = 0x2E,
    routine_control = 0x31,
    request_download = 0x34,
    transfer_data = 0x36,
    request_transfer_exit = 0x37,
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
    upload_download_not_accepted = 0x70,
    transfer_data_suspended = 0x71,
    general_programming_failure = 0x72,
    wrong_block_sequence_counter = 0x73,
    request_correctly_received_response_pending = 0x78,
    sub_function_not_supported_in_active_session = 0x7E,
    service_not_supported_in_active_session = 0x7F,
    voltage_too_high = 0x92,
    voltage_too_low = 0x93,
    vehicle_maker_first = 0xF0,  // vehicleManufacturerSpecificConditionsNotCorrect, up to and with
    vehicle_maker_last = 0xFE,
};

[[nodiscard]] std::string_view to_string(Nrc nrc);          // the standard's name: "requestOutOfRange"
[[nodiscard]] std::string_view clear_text(Nrc nrc);         // what it means to a person
[[nodiscard]] std::string_view to_string(Service service);  // "RoutineControl"; empty for others

enum class Session : std::uint8_t { default_ = 0x01, programming = 0x02, extended = 0x03 };
enum class ResetType : std::uint8_t { hard = 0x01, soft = 0x03 };
enum class DtcSetting : std::uint8_t { on = 0x01, off = 0x02 };
enum class Addressing : std::uint8_t { physical, functional };

// CommunicationControl's sub-functions (ISO 14229-1:2020, service 0x28).
enum class Communication : std::uint8_t {
    enable_rx_and_tx = 0x00,
    enable_rx_disable_tx = 0x01,
    disable_rx_enable_tx = 0x02,
    disable_rx_and_tx = 0x03,
};

// Data identifiers, ISO 14229-1 annex C and DESIGN §5.
namespace did {
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
}  // namespace did

// Routine identifiers, ISO 14229-1 annex F and DESIGN §5.
namespace rid {
inline constexpr std::uint16_t check_memory = 0x0202;
inline constexpr std::uint16_t check_preconditions = 0x0203;
inline constexpr std::uint16_t activate = 0xF010;  // option 01: at the next reset; 02: commit, the new image is healthy
inline constexpr std::uint16_t roll_back = 0xF011;
inline constexpr std::uint16_t begin_trust_cycle = 0xF012;
inline constexpr std::uint16_t judge_metadata = 0xF013;
inline constexpr std::uint16_t erase = 0xFF00;
inline constexpr std::uint16_t check_dependencies = 0xFF01;
}  // namespace rid
inline constexpr std::uint8_t start_routine = 0x01;

// The second byte of these services is a sub-function, whose top bit may suppress the positive answer.
[[nodiscard]] bool has_sub_function(std::uint8_t service);
[[nodiscard]] bool suppresses_positive_answer(View request);

}  // namespace pitstop::uds
