// The faults of this program.
#pragma once

#include "core/base/result.h"

namespace pitstop::server::faults {

inline constexpr Fault not_authenticated{
    "server.not-authenticated", Remedy::refuse, "Who asks is not known.",
    "Send `Authorization: Bearer <API key>`, or connect with a vehicle's certificate."};
inline constexpr Fault not_allowed{"server.not-allowed", Remedy::refuse, "Who asks may not do this.",
                                   "Use a key whose role allows it; docs/openapi.yaml names the roles of each route."};
inline constexpr Fault unknown_vehicle{
    "server.unknown-vehicle", Remedy::refuse, "There is no vehicle with this VIN.",
    "A vehicle appears when it first connects, or when something is deployed to it."};
inline constexpr Fault unknown_campaign{"server.unknown-campaign", Remedy::refuse, "There is no campaign with this id.",
                                        "GET /api/v1/campaigns lists those that there are."};
inline constexpr Fault unknown_file{
    "server.unknown-file", Remedy::refuse, "There is no such file.",
    "Vehicles take this as the end of a chain of roots; people should compare the name."};
inline constexpr Fault campaign_exists{"server.campaign-exists", Remedy::refuse,
                                       "A campaign with this id was made before, with other content.",
                                       "A campaign never changes: give the new one an id of its own."};
inline constexpr Fault bad_campaign{
    "server.bad-campaign", Remedy::refuse, "A new campaign contradicts its own campaign_metadata.json.",
    "Build the package again, and create the campaign from the metadata that was built."};
inline constexpr Fault gateway_record{
    "server.gateway-record", Remedy::refuse, "A package holds software of the vehicle's master gateway itself.",
    "Campaigns update ECUs; bring the gateway's own software with its installer, and build a package without "
    "--vmg-binary."};
inline constexpr Fault no_package{"server.no-package", Remedy::refuse, "The campaign has no package yet.",
                                  "Upload it: POST /api/v1/campaigns/{id}/package."};
inline constexpr Fault unknown_payload{
    "server.unknown-payload", Remedy::refuse, "No image of this campaign comes in such a payload.",
    "A vehicle takes length and digest from its Director's Targets; fetch them again."};
inline constexpr Fault image_sealed{"server.image-sealed", Remedy::refuse,
                                    "An image lies in its package sealed: this server cannot read it.",
                                    "It goes to its ECUs as it is; build the package unsealed to have deltas made."};
inline constexpr Fault delta_does_not_fit{
    "server.delta-does-not-fit", Remedy::refuse, "A delta that was just made does not give the image back.",
    "Vehicles get the full image. Report this with both images: it is a defect of Pitstop."};
inline constexpr Fault delta_cache_full{"server.delta-cache-full", Remedy::wait,
                                        "There is no room for another delta: all that are kept are being used.",
                                        "Raise delta.cache_mib_max; until then vehicles get the full image."};
inline constexpr Fault not_published{
    "server.not-published", Remedy::refuse,
    "An image of the campaign is not in the Image repository, or is another one there.",
    "Publish the campaign's Targets first: PUT /api/v1/repo/{file}."};
inline constexpr Fault vehicle_busy{"server.vehicle-busy", Remedy::refuse,
                                    "The vehicle is in another campaign that has not ended.",
                                    "Wait for its end, or cancel that campaign."};
inline constexpr Fault unknown_job{"server.unknown-job", Remedy::refuse,
                                   "This vehicle has no diagnostic job with this id.",
                                   "GET /api/v1/vehicles/{vin}/diagnostics lists those that there are."};
inline constexpr Fault job_exists{"server.job-exists", Remedy::refuse,
                                  "A diagnostic job with this id was made before, with other content.",
                                  "A job never changes: give the new one a UUID of its own."};
inline constexpr Fault job_ended{"server.job-ended", Remedy::refuse, "The diagnostic job has ended already.",
                                 "Nothing is left to cancel: look at its results."};
inline constexpr Fault bad_cursor{"server.bad-cursor", Remedy::refuse, "A cursor or limit for a list is malformed.",
                                  "Take next_cursor from the page before; a limit is 1 to 500."};
inline constexpr Fault file_missing{"server.file-missing", Remedy::refuse,
                                    "A metadata file names another that was not handed in.",
                                    "Hand in targets, then snapshot, then timestamp."};
inline constexpr Fault no_director_root{"server.no-director-root", Remedy::stop,
                                        "The Director's Root is not in its folder.",
                                        "Make it with `pitstop repo init`, and check the path in the configuration."};
inline constexpr Fault audit_broken{"server.audit-broken", Remedy::stop,
                                    "The audit log does not continue where it should: it was changed.",
                                    "Keep the file as evidence, find out who changed it, and start a new one."};
inline constexpr Fault audit_unwritable{"server.audit-unwritable", Remedy::stop, "The audit log cannot be written.",
                                        "Check its folder and disk: nothing is decided without a record."};
inline constexpr Fault manifest_outdated{"server.manifest-outdated", Remedy::retry,
                                         "Another manifest of the same vehicle came in between.",
                                         "Send the newest one again; a vehicle sends one after the other."};
inline constexpr Fault too_busy{"server.too-busy", Remedy::retry, "The server has as much to do as it will take.",
                                "Ask again after the time that Retry-After names."};
inline constexpr Fault no_time_server{
    "server.no-time-server", Remedy::wait, "This server attests no time: it has no keys for it.",
    "Put director-time-classical.key and director-time-pq.key beside the other online keys, and start it again."};
inline constexpr Fault wrong_time_keys{
    "server.wrong-time-keys", Remedy::stop,
    "The keys of the time server are not those that the Director's newest Root names: no car would believe it.",
    "Put the keys of the role 'time' beside the other online keys, or publish the Root that names these ones."};

}  // namespace pitstop::server::faults
