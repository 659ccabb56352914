// pitstop diag routine, pitstop diag dtc: work on one ECU.
#pragma once

#include "apps/pitstop/commands.h"
#include "core/base/bytes.h"

#include <string>

namespace pitstop::cli {

void add_diag_work(CLI::App& diag, Run& run);

struct RoutineOptions {
    std::string start = {}, stop = {}, results = {};  // one of them: "F003"
    std::string option = {};                          // hex
};
// The request 31. cli.bad-routine
[[nodiscard]] Result<Bytes> routine_request(const RoutineOptions& options);
// Whether the routine did what was asked, by what follows its identifier in the answer: flash.* and uptane.* as the ECU
// found them (core/flash/routine_status.h); of a routine without a status nothing.
[[nodiscard]] Result<void> routine_result(std::uint16_t rid, View said);

}  // namespace pitstop::cli
