#include "apps/server/stored_images.h"

#include "apps/server/faults.h"
#include "core/base/collected.h"
#include "core/compress/faults.h"
#include "core/compress/readers.h"
#include "core/crypto/digest.h"
#include "core/package/images_check.h"
#include "io/blobs/faults.h"
#include "io/files/descriptor.h"
#include "io/log/log.h"

#include <algorithm>
#include <optional>

namespace pitstop::server {
namespace {

constexpr std::size_t page_rows = 500;
constexpr std::size_t head_bytes = 18;  // of a zstd frame at most: RFC 8878 §3.1.1.1

Result<Bytes> read_payload(const io::blobs::BlobFolder& packages, const StoredRecord& record, std::size_t size_bytes) {
    TRY(const auto blob, packages.find(record.package));
    if (!blob) return fail(faults::no_package, to_hex(record.package));
    TRY(const auto file, io::files::open_regular(blob->path));
    Bytes bytes(size_bytes);
    ENSURE(io::files::read_at(file.get(), record.offset_bytes, bytes, blob->path));
    return bytes;
}

Result<Bytes> opened(const StoredRecord& record, Bytes payload) {
    if (record.form.is_plain()) return payload;
    if (!package::opens_without_key(record.form)) return fail(faults::image_sealed, to_hex(record.image));
    constexpr std::uint32_t any_window = compress::zstd_window_bytes_max;
    Collected plain;
    plain.bytes.reserve(record.image_size_bytes);
    Bytes workspace(package::workspace_bytes(record.form, any_window));
    crypto::Sha256 hasher;
    package::Opener opener(record.form, {.hasher = hasher}, workspace, {record.image_size_bytes, any_window}, plain);
    ENSURE(opener.push(payload));
    ENSURE(opener.finish());
    return std::move(plain.bytes);
}

}  // namespace

Result<void> StoredImages::load(io::store::Campaigns campaigns) {
    for (std::string after;;) {
        TRY(const auto rows, campaigns.list(after, page_rows));
        for (const auto& row : rows) {
            if (!row.package) continue;
            const auto metadata = package::from_json(view_of(row.package_metadata));
            if (metadata)
                add(row.package->digest, *metadata);
            else
                io::log::warning("campaign {}: its images are no bases for deltas: {}", row.id.view(),
                                 metadata.error().str());
        }
        if (rows.size() < page_rows) return {};
        after = rows.back().id.str();
    }
}

void StoredImages::add(const Sha256Digest& package, const package::CampaignMetadata& metadata) {
    for (const package::RecordEntry& record : metadata.records) {
        if (by_payload_.contains(record.payload_sha256)) continue;  // another package has the same bytes
        const auto added =
            by_image_.emplace(record.sha256, StoredRecord{package, record.offset_bytes + package::header_size_bytes,
                                                          record.payload_size_bytes, record.payload_sha256, record.form,
                                                          record.image_size_bytes, record.sha256});
        by_payload_.emplace(record.payload_sha256, &added->second);
    }
}

std::vector<const StoredRecord*> StoredImages::of_image(const Sha256Digest& image) const {
    std::vector<const StoredRecord*> records;
    const auto [first, last] = by_image_.equal_range(image);
    for (auto at = first; at != last; ++at) records.push_back(&at->second);
    return records;
}

const StoredRecord* StoredImages::readable(const Sha256Digest& image) const {
    for (auto [at, end] = by_image_.equal_range(image); at != end; ++at)
        if (at->second.form.sealing == Sealing::none) return &at->second;
    return nullptr;
}

const StoredRecord* StoredImages::with_payload(const Sha256Digest& payload) const {
    const auto found = by_payload_.find(payload);
    return found == by_payload_.end() ? nullptr : found->second;
}

Result<Bytes> read_image(const io::blobs::BlobFolder& packages, const StoredRecord& record) {
    TRY(Bytes payload, read_payload(packages, record, record.size_bytes));
    TRY(Bytes image, opened(record, std::move(payload)));
    if (crypto::sha256(image) != record.image) return fail(io::blobs::faults::damaged, to_hex(record.package));
    return image;
}

// Asked of the very reader that an ECU has.
Result<bool> fits_window(const io::blobs::BlobFolder& packages, const StoredRecord& record,
                         std::uint32_t window_bytes) {
    if (record.form.compression != Compression::zstd) return true;
    TRY(const Bytes head, read_payload(packages, record, std::min<std::size_t>(head_bytes, record.size_bytes)));
    Collected nothing;
    Bytes workspace(compress::zstd_workspace_bytes(window_bytes));
    compress::ZstdReader reader(
        workspace, {.output_bytes_max = record.image_size_bytes, .window_bytes_max = window_bytes}, nothing);
    const Result<void> judged = reader.push(head);
    return judged.has_value();
}

}  // namespace pitstop::server
