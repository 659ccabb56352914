// full_package.bin: one SWPG record per ECU, in installation order, and the metadata that goes with it.
//
// FullPackageWriter sends one record after the other to an Output while it hashes them, so that one image at a time
// need be in memory. FullPackageCheck is the other direction: it reads the file as it arrives, hands every record to
// the caller's sink, and calls on_end only when the payload's SHA-256 is the one that the metadata names, and the
// image's, where it travels plain; finish() tells whether the whole file was the one that the metadata names.
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
    Addressee ecu;
    HardwareId hardware;
    Version version;
    std::uint32_t release_counter = 0;
    TargetName target;
    SoftwareType software_type = SoftwareType::application;
    image::FirmwareImage image;
    Constraints constraints = {};
    Form form = {};
    Bytes payload = {};  // what is stored, where the form is not plain
};

// "<hardware-id>/<ecu>-<version>.img", the same in both repositories. base.bad-name
[[nodiscard]] Result<TargetName> target_name(const HardwareId& hardware, const Addressee& ecu, const Version& version);

// Port: where the package's bytes go.
class Output {
public:
    virtual ~Output() = default;
    virtual Result<void> write(View bytes) = 0;
};

class FullPackageWriter {
public:
    FullPackageWriter(const CampaignId& campaign, UtcTime created, Output& output)
        : metadata_{campaign, created, {}, 0, {}},
          output_(output) {}

    [[nodiscard]] Result<void> add(const PackagedImage& what);
    [[nodiscard]] Result<CampaignMetadata> finish();

private:
    CampaignMetadata metadata_;
    Output& output_;
    crypto::Sha256 whole_;
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
    crypto::Sha256 whole_, payload_;
    const RecordEntry* current_ = nullptr;
};

}  // namespace pitstop::package
