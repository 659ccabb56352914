#include "apps/pitstop/campaign_check.h"

#include "apps/pitstop/faults.h"
#include "core/package/faults.h"
#include "io/files/atomic_file.h"
#include "io/files/descriptor.h"
#include "io/files/faults.h"

#include <algorithm>
#include <cstring>
#include <format>
#include <memory>
#include <set>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_size_bytes = std::size_t{1} << 20;

// Compares the zones' packages with the full one while that passes by: each record of it is the next of one part.
class PartsCheck {
public:
    [[nodiscard]] static Result<PartsCheck> open(const fs::path& folder, const package::CampaignMetadata& metadata) {
        PartsCheck check(metadata);
        for (const package::Part& part : metadata.parts) {
            const fs::path path = part_file(folder, part);
            TRY(auto open, io::files::open_regular(path));
            check.files_.push_back({&part, path, std::move(open), {}});
        }
        return check;
    }

    [[nodiscard]] Result<void> push(View bytes) {
        while (!files_.empty() && !bytes.empty()) {
            ENSURE(next_record());
            const std::size_t size = std::min<std::uint64_t>(bytes.size(), left_bytes_);
            ENSURE(compare(*current_, bytes.first(size)));
            left_bytes_ -= size;
            bytes = bytes.subspan(size);
        }
        return {};
    }

    [[nodiscard]] Result<void> finish() {
        for (PartFile& file : files_) {
            if (file.hash.finish() != file.part->sha256) return differs(file, "its digest");
            TRY(const std::size_t more, io::files::read_some(file.open.get(), Room(piece_).first(1), file.path));
            if (more != 0) return differs(file, "it goes on");
        }
        return {};
    }

private:
    struct PartFile {
        const package::Part* part;
        fs::path path;
        io::files::Descriptor open;
        crypto::Sha256 hash;
    };

    explicit PartsCheck(const package::CampaignMetadata& metadata) : metadata_(&metadata), piece_(piece_size_bytes) {}

    static std::unexpected<Error> differs(const PartFile& file, std::string_view how) {
        return fail(package::faults::differs_from_metadata, std::format("{}: {}", file.part->name(), how));
    }

    // From the metadata, in which every record is in one part.
    [[nodiscard]] Result<void> next_record() {
        if (left_bytes_ > 0) return {};
        if (record_ == metadata_->records.size()) return fail(package::faults::too_many_records);
        const package::RecordEntry& entry = metadata_->records[record_++];
        current_ = std::ranges::find_if(
            files_, [&](const PartFile& file) { return std::ranges::contains(file.part->ecus, entry.ecu); });
        left_bytes_ = entry.stored_size_bytes;
        return {};
    }

    [[nodiscard]] Result<void> compare(PartFile& file, View bytes) {
        file.hash.update(bytes);
        while (!bytes.empty()) {
            const std::size_t size = std::min(bytes.size(), piece_.size());
            TRY(const std::size_t have, io::files::read_some(file.open.get(), Room(piece_).first(size), file.path));
            if (have != size) return differs(file, "it is too short");
            if (std::memcmp(piece_.data(), bytes.data(), size) != 0)
                return differs(file, "its records are not those of full_package.bin");
            bytes = bytes.subspan(size);
        }
        return {};
    }

    const package::CampaignMetadata* metadata_;
    std::vector<PartFile> files_;
    std::vector<PartFile>::iterator current_;
    std::size_t record_ = 0;
    std::uint64_t left_bytes_ = 0;
    Bytes piece_;
};

// The metadata has one text only: no byte of it, not even a blank, can change unnoticed.
Result<void> check_text(View file) {
    TRY(const json::Value document, json::parse(file, package::metadata_size_bytes_max));
    TRY(const std::string canonical, json::canonical(document));
    if (text_of(file) != canonical) return fail(package::faults::bad_metadata, "it is not canonical JSON");
    return {};
}

Result<void> check_papers(const fs::path& folder, const package::CampaignMetadata& metadata) {
    for (const package::Paper& paper : metadata.papers) {
        crypto::Sha256 hash;
        std::uint64_t size_bytes = 0;
        const auto read = read_in_pieces(folder / paper.file, [&](View piece) -> Result<void> {
            hash.update(piece);
            size_bytes += piece.size();
            return {};
        });
        if (!read) return read;
        if (size_bytes != paper.size_bytes || hash.finish() != paper.sha256)
            return fail(package::faults::differs_from_metadata, std::format("{}: size or digest", paper.file));
    }
    return {};
}

Result<void> check_nothing_else(const fs::path& folder, const package::CampaignMetadata& metadata) {
    std::set<fs::path> known{metadata_file(folder), package_file(folder)};
    for (const package::Paper& paper : metadata.papers) known.insert(folder / paper.file);
    for (const package::Part& part : metadata.parts) {
        known.insert(part_file(folder, part));
        known.insert(part_file(folder, part).parent_path());
    }
    std::error_code failure;
    fs::recursive_directory_iterator at(folder, failure), end;
    for (; !failure && at != end; at.increment(failure))
        if (!known.contains(at->path())) return fail(faults::stray_file, at->path().string());
    if (failure) return fail(io::files::faults::unreadable, std::format("{}: {}", folder.string(), failure.message()));
    return {};
}

}  // namespace

Result<package::CampaignMetadata> verify_campaign(const fs::path& campaign_folder,
                                                  std::span<const crypto::PublicKey> trusted,
                                                  package::ImageReceiver* receiver, const ShowProgress& progress) {
    TRY(const Bytes text, io::files::read_file(metadata_file(campaign_folder), package::metadata_size_bytes_max));
    TRY(package::CampaignMetadata metadata, package::from_signed_json(text, trusted));
    ENSURE(check_text(text));
    ENSURE(check_nothing_else(campaign_folder, metadata));
    ENSURE(check_papers(campaign_folder, metadata));
    package::ImagesCheck images(metadata, receiver);
    package::FullPackageCheck records(metadata, images);
    TRY(PartsCheck parts, PartsCheck::open(campaign_folder, metadata));
    std::uint64_t done_bytes = 0;
    const auto read = read_in_pieces(package_file(campaign_folder), [&](View piece) -> Result<void> {
        ENSURE(records.push(piece));
        ENSURE(parts.push(piece));
        done_bytes += piece.size();
        if (progress) progress(done_bytes, metadata.package_size_bytes);
        return {};
    });
    if (!read) return fail(read.error());
    ENSURE(records.finish());
    ENSURE(parts.finish());
    return metadata;
}

Result<void> read_in_pieces(const fs::path& file, const std::function<Result<void>(View)>& take) {
    TRY(const auto open, io::files::open_regular(file));
    const auto piece = std::make_unique_for_overwrite<std::uint8_t[]>(piece_size_bytes);
    std::size_t size_bytes = 0;
    do {
        TRY(size_bytes, io::files::read_some(open.get(), Room(piece.get(), piece_size_bytes), file));
        ENSURE(take(View(piece.get(), size_bytes)));
    } while (size_bytes == piece_size_bytes);
    return {};
}

}  // namespace pitstop::cli
