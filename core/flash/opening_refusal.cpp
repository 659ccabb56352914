#include "core/flash/opening_refusal.h"

#include "core/compress/faults.h"
#include "core/delta/faults.h"
#include "core/package/faults.h"
#include "core/seal/faults.h"

#include <array>

namespace pitstop::flash {
namespace {

struct Row {
    std::uint8_t code;
    const Fault* fault;
};

// Codes are never given a new meaning: testers and ECUs of different age meet.
constexpr std::array<Row, 18> table{{
    {0xED, &delta::faults::wrong_mode},
    {0xEE, &delta::faults::half_done},
    {0xEF, &delta::faults::bank_too_small},
    {0xF0, &delta::faults::other_base},
    {0xF1, &delta::faults::damaged},
    {0xF2, &delta::faults::needs_more_memory},
    {0xF3, &delta::faults::truncated},
    {0xF4, &compress::faults::damaged},
    {0xF5, &compress::faults::too_large},
    {0xF6, &compress::faults::window_too_large},
    {0xF7, &compress::faults::truncated},
    {0xF8, &seal::faults::not_for_us},
    {0xF9, &seal::faults::wrong_key},
    {0xFA, &seal::faults::damaged},
    {0xFB, &seal::faults::chunk_too_large},
    {0xFC, &seal::faults::truncated},
    {0xFD, &package::faults::cannot_open},
    {0xFE, &package::faults::wrong_image_size},
}};

}  // namespace

uds::Nrc refusal_of(const Error& error) {
    for (const Row& row : table)
        if (error.is(*row.fault)) return static_cast<uds::Nrc>(row.code);
    return uds::Nrc::general_programming_failure;
}

const Fault* fault_of_refusal(uds::Nrc nrc) {
    for (const Row& row : table)
        if (static_cast<uds::Nrc>(row.code) == nrc) return row.fault;
    return nullptr;
}

}  // namespace pitstop::flash
