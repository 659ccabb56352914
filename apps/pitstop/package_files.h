// Where a full package goes while it is written: into full_package.bin, and each record also into the package of its
// zone. Every file is new and on the disk when finish() has returned. Faults: those of io/files.
#pragma once

#include "apps/pitstop/package_zones.h"
#include "core/crypto/digest.h"
#include "core/package/enclosure.h"
#include "core/package/full_package.h"
#include "io/files/descriptor.h"

#include <filesystem>
#include <map>

namespace pitstop::cli {

class PackageFiles final : public package::Output {
public:
    // The folder is there and empty.
    [[nodiscard]] static Result<PackageFiles> create(const std::filesystem::path& campaign_folder);

    [[nodiscard]] Result<void> begin_record(const package::Addressee& ecu, std::uint32_t zone);
    Result<void> write(View bytes) override;
    [[nodiscard]] Result<std::vector<package::Part>> finish();

private:
    struct PartFile {
        std::filesystem::path path;
        io::files::Descriptor open;
        crypto::Sha256 hash;
        package::Part part;
    };

    PackageFiles(std::filesystem::path folder, io::files::Descriptor full)
        : folder_(std::move(folder)),
          full_(std::move(full)) {}
    [[nodiscard]] Result<PartFile*> part_for(std::uint32_t zone);

    std::filesystem::path folder_;
    io::files::Descriptor full_;
    std::map<std::uint32_t, PartFile> parts_;
    PartFile* current_ = nullptr;
};

}  // namespace pitstop::cli
