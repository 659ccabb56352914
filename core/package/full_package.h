// full_package.bin: one SWPG record per ECU, in installation order, and the metadata that goes with it.
//
// write_full_package sends the bytes to an Output while it hashes them. FullPackageCheck is the other direction: it
// reads the file as it arrives, hands every record to the caller's sink, and calls on_end only when the image's SHA-256
// is the one that the metadata names; finish() tells whether the whole file was the one that the metadata names.
//
// Faults: those of reader.h and writer.h; package.duplicate-ecu, no-records, too-many-records, differs-from-metadata.
#pragma once

#include "core/crypto/digest.h"
#include "core/image/image.h"
#include "core/package/campaign_metadata.h"
#include "core/package/reader.h"

#include <span>

namespace pitstop::package {

struct PackagedImage {
    EcuId ecu;
    HardwareId hardware;
    Version version;
    std::uint32_t release_counter = 0;
    TargetName target;
    SoftwareType software_type = SoftwareType::application;
    image::FirmwareImage image;
    Constraints constraints = {};
};

// "<hardware-id>/<ecu>-<version>.img", the same in both repositories. base.bad-name
[[nodiscard]] Result<TargetName> target_name(const HardwareId& hardware, EcuId ecu, const Version& version);

// Port: where the package's bytes go.
class Output {
public:
    virtual ~Output() = default;
    virtual Result<void> write(View bytes) = 0;
};

[[nodiscard]] Result<CampaignMetadata> write_full_package(const CampaignId& campaign, UtcTime created,
                                                          std::span<const PackagedImage> images, Output& output);

class FullPackageCheck final : private RecordSink {
public:
    // Both must outlive this object.
    FullPackageCheck(const CampaignMetadata& metadata, RecordSink& next);
    FullPackageCheck(const FullPackageCheck&) = delete;  // the reader inside points at this object
    FullPackageCheck& operator=(const FullPackageCheck&) = delete;

    [[nodiscard]] Result<void> push(View bytes);
    [[nodiscard]] Result<void> finish();

private:
    Result<void> on_header(const Header& header) override;
    Result<void> on_payload(View piece) override;
    Result<void> on_end() override;

    const CampaignMetadata& metadata_;
    RecordSink& next_;
    Reader reader_;
    crypto::Sha256 whole_, image_;
    const RecordEntry* current_ = nullptr;
};

}  // namespace pitstop::package
