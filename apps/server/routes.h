// The REST interface, a file for each kind of resource (docs/openapi.yaml is its contract).
//
// Handlers run on the HTTP threads; whatever they ask of the engine's side they ask on its loop.
#pragma once

#include "apps/server/access.h"
#include "apps/server/campaign_desk.h"
#include "io/blobs/blob_folder.h"
#include "io/runtime/loop.h"

#include <atomic>

namespace pitstop::server {

[[nodiscard]] Result<void> add_vehicle_routes(Doors& doors, io::Loop& loop, io::store::Database& database);
[[nodiscard]] Result<void> add_campaign_routes(Doors& doors, io::Loop& loop, io::store::Database& database,
                                               CampaignDesk& desk);
[[nodiscard]] Result<void> add_package_routes(Doors& doors, io::Loop& loop, io::store::Database& database,
                                              CampaignDesk& desk, const io::blobs::BlobFolder& blobs);
[[nodiscard]] Result<void> add_repository_routes(Doors& doors, io::Loop& loop, ImageRepository& images,
                                                 Director& director, CampaignDesk& desk);
// For everybody, without a key: whether the server is well.
[[nodiscard]] Result<void> add_health_route(io::http::Router& router, const std::atomic<bool>& broker_connected);

}  // namespace pitstop::server
