#include "apps/pitstop/campaign_folder.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "io/files/atomic_file.h"
#include "io/files/descriptor.h"
#include "io/files/faults.h"

#include <format>
#include <fstream>
#include <memory>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_size_bytes = std::size_t{1} << 20;

class FileOutput final : public package::Output {
public:
    FileOutput(int fd, fs::path named) : fd_(fd), named_(std::move(named)) {}
    Result<void> write(View bytes) override { return io::files::write_all(fd_, bytes, named_); }

private:
    int fd_;
    fs::path named_;
};

Result<image::FirmwareImage> read_image(const fs::path& file) {
    std::error_code failure;
    const std::uintmax_t size_bytes = fs::file_size(file, failure);
    if (failure) return fail(io::files::faults::not_there, std::format("{}: {}", file.string(), failure.message()));
    ENSURE(image::check_size(size_bytes));
    TRY(Bytes bytes, io::files::read_file(file, image::size_bytes_max));
    return image::read(file.filename().string(), std::move(bytes));
}

Result<std::vector<package::PackagedImage>> read_images(std::span<const EcuOrder> orders, const Progress& progress) {
    std::vector<package::PackagedImage> images;
    for (const EcuOrder& order : orders) {
        if (progress) progress(std::format("{}: reading {}", order.ecu.str(), order.binary.string()));
        TRY(image::FirmwareImage image, read_image(order.binary));
        TRY(const TargetName target, package::target_name(order.hardware, order.ecu, order.version));
        images.push_back({order.ecu, order.hardware, order.version, order.release_counter, target, order.type,
                          std::move(image), order.constraints});
    }
    return images;
}

Result<package::CampaignMetadata> write_package(const fs::path& file, const BuildOrder& order,
                                                std::span<const package::PackagedImage> images) {
    TRY(const io::files::Descriptor open, io::files::create_new(file, io::files::FileMode::shared));
    FileOutput output(open.get(), file);
    TRY(package::CampaignMetadata metadata, package::write_full_package(order.campaign, order.created, images, output));
    ENSURE(io::files::sync_file(open.get(), file));
    return metadata;
}

Result<package::CampaignMetadata> fill_folder(const fs::path& folder, const BuildOrder& order, SigningPair& keys,
                                              const Progress& progress) {
    TRY(const auto images, read_images(order.ecus, progress));
    if (progress) progress("writing and signing");
    TRY(package::CampaignMetadata metadata, write_package(package_file(folder), order, images));
    const auto signers = keys.signers();
    TRY(const std::string text, package::sign(metadata, signers));
    ENSURE(io::files::write_atomically(metadata_file(folder), view_of(text), io::files::FileMode::shared));
    return metadata;
}

}  // namespace

fs::path metadata_file(const fs::path& campaign_folder) { return campaign_folder / "campaign_metadata.json"; }
fs::path package_file(const fs::path& campaign_folder) { return campaign_folder / "full_package.bin"; }

Result<BuiltCampaign> build_campaign(const BuildOrder& order, SigningPair& keys, const Progress& progress) {
    const fs::path folder = order.output_folder / std::format("Campaign_{}", order.campaign.view());
    std::error_code failure;
    if (fs::exists(folder, failure)) return fail(faults::already_there, folder.string());
    const fs::path unfinished = io::files::temporary_beside(folder);
    ENSURE(make_folder(unfinished));
    auto metadata = fill_folder(unfinished, order, keys, progress);
    if (!metadata) {
        fs::remove_all(unfinished, failure);
        return fail(metadata.error());
    }
    ENSURE(io::files::rename_and_sync(unfinished, folder));
    return BuiltCampaign{folder, *std::move(metadata)};
}

Result<package::CampaignMetadata> verify_campaign(const fs::path& campaign_folder,
                                                  std::span<const crypto::PublicKey> trusted,
                                                  package::RecordSink& sink) {
    TRY(const Bytes text, io::files::read_file(metadata_file(campaign_folder), package::metadata_size_bytes_max));
    TRY(package::CampaignMetadata metadata, package::from_signed_json(text, trusted));
    package::FullPackageCheck check(metadata, sink);
    ENSURE(read_in_pieces(package_file(campaign_folder), [&](View piece) { return check.push(piece); }));
    ENSURE(check.finish());
    return metadata;
}

Result<void> read_in_pieces(const fs::path& file, const std::function<Result<void>(View)>& take) {
    std::error_code failure;
    if (!fs::exists(file, failure)) return fail(io::files::faults::not_there, file.string());
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail(io::files::faults::unreadable, file.string());
    const auto piece = std::make_unique_for_overwrite<std::uint8_t[]>(piece_size_bytes);
    while (stream) {
        stream.read(reinterpret_cast<char*>(piece.get()), piece_size_bytes);
        if (stream.bad()) return fail(io::files::faults::unreadable, file.string());
        ENSURE(take(View(piece.get(), static_cast<std::size_t>(stream.gcount()))));
    }
    return {};
}

}  // namespace pitstop::cli
