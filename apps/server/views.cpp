#include "apps/server/views.h"

#include "apps/server/faults.h"

#include <charconv>

namespace pitstop::server {
namespace {

constexpr std::size_t stored_bytes_max = 1 << 20;  // what this server wrote itself

json::Value time_or_null(const std::optional<UtcTime>& time) {
    return time ? json::Value(time->str()) : json::Value(nullptr);
}

// JSON that we stored as text; null where there is none yet.
json::Value stored(const std::string& text) {
    auto value = json::parse(view_of(text), stored_bytes_max);
    return value ? *std::move(value) : json::Value(nullptr);
}

}  // namespace

json::Object view_of_vehicle(const io::store::VehicleRow& row) {
    return {{"vin", row.vin.view()},
            {"first_seen", time_or_null(row.first_seen)},
            {"last_seen", time_or_null(row.last_seen)},
            {"boot_id", row.boot_id},
            {"boot_seq", row.boot_seq},
            {"channels", stored(row.channels)},
            {"inventory", stored(row.inventory)},
            {"inventory_at", time_or_null(row.inventory_at)}};
}

json::Object view_of_campaign(const io::store::CampaignRow& row) {
    json::Value campaign = stored(row.campaign);
    json::Object view = campaign.is_object() ? std::move(campaign.get_object()) : json::Object{{"id", row.id.view()}};
    view["created"] = row.created.str();
    view["package"] = nullptr;
    if (row.package)
        view["package"] =
            json::Object{{"sha256", to_hex(row.package->digest)}, {"size_bytes", row.package->size_bytes}};
    return view;
}

json::Object view_of_assignment(const io::store::AssignmentRow& row) {
    json::Value state = stored(row.state);
    json::Object view = state.is_object() ? std::move(state.get_object()) : json::Object{};
    view["vin"] = row.vin.view();
    view["campaign_id"] = row.campaign.view();
    view["phase"] = row.phase;
    view["updated"] = row.updated.str();
    return view;
}

json::Object view_of_event(const io::store::EventRow& row) {
    json::Object view{{"id", row.id}, {"time", row.at.str()}, {"vin", row.vin}, {"phase", row.phase}};
    if (!row.ecu.empty()) view["ecu_id"] = row.ecu;
    if (row.percent) view["percent"] = *row.percent;
    if (!row.code.empty()) view["code"] = row.code;
    if (!row.detail.empty()) view["detail"] = row.detail;
    return view;
}

json::Array view_of_outcomes(std::span<const Outcome> outcomes) {
    json::Array views;
    for (const auto& outcome : outcomes) {
        json::Object view{{"vin", outcome.vin.view()}};
        if (outcome.phase) view["phase"] = campaign::to_string(*outcome.phase);
        if (outcome.refusal) {
            view["code"] = outcome.refusal->code();
            view["detail"] = outcome.refusal->str();
        }
        views.push_back(std::move(view));
    }
    return views;
}

Result<Page> Page::of(const io::http::Request& request) {
    Page page;
    constexpr std::size_t cursor_size_max = 64;  // a VIN, a campaign's id or a number
    if (const auto cursor = request.query("cursor")) {
        if (cursor->size() > cursor_size_max) return fail(faults::bad_cursor, "the cursor is too long");
        page.after = *cursor;
    }
    if (const auto limit = request.query("limit")) {
        const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), page.limit);
        if (error != std::errc() || end != limit->data() + limit->size() || page.limit == 0 || page.limit > limit_max)
            return fail(faults::bad_cursor, "limit is 1 to 500");
    }
    return page;
}

}  // namespace pitstop::server
