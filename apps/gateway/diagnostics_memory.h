// What the gateway keeps of diagnostic jobs across restarts: the ledger, and the reports that the server has not
// acknowledged yet, one file each, so that an answer of many ECUs is written once.
//
// Everything is on the disk before the function returns. Beyond reports_max the oldest report gives way: results can be
// asked again, a full disk cannot. Faults: files.*, base.*, diagnosis.bad-job; gateway.cannot-store.
#pragma once

#include "core/diagnosis/ledger.h"
#include "core/update/state.h"

#include <deque>
#include <filesystem>

namespace pitstop::gateway {

class DiagnosticMemory {
public:
    static constexpr std::size_t reports_max = 512;

    static Result<DiagnosticMemory> open(std::filesystem::path folder, Vin vin);

    [[nodiscard]] const diagnosis::Ledger& ledger() const { return ledger_; }
    [[nodiscard]] Result<void> keep(diagnosis::Ledger next);

    // The message to send; it stays until it is acknowledged.
    [[nodiscard]] Result<update::Outgoing> put(const diagnosis::Report& report, UtcTime now);
    void acknowledge(const wire::MessageId& id);
    // Those whose last sending was before `before`, oldest first; they count as sent now.
    [[nodiscard]] std::vector<update::Outgoing> take_unsent_since(UtcTime before, UtcTime now);

private:
    struct Unsent {
        std::uint64_t number = 0;  // of its file
        update::Outgoing message;
    };

    DiagnosticMemory(std::filesystem::path folder, Vin vin) : folder_(std::move(folder)), vin_(vin) {}
    [[nodiscard]] Result<void> load();
    [[nodiscard]] std::filesystem::path file_of(std::uint64_t number) const;
    void forget(std::uint64_t number) const;

    std::filesystem::path folder_;
    Vin vin_;
    diagnosis::Ledger ledger_;
    std::deque<Unsent> unsent_;
    std::uint64_t next_number_ = 1;
};

}  // namespace pitstop::gateway
