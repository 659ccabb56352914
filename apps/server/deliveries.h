// In which form each ECU gets its image, and what has to be made for that: deltas from what runs to what shall run,
// and plain images out of compressed records.
//
// The smallest form that the ECU says it can open: a delta where it saves more than a stated share of what would be
// fetched without it, else a compressed record of a package, else the image itself. What the desk sealed travels
// sealed, as it is in its package: nothing is made of what cannot be read here. A delta is made once for each pair of
// images (and window), kept under its digest, and found again after a restart. One that is not worth it or could not be
// made is remembered, and not tried again. An ECU that refused a delivery gets this image plain.
//
// Runs on the engine's thread and makes nothing itself: whoever makes asks next_job() and tells finished().
// Faults: store.*, blobs.*
#pragma once

#include "apps/server/stored_images.h"
#include "core/campaign/campaign.h"
#include "core/uptane/delivery.h"
#include "core/vehicle/inventory.h"
#include "io/metrics/metrics.h"
#include "io/store/deltas.h"

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <set>

namespace pitstop::server {

struct DeltaSettings {
    double saves_at_least = 0.3;                               // of what would be fetched without the delta
    std::chrono::seconds wait{60};                             // that a vehicle is kept waiting for one being made
    std::uint64_t cache_bytes_max = std::uint64_t{10} << 30;   // of deltas; those unused for longest give way
    std::uint64_t image_bytes_max = std::uint64_t{256} << 20;  // larger ones take too much memory to compare
    std::size_t jobs_at_once = 1;
};

// What is to be made. Holds all that its maker needs.
struct DeliveryJob {
    io::store::DeltaKey key;           // of a plain image only the image
    std::optional<StoredRecord> base;  // none: the image is only opened
    StoredRecord image;
};
struct MadeDelivery {
    bool worth_it = true;  // else its bytes were not kept
    Sha256Digest payload{};
    std::uint64_t size_bytes = 0;
    std::chrono::milliseconds took{0};
};

class Deliveries {
public:
    Deliveries(io::store::Database& database, const StoredImages& images, const io::blobs::BlobFolder& packages,
               const io::blobs::BlobFolder& payloads, DeltaSettings settings);

    enum class Patience : std::uint8_t { waits, none };
    struct Choice {
        std::optional<uptane::Delivery> delivery = {};  // none: the image itself
        bool being_made = false;                        // ask again when something was finished
    };
    // `report`: what the ECU last said of itself; null where it said nothing. Without patience a delta that is not
    // ready yet is left out; a plain image that no package holds is waited for in any case.
    [[nodiscard]] Result<Choice> choose(const Vin& vin, const campaign::Target& target,
                                        const vehicle::EcuReport* report, Patience patience, UtcTime now);
    [[nodiscard]] Result<void> note_refused(const io::store::RefusedDeliveryRow& row);

    [[nodiscard]] std::optional<DeliveryJob> next_job();
    [[nodiscard]] Result<void> finished(const DeliveryJob& job, const Result<MadeDelivery>& made, UtcTime now);
    void on_job(std::function<void()> hook) { on_job_ = std::move(hook); }

    // Where the bytes of a payload lie that makes one of these images; server.unknown-payload.
    struct Place {
        std::filesystem::path file;
        std::uint64_t offset_bytes = 0, size_bytes = 0;
    };
    [[nodiscard]] Result<Place> place_of(const Sha256Digest& payload, std::span<const campaign::Target> targets);
    // {"deltas": [{"ecu_id", "from", "to", "window_bytes", "state", …}]} and {"made", "being_made", …}.
    [[nodiscard]] Result<json::Array> list(std::span<const campaign::Target> targets);
    [[nodiscard]] Result<json::Object> totals(std::span<const campaign::Target> targets);

    void count_in(io::metrics::Registry& registry) { registry_ = &registry; }
    [[nodiscard]] const DeltaSettings& settings() const { return settings_; }

private:
    [[nodiscard]] Result<Choice> choose_delta(const campaign::Target& target, const vehicle::EcuReport& report,
                                              std::uint64_t otherwise_bytes, UtcTime now);
    [[nodiscard]] Result<Choice> choose_plain(const campaign::Target& target);
    [[nodiscard]] Choice choose_sealed(const campaign::Target& target, const vehicle::EcuReport* report) const;
    [[nodiscard]] Result<const StoredRecord*> smallest_record(const campaign::Target& target, const Openings& opens);
    [[nodiscard]] Result<std::optional<io::store::DeltaRow>> find_made(const io::store::DeltaKey& key);
    [[nodiscard]] bool is_asked_for(const io::store::DeltaKey& key) const;
    bool ask_for(DeliveryJob job);
    [[nodiscard]] Result<void> keep_within_cache(const io::store::DeltaKey& newest);
    [[nodiscard]] Result<std::set<Sha256Digest>> images_on_their_way();
    [[nodiscard]] Result<bool> makes_one_of(const Sha256Digest& payload, std::span<const campaign::Target> targets);
    void count(std::string_view outcome);

    io::store::Store store_;
    io::store::Deltas deltas_;
    const StoredImages& images_;
    const io::blobs::BlobFolder& packages_;
    const io::blobs::BlobFolder& payloads_;
    DeltaSettings settings_;
    io::metrics::Registry* registry_ = nullptr;
    std::function<void()> on_job_;

    std::deque<DeliveryJob> queue_;
    std::set<io::store::DeltaKey> queued_, running_;
    std::set<io::store::DeltaKey> given_up_;  // until the next start: no room in the cache, or could not be opened
    std::map<std::pair<Sha256Digest, std::uint32_t>, bool> fits_;  // payload and window
};

}  // namespace pitstop::server
