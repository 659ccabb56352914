#include "core/flash/routine_status.h"

#include "core/flash/faults.h"
#include "core/uptane/faults.h"

#include <array>

namespace pitstop::flash {
namespace {

struct Row {
    std::uint8_t status;
    const Fault* fault;
};

// Bytes are never given a new meaning: testers and ECUs of different age meet.
constexpr std::array<Row, 53> table{{
    {routine_not_ready, &faults::not_ready},
    {0x02, &faults::wrong_hardware},
    {0x03, &faults::rolled_back},
    {0x04, &faults::wrong_size},
    {0x05, &faults::wrong_digest},
    {0x06, &faults::too_large},
    {0x07, &faults::trial_running},
    {0x08, &faults::nothing_staged},
    {0x09, &faults::nothing_on_trial},
    {0x0A, &faults::nothing_to_roll_back},
    {0x0B, &faults::device_failed},
    {0x0C, &faults::bad_record},
    {0x0D, &faults::not_approved},
    {0x0E, &faults::no_trust_cycle},
    {0x0F, &faults::not_trusted},
    // What an ECU found wrong with metadata.
    {0x20, &uptane::faults::too_large},
    {0x21, &uptane::faults::wrong_role},
    {0x22, &uptane::faults::wrong_spec_version},
    {0x23, &uptane::faults::too_many_signatures},
    {0x24, &uptane::faults::bad_member},
    {0x25, &uptane::faults::bad_key},
    {0x26, &uptane::faults::unknown_keyid},
    {0x27, &uptane::faults::bad_threshold},
    {0x28, &uptane::faults::classical_missing},
    {0x29, &uptane::faults::post_quantum_missing},
    {0x2A, &uptane::faults::threshold_not_reached},
    {0x2B, &uptane::faults::out_of_order},
    {0x2C, &uptane::faults::expired},
    {0x2D, &uptane::faults::rolled_back},
    {0x2E, &uptane::faults::same_version_changed},
    {0x2F, &uptane::faults::wrong_version},
    {0x30, &uptane::faults::wrong_length},
    {0x31, &uptane::faults::wrong_hash},
    {0x32, &uptane::faults::entry_dropped},
    {0x33, &uptane::faults::not_in_snapshot},
    {0x34, &uptane::faults::search_too_long},
    {0x35, &uptane::faults::not_published},
    {0x36, &uptane::faults::too_many_roots},
    {0x37, &uptane::faults::broken_state},
    {0x38, &uptane::faults::wrong_vin},
    {0x39, &uptane::faults::unknown_ecu},
    {0x3A, &uptane::faults::duplicate_ecu},
    {0x3B, &uptane::faults::wrong_hardware},
    {0x3C, &uptane::faults::not_in_image_repository},
    {0x3D, &uptane::faults::repositories_disagree},
    {0x3E, &uptane::faults::release_counter_back},
    {0x3F, &uptane::faults::time_back},
    {0x40, &uptane::faults::time_jump},
    {0x41, &uptane::faults::nonce_missing},
    {0x42, &uptane::faults::no_time_keys},
    {0x43, &uptane::faults::bad_bundle},
    {0x44, &uptane::faults::no_fresh_time},
    {0x45, &uptane::faults::too_many_keys},
}};

}  // namespace

std::uint8_t status_byte(const Error& error) {
    for (const Row& row : table) {
        if (error.is(*row.fault)) return row.status;
    }
    // base.*: a file that is not even well-formed.
    if (error.remedy() == Remedy::distrust || error.code().starts_with("base."))
        return status_byte(Error(faults::not_trusted));
    return routine_failed;
}

const Fault& fault_of_status(std::uint8_t status) {
    for (const Row& row : table) {
        if (row.status == status) return *row.fault;
    }
    return faults::strange_answer;
}

}  // namespace pitstop::flash
