#include "core/package/full_package.h"

#include "core/package/faults.h"
#include "core/package/writer.h"

#include <algorithm>
#include <format>

namespace pitstop::package {

Result<TargetName> target_name(const HardwareId& hardware, const Addressee& ecu, const Version& version) {
    return TargetName::parse(std::format("{}/{}-{}.img", hardware.view(), ecu.str(), version.str()));
}

Result<void> FullPackageWriter::add(const PackagedImage& what) {
    if (metadata_.records.size() == records_max) return fail(faults::too_many_records, what.ecu.str());
    if (std::ranges::find(metadata_.records, what.ecu, &RecordEntry::ecu) != metadata_.records.end())
        return fail(faults::duplicate_ecu, what.ecu.str());
    const bool is_plain = what.form.is_plain();
    const View payload = is_plain ? what.image.bytes : what.payload;
    TRY(const HeaderBytes header, header_for({.target = what.ecu,
                                              .software_type = what.software_type,
                                              .version = what.version,
                                              .release_counter = what.release_counter,
                                              .created = metadata_.created,
                                              .sequence_number = static_cast<std::uint32_t>(metadata_.records.size()),
                                              .form = what.form,
                                              .image_size_bytes = what.image.bytes.size()},
                                             payload));
    for (const View piece : {View(header), payload}) {
        whole_.update(piece);
        ENSURE(output_.write(piece));
    }
    metadata_.records.push_back({.ecu = what.ecu,
                                 .hardware = what.hardware,
                                 .software_type = what.software_type,
                                 .version = what.version,
                                 .release_counter = what.release_counter,
                                 .form = what.form,
                                 .offset_bytes = metadata_.package_size_bytes,
                                 .stored_size_bytes = header.size() + payload.size(),
                                 .payload_size_bytes = static_cast<std::uint32_t>(payload.size()),
                                 .payload_sha256 = is_plain ? what.image.sha256 : crypto::sha256(payload),
                                 .image_size_bytes = static_cast<std::uint32_t>(what.image.bytes.size()),
                                 .sha256 = what.image.sha256,
                                 .sha512 = what.image.sha512,
                                 .target = what.target,
                                 .constraints = what.constraints});
    metadata_.package_size_bytes += metadata_.records.back().stored_size_bytes;
    return {};
}

Result<CampaignMetadata> FullPackageWriter::finish() {
    if (metadata_.records.empty()) return fail(faults::no_records);
    metadata_.package_sha256 = whole_.finish();
    return std::move(metadata_);
}

Result<CampaignMetadata> write_full_package(const CampaignId& campaign, UtcTime created,
                                            std::span<const PackagedImage> images, Output& output) {
    FullPackageWriter writer(campaign, created, output);
    for (const PackagedImage& what : images) ENSURE(writer.add(what));
    return writer.finish();
}

FullPackageCheck::FullPackageCheck(const CampaignMetadata& metadata, RecordSink& next)
    : metadata_(metadata),
      next_(next),
      reader_(*this, {.records_max = static_cast<std::uint32_t>(std::min(metadata.records.size(), records_max))}) {}

Result<void> FullPackageCheck::push(View bytes) {
    ENSURE(reader_.push(bytes));
    whole_.update(bytes);
    return {};
}

Result<void> FullPackageCheck::finish() {
    ENSURE(reader_.finish());
    if (reader_.position_bytes() != metadata_.package_size_bytes)
        return fail(faults::truncated,
                    std::format("{} of {} bytes", reader_.position_bytes(), metadata_.package_size_bytes));
    if (whole_.finish() != metadata_.package_sha256)
        return fail(faults::differs_from_metadata, "digest of the whole file");
    return {};
}

Result<void> FullPackageCheck::on_header(const Header& header) {
    const RecordEntry& entry = metadata_.records[reader_.records()];
    const auto differs = [&](std::string_view what) {
        return fail(faults::differs_from_metadata,
                    std::format("record {} ({}): {}", reader_.records(), entry.ecu.str(), what));
    };
    // A part of it keeps the numbers of the whole; the whole has them all.
    if (header.sequence_number != reader_.records())
        return fail(faults::wrong_order,
                    std::format("record {} has the number {}", reader_.records(), header.sequence_number));
    if (header.target != entry.ecu) return differs(std::format("it is for {}", header.target.str()));
    if (header.software_type != entry.software_type) return differs("its software type");
    if (header.form != entry.form) return differs(std::format("its form is {}", header.form.str()));
    if (header.version != entry.version) return differs(std::format("its version is {}", header.version.str()));
    if (header.release_counter != entry.release_counter) return differs("its release counter");
    if (header_size_bytes + std::uint64_t{header.payload_size_bytes} != entry.stored_size_bytes)
        return differs("its stored size");
    if (header.uncompressed_size_bytes != entry.image_size_bytes) return differs("the size of its image");
    current_ = &entry;
    return next_.on_header(header);
}

Result<void> FullPackageCheck::on_payload(View piece) {
    payload_.update(piece);
    return next_.on_payload(piece);
}

Result<void> FullPackageCheck::on_end() {
    if (payload_.finish() != current_->payload_sha256)
        return fail(faults::differs_from_metadata, std::format("{}: digest of its payload", current_->ecu.str()));
    return next_.on_end();
}

}  // namespace pitstop::package
