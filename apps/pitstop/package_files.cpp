#include "apps/pitstop/package_files.h"

#include "apps/pitstop/campaign_folder.h"
#include "apps/pitstop/commands.h"
#include "io/files/atomic_file.h"

namespace pitstop::cli {

Result<PackageFiles> PackageFiles::create(const std::filesystem::path& campaign_folder) {
    TRY(auto full, io::files::create_new(package_file(campaign_folder), io::files::FileMode::shared));
    return PackageFiles(campaign_folder, std::move(full));
}

Result<PackageFiles::PartFile*> PackageFiles::part_for(std::uint32_t zone) {
    if (const auto found = parts_.find(zone); found != parts_.end()) return &found->second;
    const package::Part part{.zone = zone};
    const auto path = part_file(folder_, part);
    ENSURE(make_folder(path.parent_path()));
    TRY(auto open, io::files::create_new(path, io::files::FileMode::shared));
    return &parts_.emplace(zone, PartFile{path, std::move(open), {}, part}).first->second;
}

Result<void> PackageFiles::begin_record(const package::Addressee& ecu, std::uint32_t zone) {
    TRY(current_, part_for(zone));
    current_->part.ecus.push_back(ecu);
    return {};
}

Result<void> PackageFiles::write(View bytes) {
    ENSURE(io::files::write_all(full_.get(), bytes, package_file(folder_)));
    ENSURE(io::files::write_all(current_->open.get(), bytes, current_->path));
    current_->hash.update(bytes);
    current_->part.size_bytes += bytes.size();
    return {};
}

Result<std::vector<package::Part>> PackageFiles::finish() {
    ENSURE(io::files::sync_file(full_.get(), package_file(folder_)));
    std::vector<package::Part> parts;
    for (auto& [zone, file] : parts_) {
        ENSURE(io::files::sync_file(file.open.get(), file.path));
        ENSURE(io::files::sync_folder(file.path.parent_path()));
        file.part.sha256 = file.hash.finish();
        parts.push_back(file.part);
    }
    return parts;
}

}  // namespace pitstop::cli
