#include "core/flash/routine_status.h"

#include "core/flash/faults.h"

#include <array>

namespace pitstop::flash {
namespace {

struct Row {
    std::uint8_t status;
    const Fault* fault;
};

// Bytes are never given a new meaning: testers and ECUs of different age meet.
constexpr std::array<Row, 12> table{{
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
}};

}  // namespace

std::uint8_t status_byte(const Error& error) {
    for (const Row& row : table) {
        if (error.is(*row.fault)) return row.status;
    }
    return routine_failed;
}

const Fault& fault_of_status(std::uint8_t status) {
    for (const Row& row : table) {
        if (row.status == status) return *row.fault;
    }
    return faults::strange_answer;
}

}  // namespace pitstop::flash
