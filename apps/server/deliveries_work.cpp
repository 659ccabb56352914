// What waits to be made, what became of it, and how much of it is kept.
#include "apps/server/deliveries.h"
#include "apps/server/faults.h"
#include "io/log/log.h"

#include <algorithm>
#include <format>

namespace pitstop::server {
namespace {

using io::store::DeltaKey;
using io::store::DeltaRow;
using io::store::DeltaState;

constexpr std::size_t queue_max = 1000;  // pairs of images; a fleet has a few versions of each of 100 ECUs
constexpr std::size_t campaign_bytes_max = 1024 * 1024;  // what this server wrote itself

std::string name_of(const DeltaKey& key) { return std::format("{:.12} → {:.12}", to_hex(key.base), to_hex(key.image)); }

DeltaRow row_of(const DeliveryJob& job, const Result<MadeDelivery>& made, UtcTime now) {
    DeltaRow row{.key = job.key, .image_size_bytes = job.image.image_size_bytes, .made = now, .used = now};
    if (!made) {
        row.code = made.error().code();
        row.detail = made.error().sentence();
        return row;
    }
    row.state = made->worth_it ? DeltaState::made : DeltaState::not_worth_it;
    row.payload = made->payload;
    row.size_bytes = made->size_bytes;
    row.made_in_ms = static_cast<std::uint64_t>(made->took.count());
    return row;
}

}  // namespace

bool Deliveries::is_asked_for(const DeltaKey& key) const { return queued_.contains(key) || running_.contains(key); }

// False: it will not be made, at least not now.
bool Deliveries::ask_for(DeliveryJob job) {
    if (is_asked_for(job.key)) return true;
    if (given_up_.contains(job.key) || queue_.size() >= queue_max) return false;
    queued_.insert(job.key);
    queue_.push_back(std::move(job));
    if (on_job_) on_job_();
    return true;
}

std::optional<DeliveryJob> Deliveries::next_job() {
    if (queue_.empty()) return std::nullopt;
    DeliveryJob job = std::move(queue_.front());
    queue_.pop_front();
    queued_.erase(job.key);
    running_.insert(job.key);
    return job;
}

Result<void> Deliveries::finished(const DeliveryJob& job, const Result<MadeDelivery>& made, UtcTime now) {
    running_.erase(job.key);
    count(!made ? "failed" : made->worth_it ? "made" : "not-worth-it");
    if (!made) io::log::problem(made.error(), name_of(job.key));
    if (!job.base) {  // an opened image lies under its own digest and needs no row
        if (!made) given_up_.insert(job.key);
        return {};
    }
    ENSURE(deltas_.put(row_of(job, made, now)));
    if (!made || !made->worth_it) return {};
    io::log::info("delta {}: {} bytes instead of {}, in {} ms", name_of(job.key), made->size_bytes,
                  job.image.image_size_bytes, made->took.count());
    return keep_within_cache(job.key);
}

// Images of campaigns that some vehicle has not finished.
Result<std::set<Sha256Digest>> Deliveries::images_on_their_way() {
    TRY(const auto rows, store_.assignments.all_open());
    std::set<CampaignId> campaigns;
    for (const auto& row : rows) campaigns.insert(row.campaign);
    std::set<Sha256Digest> images;
    for (const CampaignId& id : campaigns) {
        TRY(const auto row, store_.campaigns.find(id));
        if (!row) continue;
        TRY(const auto value, json::parse(view_of(row->campaign), campaign_bytes_max));
        TRY(const auto* object, json::as_object(value, "campaign"));
        TRY(const auto campaign, campaign::campaign_from_json(*object));
        for (const auto& target : campaign.targets) images.insert(target.sha256);
    }
    return images;
}

Result<void> Deliveries::keep_within_cache(const DeltaKey& newest) {
    TRY(const auto rows, deltas_.least_used());
    std::uint64_t total_bytes = 0;
    for (const DeltaRow& row : rows) total_bytes += row.size_bytes;
    if (total_bytes > settings_.cache_bytes_max) {
        TRY(const auto needed, images_on_their_way());
        const auto drop = [&](const DeltaRow& row) -> Result<void> {
            total_bytes -= row.size_bytes;
            ENSURE(payloads_.remove(row.payload));
            return deltas_.forget(row.key);
        };
        for (const DeltaRow& row : rows) {
            if (total_bytes <= settings_.cache_bytes_max) break;
            if (row.key != newest && !needed.contains(row.key.image)) ENSURE(drop(row));
        }
        const auto last = std::ranges::find(rows, newest, &DeltaRow::key);
        if (total_bytes > settings_.cache_bytes_max && last != rows.end()) {
            io::log::problem(Error(faults::delta_cache_full, std::format("{} bytes are needed", total_bytes)),
                             name_of(newest));
            given_up_.insert(newest);
            ENSURE(drop(*last));
        }
    }
    if (registry_)
        registry_->gauge("pitstop_delta_cache_bytes", "Size of all deltas that are kept.")
            .set(static_cast<std::int64_t>(total_bytes));
    return {};
}

void Deliveries::count(std::string_view outcome) {
    if (registry_)
        registry_
            ->counter("pitstop_deliveries_total", "Deltas and opened images, by what became of them.",
                      {{"outcome", outcome}})
            .add();
}

}  // namespace pitstop::server
