// Diagnostic jobs: what somebody wished, what became of it, and what the ECUs answered.
//
// As the tables in store.h: one thread, "not there" is an empty optional, faults store.*. The JSON texts are core's.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "io/store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::io::store {

struct DiagnosticJobRow {
    Vin vin;
    std::string id = {};
    std::uint64_t sequence = 0;  // of its vehicle, rising
    UtcTime created = {}, expires = {};
    std::string author = {};
    std::string state = {};
    std::string wish = {};    // JSON of diagnosis::Wish
    std::string order = {};   // the signed job, as it is sent
    std::string cancel = {};  // the signed cancellation; empty: nobody wished it
    std::string code = {}, detail = {};
    std::string summary = {};  // JSON of diagnosis::Summary; empty before the end
    std::optional<UtcTime> ended = {};
};

class Diagnostics {
public:
    // Of one vehicle; when there are more, the oldest that have ended are forgotten with their results.
    static constexpr std::int64_t jobs_kept_per_vehicle = 200;

    explicit Diagnostics(Database& database) : database_(database) {}

    [[nodiscard]] Result<void> put(const DiagnosticJobRow& row);
    [[nodiscard]] Result<std::optional<DiagnosticJobRow>> find(std::string_view id);
    // The newest first, below this sequence.
    [[nodiscard]] Result<std::vector<DiagnosticJobRow>> of_vehicle(const Vin& vin, std::uint64_t below_sequence,
                                                                   std::size_t limit);
    // Those that the vehicle has not ended, in the order of their sequence.
    [[nodiscard]] Result<std::vector<DiagnosticJobRow>> open_of(const Vin& vin);
    [[nodiscard]] Result<std::vector<Vin>> vehicles_with_open();
    [[nodiscard]] Result<std::uint64_t> last_sequence(const Vin& vin);

    // The JSON of one diagnosis::StepResult. The same step of the same ECU again changes nothing.
    [[nodiscard]] Result<void> add_result(std::string_view id, std::uint32_t step, EcuId ecu,
                                          const std::string& result);
    [[nodiscard]] Result<std::vector<std::string>> results_of(std::string_view id);  // by step, then by ECU

private:
    Database& database_;
};

}  // namespace pitstop::io::store
