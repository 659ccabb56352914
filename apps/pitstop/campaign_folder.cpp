#include "apps/pitstop/campaign_folder.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/package_files.h"
#include "apps/pitstop/unfinished_folder.h"
#include "core/crypto/repeatable_signer.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"
#include "io/keys/seal_key.h"
#include "io/runtime/for_each.h"

#include <algorithm>
#include <cctype>
#include <format>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t extension_size_max = 10;

Result<image::FirmwareImage> read_image(const EcuOrder& order) {
    std::error_code failure;
    const std::uintmax_t size_bytes = fs::file_size(order.binary, failure);
    if (!failure) ENSURE(image::check_size(size_bytes));  // otherwise reading says what it is
    TRY(Bytes bytes, io::files::read_file(order.binary, image::size_bytes_max));
    auto image = image::read(order.binary.filename().string(), std::move(bytes), order.layout);
    // Which of many files it was is as important as what is wrong with it.
    if (!image)
        return fail(Error(image.error().fault(),
                          std::format("{}: {}", order.binary.filename().string(), image.error().sentence())));
    return image;
}

Result<std::vector<seal::Recipient>> recipients_of(const EcuOrder& order) {
    std::vector<seal::Recipient> recipients;
    for (const SealTo& one : order.seal_to) {
        TRY(auto key, io::keys::load_public_seal_key(one.key));
        recipients.push_back({one.ecu, std::move(key)});
    }
    return recipients;
}

Result<package::PackagedImage> package_image(const EcuOrder& order, const BuildOrder& campaign) {
    TRY(image::FirmwareImage image, read_image(order));
    TRY(const TargetName target, package::target_name(order.hardware, order.ecu, order.version));
    TRY(package::Packed packed, package::pack(image.bytes, {order.opens, campaign.compressing}));
    if (!order.seal_to.empty()) {
        TRY(const auto recipients, recipients_of(order));
        TRY(packed, package::seal_packed(packed, image.bytes, {campaign.campaign, *order.ecu.ecu()}, recipients,
                                         io::for_each_on(io::cores())));
    }
    return package::PackagedImage{
        order.ecu,  order.hardware,   order.version,     order.release_counter, target,
        order.type, std::move(image), order.constraints, packed.form,           std::move(packed.payload)};
}

// A name of ours with the ending that the file had, so that it opens with what its reader has.
std::string paper_name(std::string_view name, const fs::path& source) {
    const std::string extension = source.extension().string();
    const bool is_simple = extension.size() > 1 && extension.size() <= extension_size_max &&
                           std::ranges::all_of(extension.substr(1), [](unsigned char c) { return std::isalnum(c); });
    return std::format("{}{}", name, is_simple ? extension : "");
}

struct PaperOrder {
    package::PaperKind kind;
    std::optional<package::Addressee> about;
    fs::path source;
};

std::vector<PaperOrder> papers_in(const BuildOrder& order) {
    std::vector<PaperOrder> papers;
    if (!order.release_notes.empty()) papers.push_back({package::PaperKind::release_notes, {}, order.release_notes});
    if (!order.sbom.empty()) papers.push_back({package::PaperKind::sbom, {}, order.sbom});
    for (const EcuOrder& ecu : order.ecus)
        if (!ecu.sbom.empty()) papers.push_back({package::PaperKind::sbom, ecu.ecu, ecu.sbom});
    return papers;
}

Result<package::Paper> copy_paper(const fs::path& folder, const PaperOrder& order) {
    TRY(const Bytes bytes, io::files::read_file(order.source, package::paper_size_bytes_max));
    const std::string about = order.about ? order.about->str() + "-" : "";
    const std::string name = paper_name(about + std::string(to_string(order.kind)), order.source);
    ENSURE(io::files::write_atomically(folder / name, bytes, io::files::FileMode::shared));
    return package::Paper{order.kind, order.about, name, bytes.size(), crypto::sha256(bytes)};
}

Result<BuiltCampaign> fill_folder(const fs::path& folder, const BuildOrder& order, const SigningPair& keys,
                                  const Progress& progress) {
    std::vector<Source> sources;
    TRY(PackageFiles files, PackageFiles::create(folder));
    package::FullPackageWriter writer(order.campaign, order.created, files);
    for (std::size_t i = 0; i < order.ecus.size(); ++i) {
        const EcuOrder& ecu = order.ecus[i];
        if (progress) progress(i, order.ecus.size(), ecu.ecu.str());
        TRY(const package::PackagedImage image, package_image(ecu, order));
        ENSURE(files.begin_record(ecu.ecu, order.zones.zone_of(ecu.ecu)));
        ENSURE(writer.add(image));
        sources.push_back({ecu.ecu, image.image.name, image.image.kind, image.image.layout});
    }
    if (progress) progress(order.ecus.size(), order.ecus.size(), "signing");
    TRY(package::CampaignMetadata metadata, writer.finish());
    TRY(metadata.parts, files.finish());
    for (const PaperOrder& paper : papers_in(order)) {
        TRY(package::Paper copied, copy_paper(folder, paper));
        metadata.papers.push_back(std::move(copied));
    }
    crypto::RepeatableSigner classical(keys.classical.key()), post_quantum(keys.post_quantum.key());
    crypto::Signer* const signers[] = {&classical, &post_quantum};
    TRY(const std::string text, package::sign(metadata, signers));
    ENSURE(io::files::write_atomically(metadata_file(folder), view_of(text), io::files::FileMode::shared));
    return BuiltCampaign{folder, std::move(metadata), std::move(sources)};
}

}  // namespace

fs::path metadata_file(const fs::path& campaign_folder) { return campaign_folder / package::metadata_file_name; }
fs::path package_file(const fs::path& campaign_folder) { return campaign_folder / package::package_file_name; }
fs::path part_file(const fs::path& campaign_folder, const package::Part& part) {
    return campaign_folder / part.name() / (part.name() + ".bin");
}

Result<BuiltCampaign> build_campaign(const BuildOrder& order, const SigningPair& keys, const Progress& progress) {
    const fs::path folder = order.output_folder / std::format("Campaign_{}", order.campaign.view());
    std::error_code failure;
    if (fs::exists(folder, failure)) return fail(faults::already_there, folder.string());
    TRY(UnfinishedFolder unfinished, UnfinishedFolder::begin(folder));
    TRY(BuiltCampaign built, fill_folder(unfinished.path(), order, keys, progress));
    ENSURE(unfinished.finish());
    built.folder = folder;
    return built;
}

}  // namespace pitstop::cli
