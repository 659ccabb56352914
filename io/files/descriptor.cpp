#include "io/files/descriptor.h"

#include "io/files/faults.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <format>
#include <random>
#include <string>

namespace pitstop::io::files {
namespace {

std::string reason(const std::filesystem::path& path) {
    return std::format("{}: {}", path.string(), std::strerror(errno));
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Result<Descriptor> create_new(const std::filesystem::path& path, FileMode mode) {
    const mode_t bits = mode == FileMode::private_ ? 0600 : 0644;
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, bits));
    if (!file.is_open()) return fail(faults::unwritable, reason(path));
    // The umask may have taken rights away; it must not decide who reads a shared file.
    if (::fchmod(file.get(), bits) != 0) return fail(faults::unwritable, reason(path));
    return file;
}

Result<Descriptor> open_regular(const std::filesystem::path& path) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open()) return fail(errno == ENOENT ? faults::not_there : faults::unreadable, reason(path));
    struct stat about{};
    if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
        return fail(faults::unreadable, std::format("{}: not a regular file", path.string()));
    return file;
}

Result<std::size_t> read_some(int fd, Room into, const std::filesystem::path& named) {
    std::size_t have = 0;
    while (have < into.size()) {
        const ssize_t got = ::read(fd, into.data() + have, into.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(faults::unreadable, reason(named));
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    return have;
}

Result<void> read_at(int fd, std::uint64_t offset, Room into, const std::filesystem::path& named) {
    while (!into.empty()) {
        const ssize_t got = ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(faults::unreadable, reason(named));
        if (got == 0) return fail(faults::unreadable, std::format("{}: it is too short", named.string()));
        into = into.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
    return {};
}

Result<void> write_all(int fd, View bytes, const std::filesystem::path& named) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(faults::unwritable, reason(named));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> sync_file(int fd, const std::filesystem::path& named) {
    if (::fsync(fd) != 0) return fail(faults::not_synced, reason(named));
    return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    const std::filesystem::path named = folder.empty() ? "." : folder;
    const Descriptor opened(::open(named.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) return fail(faults::not_synced, reason(named));
    return sync_file(opened.get(), named);
}

Result<void> rename_and_sync(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return fail(faults::unwritable, reason(to));
    return sync_folder(to.parent_path());
}

std::filesystem::path temporary_beside(const std::filesystem::path& target) {
    std::random_device random;
    const auto number = (static_cast<std::uint64_t>(random()) << 32) | random();
    return target.parent_path() / std::format(".{}.{:016x}.new", target.filename().string(), number);
}

bool is_temporary(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with('.') && name.ends_with(".new");
}

}  // namespace pitstop::io::files
