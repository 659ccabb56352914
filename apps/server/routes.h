// The REST interface, a file for each kind of resource (docs/openapi.yaml is its contract).
//
// Handlers run on the HTTP threads; whatever they ask of the engine's side they ask on its loop.
#pragma once

#include "apps/server/access.h"
#include "apps/server/campaign_desk.h"
#include "apps/server/diagnostics.h"
#include "apps/server/manifests.h"
#include "apps/server/time_server.h"
#include "io/blobs/blob_folder.h"
#include "io/runtime/loop.h"
#include "io/runtime/pool.h"

#include <atomic>

namespace pitstop::server {

[[nodiscard]] Result<void> add_vehicle_routes(Doors& doors, io::Loop& loop, io::store::Database& database);
[[nodiscard]] Result<void> add_campaign_routes(Doors& doors, io::Loop& loop, io::store::Database& database,
                                               CampaignDesk& desk, Deliveries& deliveries);
[[nodiscard]] Result<void> add_package_routes(Doors& doors, io::Loop& loop, io::store::Database& database,
                                              CampaignDesk& desk, const io::blobs::BlobFolder& blobs,
                                              Deliveries& deliveries);
[[nodiscard]] Result<void> add_repository_routes(Doors& doors, io::Loop& loop, ImageRepository& images,
                                                 Director& director, CampaignDesk& desk);
[[nodiscard]] Result<void> add_manifest_routes(Doors& doors, io::Loop& loop, io::Pool& pool, ManifestDesk& manifests);
[[nodiscard]] Result<void> add_diagnostic_routes(Doors& doors, io::Loop& loop, DiagnosticDesk& desk);
[[nodiscard]] Result<void> add_time_route(Doors& doors, io::Loop& loop, TimeServer& time);
// For everybody, without a key: whether the server is well.
[[nodiscard]] Result<void> add_health_route(io::http::Router& router, const std::atomic<bool>& broker_connected);

}  // namespace pitstop::server
