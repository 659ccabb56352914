// An ECU's fault memory: diagnostic trouble codes with their status bits, aging and one snapshot each (ISO 14229-1:2020
// annex D.2). ECU profile.
//
// Bring: the codes that this ECU has, an entry for each (lent storage), and a keeper that makes the memory survive. All
// outlive the store. Then, at every power-on: load() what the keeper has kept, begin_cycle(), and report() each test
// as it ends.
//
// The keeper is called only when something changed that must survive; tests that pass again and again write nothing.
// Fault: uds.broken-dtc-memory, those of the keeper.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/uds/services.h"

#include <cstdint>
#include <span>

namespace pitstop::uds {

// Status bits, annex D.2. The warning lamp's (0x80) is not among them: our codes light none.
namespace dtc_status {
inline constexpr std::uint8_t test_failed = 0x01;
inline constexpr std::uint8_t test_failed_this_cycle = 0x02;
inline constexpr std::uint8_t pending = 0x04;
inline constexpr std::uint8_t confirmed = 0x08;
inline constexpr std::uint8_t not_completed_since_clear = 0x10;
inline constexpr std::uint8_t failed_since_clear = 0x20;
inline constexpr std::uint8_t not_completed_this_cycle = 0x40;
inline constexpr std::uint8_t available = 0x7F;
}  // namespace dtc_status

inline constexpr std::uint32_t all_dtcs = 0xFF'FF'FF;  // groupOfDTC, annex D.1
inline constexpr std::size_t dtcs_max = 32;            // codes of one ECU

struct DtcDefinition {
    std::uint32_t code = 0;              // three bytes
    std::uint8_t cycles_to_confirm = 1;  // with a failure each
    std::uint8_t cycles_to_forget = 40;  // with a completed test and no failure each: then it is no longer confirmed
};

// How things were when the test failed first since the last clear.
struct DtcSnapshot {
    UtcTime time;
    Version software;
};

struct DtcEntry {
    std::uint8_t status = dtc_status::not_completed_since_clear | dtc_status::not_completed_this_cycle;
    std::uint8_t failures = 0;       // times that the test changed to failed, up to 255
    std::uint8_t failed_cycles = 0;  // on the way to confirmed
    std::uint8_t aging_cycles = 0;   // on the way to forgotten
    bool has_snapshot = false;
    DtcSnapshot snapshot = {};
};

enum class DtcTest : std::uint8_t { passed, failed };

class DtcKeeper {
public:
    virtual Result<void> keep(View memory) = 0;

protected:
    DtcKeeper() = default;
    DtcKeeper(const DtcKeeper&) = default;
    DtcKeeper& operator=(const DtcKeeper&) = default;
    ~DtcKeeper() = default;
};

class DtcStore {
public:
    // As kept, big endian: "DTC" 01, then for each code whose test ever ended 24 bytes: 0 code u24 · 3 status u8 ·
    // 4 failures u8 · 5 failed cycles u8 · 6 aging cycles u8 · 7 snapshot 0 or 1 · 8 seconds since 1970 u64 ·
    // 16 major minor patch build u16 each.
    static constexpr std::size_t header_bytes = 4, record_bytes = 24;
    static constexpr std::size_t kept_bytes_max = header_bytes + dtcs_max * record_bytes;

    // `entries` has as many as `definitions`, at most dtcs_max.
    DtcStore(std::span<const DtcDefinition> definitions, std::span<DtcEntry> entries, DtcKeeper& keeper)
        : definitions_(definitions),
          entries_(entries.first(definitions.size())),
          keeper_(keeper) {}

    // Codes that this ECU no longer has are dropped. Refused wholly or not at all: then all codes are as after a clear.
    [[nodiscard]] Result<void> load(View kept);

    // Power-on: a new operation cycle.
    [[nodiscard]] Result<void> begin_cycle();
    // A code that is not defined, and updating switched off, change nothing.
    [[nodiscard]] Result<void> report(std::uint32_t code, DtcTest result, const DtcSnapshot& now);
    // All of them, or one. request_out_of_range: no such code. general_programming_failure: it could not be kept.
    [[nodiscard]] Nrc clear(std::uint32_t group);

    void set_updating(DtcSetting setting) { setting_ = setting; }

    [[nodiscard]] std::size_t size() const { return definitions_.size(); }
    [[nodiscard]] std::uint32_t code(std::size_t at) const { return definitions_[at].code; }
    [[nodiscard]] const DtcEntry& entry(std::size_t at) const { return entries_[at]; }
    [[nodiscard]] const DtcEntry* find(std::uint32_t code) const;
    [[nodiscard]] std::size_t count(std::uint8_t status_mask) const;

private:
    [[nodiscard]] Result<void> keep();

    std::span<const DtcDefinition> definitions_;
    std::span<DtcEntry> entries_;
    DtcKeeper& keeper_;
    DtcSetting setting_ = DtcSetting::on;
};

}  // namespace pitstop::uds
