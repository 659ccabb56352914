#include "core/flash/programmer_requests.h"

#include "core/flash/metadata_intake.h"
#include "core/flash/target.h"

#include <array>
#include <chrono>

namespace pitstop::flash {
namespace {

using enum ProgrammerStep;
using uds::Service;

constexpr std::uint8_t normal_messages = 0x01;            // communicationType, ISO 14229-1 annex B.1
constexpr std::uint8_t address_and_length_format = 0x44;  // four bytes each

template <class SubFunction>
Bytes ask(Service service, SubFunction sub_function) {
    return {static_cast<std::uint8_t>(service), static_cast<std::uint8_t>(sub_function)};
}

Bytes ask_communication(uds::Communication wanted) {
    Bytes request = ask(Service::communication_control, wanted);
    request.push_back(normal_messages);
    return request;
}

Bytes ask_routine(std::uint16_t rid, View option) {
    Bytes request = ask(Service::routine_control, uds::start_routine);
    request.push_back(static_cast<std::uint8_t>(rid >> 8));
    request.push_back(static_cast<std::uint8_t>(rid));
    request.insert(request.end(), option.begin(), option.end());
    return request;
}

using Range = std::array<std::uint8_t, Target::erase_option_size_bytes>;

Range range_of(std::uint32_t address, std::uint32_t size_bytes) {
    Range range{address_and_length_format};
    store_be(&range[1], address);
    store_be(&range[5], size_bytes);
    return range;
}
Bytes ask_download(const Form& form, const Range& range) {
    Bytes request = ask(Service::request_download, data_format_of(form));
    request.insert(request.end(), range.begin(), range.end());
    return request;
}

// Both in one answer: the ECU cannot restart between the two.
Bytes ask_banks() {
    constexpr std::uint16_t state = uds::did::bank_state, digest = uds::did::image_digest;
    return {static_cast<std::uint8_t>(Service::read_data_by_identifier), state >> 8, state & 0xFF, digest >> 8,
            digest & 0xFF};
}

Bytes ask_resume() {
    return {static_cast<std::uint8_t>(Service::read_data_by_identifier), uds::did::resume_state >> 8,
            uds::did::resume_state & 0xFF};
}

std::uint8_t bcd(int number) { return static_cast<std::uint8_t>(number / 10 % 10 << 4 | number % 10); }

Bytes ask_fingerprint(const Fingerprint& fingerprint) {
    const std::chrono::sys_seconds at{std::chrono::seconds(fingerprint.date.seconds)};
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(at));
    Bytes request{static_cast<std::uint8_t>(Service::write_data_by_identifier),
                  uds::did::fingerprint >> 8,
                  uds::did::fingerprint & 0xFF,
                  bcd(static_cast<int>(date.year()) / 100),
                  bcd(static_cast<int>(date.year()) % 100),
                  bcd(static_cast<int>(static_cast<unsigned>(date.month()))),
                  bcd(static_cast<int>(static_cast<unsigned>(date.day())))};
    const View tester = view_of(fingerprint.tester.view());
    request.insert(request.end(), tester.begin(), tester.end());
    return request;
}

Bytes ask_erase(const RequestParts& parts) {
    if (parts.resumable) return ask_routine(uds::rid::erase, erase_option(parts.image.size_bytes, parts.transfer));
    return ask_routine(uds::rid::erase, range_of(0, parts.image.size_bytes));
}

}  // namespace

std::string_view to_string(ProgrammerStep step) {
    switch (step) {
        case read_banks: return "read bank state";
        case extended_session: return "extended session";
        case offer_metadata: return "request download of metadata";
        case send_metadata: return "transfer of metadata";
        case end_metadata: return "end of metadata";
        case judge_metadata: return "judge metadata";
        case check_preconditions: return "check preconditions";
        case dtc_off: return "DTC setting off";
        case communication_off: return "communication off";
        case programming_session: return "programming session";
        case authenticate: return "authenticate";
        case fingerprint: return "fingerprint";
        case read_resume: return "read how far a transfer is";
        case read_resume_point: return "read where the transfer goes on";
        case erase: return "erase";
        case request_download: return "request download";
        case transfer: return "transfer";
        case transfer_exit: return "transfer exit";
        case check_memory: return "check memory";
        case check_dependencies: return "check dependencies";
        case arm: return "activate at next reset";
        case commit: return "commit";
        case roll_back: return "roll back";
        case reset: return "reset";
        case wait_for_boot: return "wait for boot";
        case read_back: return "read back";
        case communication_on: return "communication on";
        case dtc_on: return "DTC setting on";
        case default_session: return "default session";
        case finished: return "finished";
    }
    return "unknown";
}

Bytes request_of(ProgrammerStep step, const RequestParts& parts) {
    switch (step) {
        case read_banks:
        case read_back: return ask_banks();
        case extended_session: return ask(Service::diagnostic_session_control, uds::Session::extended);
        case programming_session: return ask(Service::diagnostic_session_control, uds::Session::programming);
        case default_session: return ask(Service::diagnostic_session_control, uds::Session::default_);
        case check_preconditions: return ask_routine(uds::rid::check_preconditions, {});
        case dtc_off: return ask(Service::control_dtc_setting, uds::DtcSetting::off);
        case dtc_on: return ask(Service::control_dtc_setting, uds::DtcSetting::on);
        case communication_off: return ask_communication(uds::Communication::disable_rx_and_tx);
        case communication_on: return ask_communication(uds::Communication::enable_rx_and_tx);
        case read_resume:
        case read_resume_point: return ask_resume();
        case fingerprint: return ask_fingerprint(parts.fingerprint);
        case erase: return ask_erase(parts);
        case offer_metadata:
            return ask_download(parts.metadata_form, range_of(MetadataIntake::address, parts.metadata_bytes));
        case judge_metadata: return ask_routine(uds::rid::judge_metadata, {});
        case request_download:
            return ask_download(
                parts.form, range_of(parts.point.payload_offset, parts.image.size_bytes - parts.point.image_offset));
        case end_metadata:
        case transfer_exit: return {static_cast<std::uint8_t>(Service::request_transfer_exit)};
        case check_memory: return ask_routine(uds::rid::check_memory, to_bytes(parts.image));
        case check_dependencies: return ask_routine(uds::rid::check_dependencies, {});
        case arm: return ask_routine(uds::rid::activate, std::array{Target::activate_at_reset});
        case commit: return ask_routine(uds::rid::activate, std::array{Target::commit_running});
        case roll_back: return ask_routine(uds::rid::roll_back, {});
        case reset: return ask(Service::ecu_reset, uds::ResetType::hard);
        case authenticate:  // built by WayIn
        case send_metadata:
        case transfer:       // built block by block
        case wait_for_boot:  // nothing is sent
        case finished: break;
    }
    return {};
}

}  // namespace pitstop::flash
