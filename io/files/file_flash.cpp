#include "io/files/file_flash.h"

#include "core/flash/faults.h"
#include "io/files/faults.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>

namespace pitstop::io::files {
namespace {

constexpr std::size_t blank_piece_bytes = 1 << 20;

std::string reason(const std::filesystem::path& path) {
    return std::format("{}: {}", path.string(), std::strerror(errno));
}

// Under another name first: an ECU that is killed here must not find a flash that is too short.
Result<void> create_blank(const std::filesystem::path& path, std::uint32_t size_bytes) {
    const std::filesystem::path temporary = temporary_beside(path);
    TRY(const Descriptor file, create_new(temporary, FileMode::shared));
    const Bytes blank(std::min<std::size_t>(blank_piece_bytes, size_bytes), 0xFF);
    for (std::size_t left = size_bytes; left > 0;) {
        const std::size_t now = std::min(left, blank.size());
        ENSURE(write_all(file.get(), View(blank).first(now), temporary));
        left -= now;
    }
    ENSURE(sync_file(file.get(), temporary));
    return rename_and_sync(temporary, path);
}

Result<Descriptor> open_existing(const std::filesystem::path& path, std::uint32_t size_bytes) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file.is_open()) return fail(faults::unwritable, reason(path));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
        return fail(faults::unwritable, std::format("{}: another process uses this flash", path.string()));
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return fail(faults::unreadable, reason(path));
    if (status.st_size != static_cast<off_t>(size_bytes)) {
        return fail(flash::faults::bad_geometry, std::format("{} has {} bytes, the configured sectors have {}",
                                                             path.string(), status.st_size, size_bytes));
    }
    return file;
}

}  // namespace

Result<std::unique_ptr<FileFlash>> FileFlash::open(const std::filesystem::path& path, const flash::Geometry& geometry,
                                                   std::span<const std::uint32_t> synced_sectors) {
    ENSURE(flash::check_geometry(geometry));
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) ENSURE(create_blank(path, geometry.size_bytes()));
    TRY(Descriptor file, open_existing(path, geometry.size_bytes()));
    return std::unique_ptr<FileFlash>(new FileFlash(std::move(file), geometry, synced_sectors));
}

FileFlash::FileFlash(Descriptor file, const flash::Geometry& geometry, std::span<const std::uint32_t> synced_sectors)
    : file_(std::move(file)),
      geometry_(geometry) {
    for (const std::uint32_t index : synced_sectors) synced_.push_back(geometry_.sector(index).offset);
}

Result<void> FileFlash::check_works(std::uint32_t offset, std::size_t size_bytes) const {
    for (const std::uint32_t index : worn_out_) {
        const flash::Sector worn = geometry_.sector(index);
        if (offset < worn.offset + worn.size_bytes && worn.offset < offset + size_bytes)
            return fail(flash::faults::device_failed, std::format("sector {} is worn out", index));
    }
    return {};
}

bool FileFlash::is_synced(std::uint32_t offset) const { return std::ranges::contains(synced_, offset); }

Result<void> FileFlash::write_at(std::uint32_t offset, View bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(file_.get(), bytes.data(), bytes.size(), offset);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(flash::faults::device_failed, std::strerror(errno));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint32_t>(written);
    }
    return {};
}

Result<void> FileFlash::sync() {
    if (::fdatasync(file_.get()) != 0) return fail(flash::faults::device_failed, std::strerror(errno));
    return {};
}

Result<void> FileFlash::erase(std::uint32_t sector) {
    ENSURE(flash::check_erase(geometry_, sector));
    const flash::Sector where = geometry_.sector(sector);
    ENSURE(check_works(where.offset, where.size_bytes));
    blank_.resize(std::max<std::size_t>(blank_.size(), where.size_bytes), 0xFF);
    return write_at(where.offset, View(blank_).first(where.size_bytes));
}

Result<void> FileFlash::program(std::uint32_t offset, View bytes) {
    ENSURE(flash::check_program(geometry_, offset, bytes.size()));
    ENSURE(check_works(offset, bytes.size()));
    before_.resize(bytes.size());
    ENSURE(read(offset, before_));
    ENSURE(flash::check_only_clears(before_, bytes));
    if (!is_synced(offset)) return write_at(offset, bytes);
    ENSURE(sync());
    ENSURE(write_at(offset, bytes));
    return sync();
}

Result<void> FileFlash::read(std::uint32_t offset, Room into) {
    ENSURE(flash::check_read(geometry_, offset, into.size()));
    while (!into.empty()) {
        const ssize_t got = ::pread(file_.get(), into.data(), into.size(), offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(flash::faults::device_failed, std::strerror(errno));
        if (got == 0) return fail(flash::faults::device_failed, "the flash file became shorter");
        into = into.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint32_t>(got);
    }
    return {};
}

}  // namespace pitstop::io::files
