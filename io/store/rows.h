// What is stored, one struct a table. Rows are plain: what a campaign or an inventory means is decided in core, which
// writes and reads the JSON texts in here.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <string>

namespace pitstop::io::store {

struct VehicleRow {
    Vin vin;
    std::optional<UtcTime> first_seen = {};  // none: known from a deployment, never heard of
    std::optional<UtcTime> last_seen = {};
    std::string boot_id = {};
    std::uint64_t boot_seq = 0;
    std::string inventory = {};  // JSON, empty before the first report
    std::optional<UtcTime> inventory_at = {};
    std::string channels = {};  // JSON: what TLS negotiated on the vehicle's side, empty before the first wake-up
};

struct StoredPackage {
    Sha256Digest digest{};
    std::uint64_t size_bytes = 0;
};

struct CampaignRow {
    CampaignId id;
    UtcTime created;
    std::string campaign = {};  // JSON of campaign::Campaign
    std::optional<StoredPackage> package = {};
    std::string package_metadata = {};  // campaign_metadata.json as uploaded, byte for byte
};

enum class Activity { open, closed };

struct AssignmentRow {
    Vin vin;
    CampaignId campaign;
    std::string phase = {};
    Activity activity = Activity::open;
    std::string state = {};  // JSON of campaign::Assignment
    UtcTime updated;
};

struct PhaseCount {
    std::string phase;
    std::uint64_t vehicles = 0;
};

struct EventRow {
    std::uint64_t id = 0;  // given by the database, rising
    UtcTime at = {};
    std::string vin = {};
    std::string campaign = {};
    std::string phase = {};
    std::string ecu = {};
    std::optional<std::uint8_t> percent = {};
    std::string code = {};
    std::string detail = {};
};

enum class Repository { image, director };

struct MetadataRow {
    Repository repository = Repository::image;
    std::string vin = {};  // empty for files that are the same for every vehicle
    std::string role = {};
    std::uint64_t version = 0;
    std::string bytes = {};  // signed JSON, byte for byte
};

struct ApiKeyRow {
    Sha256Digest digest{};  // of the key; the key itself is never stored
    std::string role = {};
    std::string name = {};
};

}  // namespace pitstop::io::store
