// Who may get into ECUs: the diagnostics authority, apart from that of the channels, and the credentials that it gives
// (docs/formats/access.md). Part of the folder that `pki init` makes:
//
//     diagnostics/ca/classical.crt .key  pq.crt .key        what every ECU is given, and what only issuing needs
//     diagnostics/<name>/classical.crt .key  pq.crt .key    a tester; for a vehicle's own ones <name> is VIN-gateway or
//                                                           VIN-ECU_091, bound to that VIN
//
// Always ECDSA P-256 and ML-DSA-65. The authority's classical.crt is written last. Faults: cli.already-there and those
// of io/keys and io/files.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::cli {

struct DiagnosticPki {
    std::filesystem::path folder;           // of the whole PKI
    std::optional<std::string> passphrase;  // seals the authority's keys
};

// A new authority and a credential for each vehicle's gateway, and for each of its zones.
[[nodiscard]] Result<void> make_diagnostics(const DiagnosticPki& pki, const std::vector<Vin>& vins,
                                            const std::vector<EcuId>& zones, UtcTime now);

struct TesterOrder {
    std::string name;
    std::vector<std::string> roles;               // diagnostic, programming, development
    std::vector<std::string> vins, hardware_ids;  // empty: all
    std::chrono::days lifetime{30};
};
// The folder of the new credential. cli.already-there
[[nodiscard]] Result<std::filesystem::path> issue_tester(const DiagnosticPki& pki, const TesterOrder& order,
                                                         UtcTime now);

// The authority, and every vehicle's and tester's credential.
[[nodiscard]] Result<void> remove_diagnostics(const std::filesystem::path& folder);

}  // namespace pitstop::cli
