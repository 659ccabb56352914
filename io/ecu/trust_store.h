// Port: what an ECU trusts, in the way that it verifies, and where that survives a power cut.
//
// PartialStore (partial_store.h) keeps it in flash, FullStore (full_store.h) in a file. Both are opened after slots
// have booted and before the factory's work: an ECU that is not new and has lost its trust must not get the factory's
// again, for old metadata could be played then. uptane.broken-state
#pragma once

#include "core/base/time.h"
#include "core/flash/metadata_intake.h"
#include "io/ecu/report_memory.h"

#include <optional>

namespace pitstop::ecu {

enum class Age : std::uint8_t { factory_new, in_use };

class TrustStore {
public:
    virtual ~TrustStore() = default;

    virtual void begin(const uptane::Nonce& nonce) = 0;
    [[nodiscard]] virtual flash::TrustStanding standing() const = 0;  // without the nonce
    // Saved before it comes back. `release_counter`: of what is installed and committed.
    [[nodiscard]] virtual Result<std::optional<flash::ImageRecord>> judge(View bundle,
                                                                          std::uint32_t release_counter) = 0;
    [[nodiscard]] virtual UtcTime attested() const = 0;

    [[nodiscard]] virtual const ReportMemory& memory() const = 0;
    [[nodiscard]] virtual Result<void> remember(const ReportMemory& memory) = 0;
};

}  // namespace pitstop::ecu
