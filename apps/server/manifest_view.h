// A judged manifest as the REST interface shows it (docs/openapi.yaml: VehicleManifest).
#pragma once

#include "core/uptane/manifest_judge.h"
#include "core/vehicle/inventory.h"
#include "io/store/manifests.h"

#include <optional>
#include <span>
#include <string>

namespace pitstop::server {

// What is stored of an accepted one: {"counter", "time", "ecus": […]}. An ECU's signed report is held beside what the
// inventory, which nobody signs, says of it.
[[nodiscard]] json::Object content_of(const uptane::JudgedManifest& judged,
                                      const std::optional<vehicle::Inventory>& inventory);

[[nodiscard]] json::Object view_of_keys(const Vin& vin, const std::optional<io::store::VehicleKeysRow>& row);
[[nodiscard]] json::Object view_of_manifest(const Vin& vin, const std::optional<io::store::ManifestRow>& row,
                                            std::span<const io::store::AttackRow> attacks);

// "ECU_011 uptane.rolled-back x3, gateway uptane.wrong-hash x1": one line for a log, however many there are.
[[nodiscard]] std::string line_of(std::span<const uptane::AttackReport> attacks);
// "ECU_011 uptane.foreign-key, …"; empty: every report was believed.
[[nodiscard]] std::string line_of_refused(std::span<const uptane::JudgedEcu> ecus);
// The same of the manifest before.
[[nodiscard]] std::string line_of_refused(const io::store::ManifestRow& row);

}  // namespace pitstop::server
