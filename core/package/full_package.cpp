#include "core/package/full_package.h"

#include "core/package/faults.h"
#include "core/package/writer.h"

#include <algorithm>
#include <format>

namespace pitstop::package {

Result<TargetName> target_name(const HardwareId& hardware, EcuId ecu, const Version& version) {
    return TargetName::parse(std::format("{}/{}-{}.img", hardware.view(), ecu.str(), version.str()));
}

Result<CampaignMetadata> write_full_package(const CampaignId& campaign, UtcTime created,
                                            std::span<const PackagedImage> images, Output& output) {
    if (images.empty()) return fail(faults::no_records);
    if (images.size() > records_max) return fail(faults::too_many_records, std::format("{} images", images.size()));
    CampaignMetadata metadata{campaign, created, {}, 0, {}};
    crypto::Sha256 whole;
    for (const PackagedImage& what : images) {
        if (std::ranges::find(metadata.records, what.ecu, &RecordEntry::ecu) != metadata.records.end())
            return fail(faults::duplicate_ecu, what.ecu.str());
        const View payload = what.image.bytes;
        TRY(const HeaderBytes header,
            header_for({.ecu = what.ecu,
                        .software_type = what.software_type,
                        .version = what.version,
                        .release_counter = what.release_counter,
                        .created = created,
                        .sequence_number = static_cast<std::uint32_t>(metadata.records.size())},
                       payload));
        for (const View piece : {View(header), payload}) {
            whole.update(piece);
            ENSURE(output.write(piece));
        }
        const std::uint64_t stored_size = header.size() + payload.size();
        metadata.records.push_back(
            {what.ecu, what.hardware, what.version, what.release_counter, metadata.package_size_bytes, stored_size,
             static_cast<std::uint32_t>(payload.size()), what.image.sha256, what.target, what.constraints});
        metadata.package_size_bytes += stored_size;
    }
    metadata.package_sha256 = whole.finish();
    return metadata;
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
    if (header.target_ecu != entry.ecu) return differs(std::format("it is for {}", header.target_ecu.str()));
    if (header.version != entry.version) return differs(std::format("its version is {}", header.version.str()));
    if (header.release_counter != entry.release_counter) return differs("its release counter");
    if (header_size_bytes + std::uint64_t{header.payload_size_bytes} != entry.stored_size_bytes)
        return differs("its stored size");
    if (header.uncompressed_size_bytes != entry.payload_size_bytes) return differs("the size of its image");
    current_ = &entry;
    return next_.on_header(header);
}

Result<void> FullPackageCheck::on_payload(View piece) {
    image_.update(piece);
    return next_.on_payload(piece);
}

Result<void> FullPackageCheck::on_end() {
    if (image_.finish() != current_->sha256)
        return fail(faults::differs_from_metadata, std::format("{}: digest of its image", current_->ecu.str()));
    return next_.on_end();
}

}  // namespace pitstop::package
