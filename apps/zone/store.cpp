#include "apps/zone/store.h"

#include "apps/zone/faults.h"
#include "io/files/faults.h"
#include "io/log/log.h"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>

namespace pitstop::zone {
namespace {

namespace fs = std::filesystem;
namespace files = io::files;

constexpr std::string_view part_ending = ".part";

struct Kept {
    fs::path path;
    std::uint64_t size_bytes = 0;
    fs::file_time_type used_at{};
};

std::vector<Kept> list(const fs::path& folder) {
    std::vector<Kept> found;
    std::error_code problem;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, problem))
        if (entry.is_regular_file(problem))
            found.push_back({entry.path(), entry.file_size(problem), entry.last_write_time(problem)});
    std::ranges::sort(found, {}, &Kept::used_at);
    return found;
}

std::optional<std::uint64_t> size_of(const fs::path& file) {
    std::error_code problem;
    const std::uintmax_t size = fs::file_size(file, problem);
    if (problem) return std::nullopt;
    return size;
}

std::string why(const fs::path& path) { return std::format("{}: {}", path.string(), std::strerror(errno)); }

}  // namespace

Result<Store> Store::open(fs::path folder, std::uint64_t size_bytes_max) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem) return fail(files::faults::unwritable, std::format("{}: {}", folder.string(), problem.message()));
    return Store(std::move(folder), size_bytes_max);
}

fs::path Store::path_of(const Sha256Digest& digest) const { return folder_ / to_hex(digest); }

fs::path Store::part_of(const Sha256Digest& digest) const {
    return folder_ / (to_hex(digest) + std::string(part_ending));
}

Result<std::uint32_t> Store::make_room(const flash::StoredBytes& bytes, const std::vector<Sha256Digest>& in_use) {
    const fs::path whole = path_of(bytes.sha256), part = part_of(bytes.sha256);
    std::error_code ignored;
    if (size_of(whole) == bytes.size_bytes) {
        fs::last_write_time(whole, fs::file_time_type::clock::now(), ignored);
        return bytes.size_bytes;
    }
    if (bytes.size_bytes > size_bytes_max_)
        return fail(faults::too_large, std::format("{} bytes, the store holds {}", bytes.size_bytes, size_bytes_max_));
    fs::remove(whole, ignored);
    std::uint64_t here = size_of(part).value_or(0);
    if (here > bytes.size_bytes) {
        fs::remove(part, ignored);
        here = 0;
    }
    std::uint64_t used = 0;
    const std::vector<Kept> all = list(folder_);
    for (const Kept& kept : all) used += kept.path == part ? 0 : kept.size_bytes;
    const auto is_needed = [&](const Kept& kept) {
        const auto holds = [&](const Sha256Digest& digest) { return kept.path.stem() == to_hex(digest); };
        return kept.path == part || std::ranges::any_of(in_use, holds);
    };
    for (const Kept& kept : all) {
        if (used + bytes.size_bytes <= size_bytes_max_) break;
        if (is_needed(kept)) continue;
        fs::remove(kept.path, ignored);
        used -= kept.size_bytes;
    }
    if (used + bytes.size_bytes > size_bytes_max_)
        return fail(faults::store_full,
                    std::format("{} bytes, {} of {} are in use", bytes.size_bytes, used, size_bytes_max_));
    return static_cast<std::uint32_t>(here);
}

Result<void> Store::append(const flash::StoredBytes& bytes, View piece) {
    const fs::path part = part_of(bytes.sha256);
    const files::Descriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file.is_open()) return fail(files::faults::unwritable, why(part));
    return files::write_all(file.get(), piece, part);
}

// Not brought to the disk at once: what a power cut damages is found by its digest before it is used, and comes again.
Result<void> Store::keep(const flash::StoredBytes& bytes) {
    std::error_code problem;
    fs::rename(part_of(bytes.sha256), path_of(bytes.sha256), problem);
    if (problem) return fail(faults::not_stored, part_of(bytes.sha256).string() + ": " + problem.message());
    return {};
}

void Store::drop(const flash::StoredBytes& bytes) {
    std::error_code ignored;
    fs::remove(path_of(bytes.sha256), ignored);
    fs::remove(part_of(bytes.sha256), ignored);
}

Result<Whole> Whole::open(const fs::path& file, std::uint32_t size_bytes) {
    files::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened.is_open()) return fail(faults::not_stored, why(file));
    if (size_of(file) != size_bytes) return fail(faults::not_stored, file.filename().string() + ": another size");
    return Whole(std::move(opened), size_bytes);
}

Result<std::optional<Sha256Digest>> Whole::step() {
    if (left_bytes_ > 0) {
        const Room room = Room(piece_).first(std::min<std::size_t>(piece_.size(), left_bytes_));
        TRY(const std::size_t size, files::read_some(file_.get(), room, "the zone's store"));
        if (size == 0) return fail(files::faults::unreadable, "the zone's store");
        hasher_.update(room.first(size));
        left_bytes_ -= static_cast<std::uint32_t>(size);
    }
    if (left_bytes_ > 0) return std::nullopt;
    return hasher_.finish();
}

}  // namespace pitstop::zone
