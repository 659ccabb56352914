#include "apps/server/deliveries.h"

#include "core/delta/header.h"
#include "core/delta/make.h"
#include "io/log/log.h"

#include <algorithm>
#include <bit>

namespace pitstop::server {
namespace {

using io::store::DeltaKey;
using io::store::DeltaRow;
using io::store::DeltaState;

// A power of two, as deltas have them.
std::uint32_t window_of(const Openings& opens) {
    return std::bit_floor(std::min(opens.window_bytes, delta::window_bytes_max));
}

constexpr std::chrono::hours use_noted_every{1};  // so that a large fleet costs one write an hour

}  // namespace

Deliveries::Deliveries(io::store::Database& database, const StoredImages& images, const io::blobs::BlobFolder& packages,
                       const io::blobs::BlobFolder& payloads, DeltaSettings settings)
    : store_(database),
      deltas_(database),
      images_(images),
      packages_(packages),
      payloads_(payloads),
      settings_(settings) {}

Result<Deliveries::Choice> Deliveries::choose(const Vin& vin, const campaign::Target& target,
                                              const vehicle::EcuReport* report, Patience patience, UtcTime now) {
    if (images_.is_sealed(target.sha256)) return choose_sealed(target, report);
    if (report == nullptr) return choose_plain(target);
    TRY(const StoredRecord* record, smallest_record(target, report->opens));
    const std::uint64_t otherwise_bytes = record ? record->size_bytes : target.size_bytes;
    TRY(const Choice delta, choose_delta(target, *report, otherwise_bytes, now));
    const bool waits = delta.being_made && patience == Patience::waits;
    if (!delta.delivery && !record && !waits) return choose_plain(target);
    TRY(const bool refused, deltas_.was_refused(vin, target.ecu, target.sha256));
    if (refused) return choose_plain(target);
    if (delta.delivery || waits || !record) return delta;
    return Choice{uptane::Delivery{record->form, record->size_bytes, record->payload}};
}

// Only its ECU can say whether an envelope is for it: what it refuses (seal.not-for-us) has no other form.
Deliveries::Choice Deliveries::choose_sealed(const campaign::Target& target, const vehicle::EcuReport* report) const {
    const StoredRecord* smallest = nullptr;
    for (const StoredRecord* record : images_.of_image(target.sha256)) {
        if (report == nullptr || !report->opens.can_open(record->form)) continue;
        if (!smallest || record->size_bytes < smallest->size_bytes) smallest = record;
    }
    if (!smallest) {
        io::log::warning("{} cannot open the sealed image {}: its vehicle refuses the update", target.ecu.str(),
                         target.name.view());
        return {};
    }
    return {uptane::Delivery{smallest->form, smallest->size_bytes, smallest->payload}};
}

// Compressed, and within what the ECU can open; null where there is none.
Result<const StoredRecord*> Deliveries::smallest_record(const campaign::Target& target, const Openings& opens) {
    const StoredRecord* smallest = nullptr;
    for (const StoredRecord* record : images_.of_image(target.sha256)) {
        const bool usable = !record->form.is_plain() && record->form.encoding == Encoding::full &&
                            record->form.sealing == Sealing::none && opens.can_open(record->form);
        if (!usable || record->size_bytes >= target.size_bytes) continue;
        if (smallest && smallest->size_bytes <= record->size_bytes) continue;
        const std::pair key(record->payload, opens.window_bytes);
        auto fits = fits_.find(key);
        if (fits == fits_.end()) {
            TRY(const bool judged, fits_window(packages_, *record, opens.window_bytes));
            fits = fits_.emplace(key, judged).first;
        }
        if (fits->second) smallest = record;
    }
    return smallest;
}

Result<Deliveries::Choice> Deliveries::choose_delta(const campaign::Target& target, const vehicle::EcuReport& report,
                                                    std::uint64_t otherwise_bytes, UtcTime now) {
    const Choice none;
    if (!report.opens.delta || report.active_image == target.sha256) return none;
    const DeltaKey key{report.active_image, target.sha256, window_of(report.opens), delta::Options{}.sector_bytes};
    TRY(const auto row, find_made(key));
    if (row) {
        const double share = static_cast<double>(row->size_bytes) / static_cast<double>(otherwise_bytes);
        if (row->state != DeltaState::made || share > 1.0 - settings_.saves_at_least) return none;
        if (row->used + use_noted_every < now) ENSURE(deltas_.note_use(key, now));
        return Choice{uptane::Delivery{{.encoding = Encoding::delta}, row->size_bytes, row->payload, key.base}};
    }
    const StoredRecord *base = images_.readable(key.base), *image = images_.readable(key.image);
    if (base == nullptr || image == nullptr) return none;
    if (std::max(base->image_size_bytes, image->image_size_bytes) > settings_.image_bytes_max) return none;
    return Choice{{}, ask_for({key, *base, *image})};
}

Result<std::optional<DeltaRow>> Deliveries::find_made(const DeltaKey& key) {
    TRY(auto row, deltas_.find(key));
    if (!row || row->state != DeltaState::made) return row;
    TRY(const auto blob, payloads_.find(row->payload));
    if (blob) return row;
    io::log::warning("a delta is no longer there, and made again: {}", to_hex(row->payload));
    ENSURE(deltas_.forget(key));
    return std::nullopt;
}

Result<Deliveries::Choice> Deliveries::choose_plain(const campaign::Target& target) {
    const bool in_a_package = std::ranges::any_of(images_.of_image(target.sha256),
                                                  [](const StoredRecord* record) { return record->form.is_plain(); });
    const StoredRecord* record = images_.readable(target.sha256);
    if (in_a_package || record == nullptr) return Choice{};
    TRY(const auto opened, payloads_.find(target.sha256));
    if (opened) return Choice{};
    return Choice{{}, ask_for({{.base = {}, .image = target.sha256}, std::nullopt, *record})};
}

Result<void> Deliveries::note_refused(const io::store::RefusedDeliveryRow& row) {
    count("refused");
    return deltas_.put_refused(row);
}

}  // namespace pitstop::server
