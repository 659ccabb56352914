#include "apps/server/faults.h"
#include "apps/server/routes.h"

#include <boost/json/serialize.hpp>

namespace pitstop::server {
namespace {

namespace http = io::http;
using Answer = boost::asio::awaitable<http::Response>;

constexpr std::size_t upload_piece_bytes = std::size_t{256} * 1024;

// The campaign, if this one may have its package: people may, a vehicle only when it is assigned to it.
Result<io::store::CampaignRow> campaign_for(io::store::Store store, std::string_view name, const Principal& by) {
    TRY(const auto id, CampaignId::parse(name));
    TRY(auto row, store.campaigns.find(id));
    if (by.vin) {
        TRY(const auto assignment, store.assignments.find(*by.vin, id));
        if (!assignment) return fail(faults::not_allowed, "the campaign is not for this vehicle");
    }
    if (!row) return fail(faults::unknown_campaign, id.view());
    return *std::move(row);
}

constexpr std::size_t campaign_bytes_max = 1024 * 1024;  // what this server wrote itself

// The route itself says which bytes, so the same ETag for all of its ranges is their digest.
Result<http::FileRegion> payload_for(io::store::Store store, Deliveries& deliveries, const http::Request& request,
                                     const Principal& by) {
    const auto digest = sha256_from_hex(request.parameter("sha256"));
    if (!digest) return fail(faults::unknown_payload, "it is named by the 64 hex digits of its SHA-256");
    TRY(const auto row, campaign_for(store, request.parameter("id"), by));
    TRY(const auto value, json::parse(view_of(row.campaign), campaign_bytes_max));
    TRY(const auto* object, json::as_object(value, "campaign"));
    TRY(const auto campaign, campaign::campaign_from_json(*object));
    TRY(const auto place, deliveries.place_of(*digest, campaign.targets));
    return http::FileRegion{place.file, place.offset_bytes, place.size_bytes, to_hex(*digest)};
}

io::Task<io::blobs::Blob> receive(http::BodyReader& body, const io::blobs::BlobFolder& blobs,
                                  package::CampaignMetadata announced) {
    CO_TRY(auto writer, blobs.begin(announced.package_size_bytes));
    Bytes piece(upload_piece_bytes);
    for (;;) {
        CO_TRY(const std::size_t got, co_await body.read(piece));
        if (got == 0) break;
        CO_ENSURE(writer.write(View(piece).first(got)));
    }
    co_return writer.finish(announced.package_sha256);
}

io::Task<io::store::StoredPackage> take_package(http::BodyReader& body, io::Loop& loop, CampaignDesk& desk,
                                                const io::blobs::BlobFolder& blobs, CampaignId id) {
    CO_TRY(auto announced, co_await io::on_loop(loop, [&] { return desk.metadata(id); }));
    CO_TRY(const auto blob, co_await receive(body, blobs, std::move(announced)));
    co_return io::store::StoredPackage{blob.digest, blob.size_bytes};
}

}  // namespace

Result<void> add_package_routes(Doors& doors, io::Loop& loop, io::store::Database& database, CampaignDesk& desk,
                                const io::blobs::BlobFolder& blobs, Deliveries& deliveries) {
    const io::store::Store store(database);
    constexpr http::RouteLimits upload_limits{std::uint64_t{64}
                                              << 30};  // the campaign's own size is checked as it comes
    ENSURE(doors.open_upload("POST", "/api/v1/campaigns/{id}/package", upload_limits,
                             [&](http::Request& request, http::BodyReader& body, const Principal& by) -> Answer {
                                 const auto id = CampaignId::parse(request.parameter("id"));
                                 if (!id) co_return refusal(id.error());
                                 const auto taken = co_await take_package(body, loop, desk, blobs, *id);
                                 if (!taken) co_return refusal(taken.error());
                                 const auto attached = co_await io::on_loop(
                                     loop, [&] { return desk.attach(*id, *taken, by, loop.utc_now()); });
                                 if (!attached) co_return refusal(attached.error());
                                 const json::Object view{{"sha256", to_hex(taken->digest)},
                                                         {"size_bytes", taken->size_bytes}};
                                 co_return http::json(201, boost::json::serialize(view));
                             }));
    ENSURE(doors.open("GET", "/packages/{id}/full_package.bin",
                      [&loop, &blobs, store](http::Request& request, const Principal& by) -> Answer {
                          const auto row = co_await io::on_loop(
                              loop, [&] { return campaign_for(store, request.parameter("id"), by); });
                          if (!row) co_return refusal(row.error());
                          if (!row->package) co_return refusal(Error(faults::no_package, row->id.view()));
                          const auto blob = blobs.find(row->package->digest);
                          if (!blob) co_return refusal(blob.error());
                          if (!*blob) co_return refusal(Error(faults::no_package, row->id.view()));
                          co_return http::file({(*blob)->path, 0, std::nullopt, to_hex(row->package->digest)});
                      }));
    ENSURE(doors.open("GET", "/packages/{id}/payloads/{sha256}",
                      [&loop, &deliveries, store](http::Request& request, const Principal& by) -> Answer {
                          auto region =
                              co_await io::on_loop(loop, [&] { return payload_for(store, deliveries, request, by); });
                          if (!region) co_return refusal(region.error());
                          co_return http::file(*std::move(region));
                      }));
    return doors.open("GET", "/packages/{id}/campaign_metadata.json",
                      [&loop, store](http::Request& request, const Principal& by) -> Answer {
                          auto row = co_await io::on_loop(
                              loop, [&] { return campaign_for(store, request.parameter("id"), by); });
                          if (!row) co_return refusal(row.error());
                          co_return http::json(200, std::move(row->package_metadata));
                      });
}

}  // namespace pitstop::server
