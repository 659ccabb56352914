#include "apps/server/campaign_desk.h"

#include "apps/server/faults.h"

#include <boost/json/serialize.hpp>
#include <format>

namespace pitstop::server {
namespace {

using io::store::CampaignRow;

constexpr std::size_t body_bytes_max = 1 << 20;       // the router's limit for JSON documents
constexpr std::size_t vins_per_request_max = 10'000;  // 200 KiB of VINs; more go in several requests

Result<campaign::Campaign> campaign_of(const json::Object& wish, const package::CampaignMetadata& metadata) {
    campaign::Campaign made{.id = metadata.campaign, .title = {}, .release_notes = {}, .targets = {}};
    TRY(made.title, json::string(wish, "title"));
    if (json::has(wish, "release_notes")) {
        TRY(made.release_notes, json::string(wish, "release_notes"));
    }
    if (json::has(wish, "priority")) {
        TRY(const auto priority, json::string(wish, "priority"));
        TRY(made.priority, campaign::priority_from(priority));
    }
    for (const auto& record : metadata.records) {
        const auto& ecu = record.ecu.ecu();
        if (!ecu) return fail(faults::gateway_record, record.target.view());
        made.targets.push_back({*ecu, record.hardware, record.target, record.version, record.release_counter,
                                record.sha256, record.image_size_bytes, record.constraints});
    }
    // Once through its own reader: what is stored must be readable.
    return campaign::campaign_from_json(campaign::to_json(made));
}

}  // namespace

Result<CampaignRow> CampaignDesk::create(View body, const Principal& by, UtcTime now) {
    auto created = create_unrecorded(body, now);
    const std::string object = created ? created->id.str() : "";
    return recorded(std::move(created), "POST /api/v1/campaigns", object, by, now);
}

Result<CampaignRow> CampaignDesk::create_unrecorded(View body, UtcTime now) {
    TRY(const auto value, json::parse(body, body_bytes_max));
    TRY(const auto* wish, json::as_object(value, "campaign"));
    TRY(const auto* metadata_object, json::object(*wish, "campaign_metadata"));
    CampaignRow row{.id = *CampaignId::parse("none"), .created = now};
    row.package_metadata = boost::json::serialize(*metadata_object);
    TRY(const auto metadata, package::from_signed_json(view_of(row.package_metadata), package_signers_));
    if (json::has(*wish, "id")) {
        TRY(const auto id, json::id<CampaignId>(*wish, "id"));
        if (id != metadata.campaign)
            return fail(faults::bad_campaign,
                        std::format("id is {}, its metadata's {}", id.view(), metadata.campaign.view()));
    }
    TRY(const auto made, campaign_of(*wish, metadata));
    row.id = made.id;
    row.campaign = boost::json::serialize(campaign::to_json(made));
    TRY(auto there, store_.campaigns.find(row.id));
    if (there && there->campaign == row.campaign && there->package_metadata == row.package_metadata)
        return *std::move(there);
    if (there) return fail(faults::campaign_exists, row.id.view());
    ENSURE(store_.campaigns.add(row));
    return row;
}

Result<package::CampaignMetadata> CampaignDesk::metadata(const CampaignId& id) {
    TRY(const auto row, store_.campaigns.find(id));
    if (!row) return fail(faults::unknown_campaign, id.view());
    return package::from_json(view_of(row->package_metadata));
}

Result<void> CampaignDesk::attach(const CampaignId& id, const io::store::StoredPackage& package, const Principal& by,
                                  UtcTime now) {
    return recorded(attach_unrecorded(id, package), "POST /api/v1/campaigns/{id}/package", id.view(), by, now);
}

// From now on its images are also bases for deltas of later ones.
Result<void> CampaignDesk::attach_unrecorded(const CampaignId& id, const io::store::StoredPackage& package) {
    TRY(const auto held, metadata(id));
    ENSURE(store_.campaigns.set_package(id, package));
    images_.add(package.digest, held);
    return {};
}

Result<std::vector<Outcome>> CampaignDesk::deploy(const CampaignId& id, View body, const Principal& by, UtcTime now) {
    return recorded(deploy_unrecorded(id, body, now), "POST /api/v1/campaigns/{id}/deploy", id.view(), by, now);
}

Result<std::vector<Outcome>> CampaignDesk::deploy_unrecorded(const CampaignId& id, View body, UtcTime now) {
    TRY(const auto value, json::parse(body, body_bytes_max));
    TRY(const auto* wish, json::as_object(value, "deployment"));
    TRY(const auto* listed, json::array(*wish, "vins"));
    if (listed->empty() || listed->size() > vins_per_request_max)
        return fail(faults::bad_campaign, std::format("vins: 1 to {} of them", vins_per_request_max));
    std::vector<Vin> vins;
    for (const auto& one : *listed) {
        TRY(const auto vin, Vin::parse(one.is_string() ? std::string_view(one.get_string()) : std::string_view()));
        vins.push_back(vin);
    }
    return engine_.deploy(id, vins, now);
}

Result<std::vector<Outcome>> CampaignDesk::cancel(const CampaignId& id, const Principal& by, UtcTime now) {
    return recorded(engine_.cancel(id, now), "POST /api/v1/campaigns/{id}/cancel", id.view(), by, now);
}

}  // namespace pitstop::server
