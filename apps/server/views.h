// Stored rows as the JSON that the REST interface shows (docs/openapi.yaml).
#pragma once

#include "apps/server/engine.h"
#include "core/base/json.h"
#include "io/http/message.h"
#include "io/store/rows.h"

#include <span>

namespace pitstop::server {

[[nodiscard]] json::Object view_of_vehicle(const io::store::VehicleRow& row);
[[nodiscard]] json::Object view_of_campaign(const io::store::CampaignRow& row);
[[nodiscard]] json::Object view_of_assignment(const io::store::AssignmentRow& row);
[[nodiscard]] json::Object view_of_event(const io::store::EventRow& row);
[[nodiscard]] json::Array view_of_outcomes(std::span<const Outcome> outcomes);

// ?cursor=…&limit=…: the rows after the one that the cursor names. server.bad-cursor
struct Page {
    static constexpr std::size_t limit_max = 500;
    std::string after;
    std::size_t limit = 100;
    static Result<Page> of(const io::http::Request& request);
};

}  // namespace pitstop::server
