// What vehicles report of themselves: by which keys they are known, their last manifest, the attacks they refused.
//
// Runs on the engine's thread; a manifest is judged elsewhere (judgement.h), many at once. Those that were judged
// meanwhile are kept in one transaction. What is refused, and every attack that a vehicle reports, stands in the log
// and the audit log before the answer is sent; the same refusal of the same vehicle is written down once an hour.
// Faults: server.unknown-vehicle, manifest-outdated; those of core/uptane/manifest_judge.h, io/store, audit_log.h.
#pragma once

#include "apps/server/audit_log.h"
#include "apps/server/judgement.h"
#include "apps/server/principal.h"
#include "io/metrics/metrics.h"
#include "io/runtime/loop.h"
#include "io/store/manifests.h"
#include "io/store/store.h"

#include <memory>
#include <vector>

namespace pitstop::server {

class ManifestDesk {
public:
    ManifestDesk(io::Loop& loop, io::store::Database& database, AuditLog& audit, io::metrics::Registry& registry);
    ~ManifestDesk();

    [[nodiscard]] Result<json::Object> register_keys(const Vin& vin, View body, const Principal& by, UtcTime now);
    [[nodiscard]] Result<json::Object> show_keys(const Vin& vin);
    [[nodiscard]] Result<json::Object> show_manifest(const Vin& vin);

    [[nodiscard]] Result<StoredVehicle> stored(const Vin& vin);
    // What was judged, once it is stored. server.manifest-outdated: another one of this vehicle came in between.
    [[nodiscard]] io::Task<uptane::JudgedManifest> keep(Judgement judgement);

private:
    struct Waiting;
    [[nodiscard]] Result<void> put_keys(const io::store::VehicleKeysRow& row, const uptane::RegisteredKeys& keys);
    void keep_all();
    [[nodiscard]] Result<void> keep_one(const Judgement& one, UtcTime now);
    [[nodiscard]] Result<void> keep_accepted(const Judgement& one, io::store::ManifestRow row, UtcTime now);
    [[nodiscard]] Result<void> keep_refused(const Error& error, io::store::ManifestRow row, UtcTime now);
    [[nodiscard]] Result<void> note(const Vin& vin, std::string_view action, std::string_view outcome, UtcTime now);
    [[nodiscard]] Result<void> require_vehicle(const Vin& vin);

    io::Loop& loop_;
    io::store::Database& database_;
    io::store::Store store_;
    io::store::Manifests manifests_;
    AuditLog& audit_;
    io::metrics::Registry& registry_;
    std::vector<std::shared_ptr<Waiting>> waiting_;
};

}  // namespace pitstop::server
