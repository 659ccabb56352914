// What many ECUs said in one go, to the byte: the answer to the routines F002 (vehicle configuration information) and
// F004 (readiness). docs/formats/vci.md
//
// An ECU that should have answered and did not stands in it as well, with the fault's code: missing is not forgotten.
// The whole travels in parts, asked for by offset, because it is longer than a message on most links.
// Fault: vehicle.bad-collection.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pitstop::vehicle {

// One ECU's place in a collection: what it said, or why it said nothing.
struct Entry {
    struct Missing {
        std::string code, detail;
        bool operator==(const Missing&) const = default;
    };
    EcuId ecu;
    Bytes said = {};
    std::optional<Missing> missing = {};

    bool operator==(const Entry&) const = default;
};

inline constexpr std::size_t said_size_bytes_max = 0xFFFF;  // of one ECU
inline constexpr std::size_t collection_size_bytes_max = std::size_t{2} << 20;

[[nodiscard]] Bytes to_bytes(std::span<const Entry> collection);  // what is too long in `said` becomes missing
[[nodiscard]] Result<std::vector<Entry>> collection_from(View bytes);

// Of F002: the identifiers that an ECU knows, each with its data as 0x22 gives it.
using Identifiers = std::vector<std::pair<std::uint16_t, Bytes>>;
[[nodiscard]] Bytes to_bytes(const Identifiers& identifiers);
[[nodiscard]] Result<Identifiers> identifiers_from(View said);

// Of F004: what routine 0203 answers (core/flash/routine_status.h), and how many trouble codes are confirmed.
struct EcuReadiness {
    std::uint8_t preconditions = 0;
    std::optional<std::uint16_t> confirmed_dtcs = {};  // nothing: the ECU has no fault memory

    bool operator==(const EcuReadiness&) const = default;
};
[[nodiscard]] Bytes to_bytes(const EcuReadiness& readiness);
[[nodiscard]] Result<EcuReadiness> readiness_from(View said);

// One part, as it stands behind the routine identifier in an answer to F002 or F004:
//   status u8 · size of the whole u32 · bytes from the offset that was asked for
enum class PartStatus : std::uint8_t { there = 0, collecting = 1, never_begun = 2 };
struct Part {
    PartStatus status = PartStatus::never_begun;
    std::uint32_t total_bytes = 0;
    View bytes;
};
inline constexpr std::size_t part_head_bytes = 5;
// `whole`: nothing while it is being collected.
[[nodiscard]] Bytes part_of(PartStatus status, View whole, std::uint32_t offset, std::size_t size_bytes_max);
[[nodiscard]] Result<Part> part_from(View answer);

}  // namespace pitstop::vehicle
