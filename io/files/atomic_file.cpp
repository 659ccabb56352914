#include "io/files/atomic_file.h"

#include "io/files/descriptor.h"
#include "io/files/faults.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <format>

namespace pitstop::io::files {
namespace {

Result<void> write_and_rename(const std::filesystem::path& temporary, const std::filesystem::path& path, View bytes,
                              FileMode mode) {
    {
        TRY(const Descriptor file, create_new(temporary, mode));
        ENSURE(write_all(file.get(), bytes, path));
        ENSURE(sync_file(file.get(), path));
    }
    return rename_and_sync(temporary, path);
}

Result<Bytes> read_open(int fd, const std::filesystem::path& path, std::size_t size_bytes_max) {
    struct stat about{};
    if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        return fail(faults::unreadable, std::format("{}: not a regular file", path.string()));
    if (static_cast<std::uint64_t>(about.st_size) > size_bytes_max)
        return fail(faults::too_large,
                    std::format("{}: {} bytes, at most {} allowed", path.string(), about.st_size, size_bytes_max));
    Bytes bytes(static_cast<std::size_t>(about.st_size));
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t got = ::read(fd, bytes.data() + have, bytes.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(faults::unreadable, std::format("{}: {}", path.string(), std::strerror(errno)));
        if (got == 0) break;  // cut shorter since fstat: give what is there
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

}  // namespace

Result<void> write_atomically(const std::filesystem::path& path, View bytes, FileMode mode) {
    const std::filesystem::path temporary = temporary_beside(path);
    auto written = write_and_rename(temporary, path, bytes, mode);
    if (!written) ::unlink(temporary.c_str());
    return written;
}

Result<std::optional<Bytes>> read_if_there(const std::filesystem::path& path, std::size_t size_bytes_max) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open()) {
        if (errno == ENOENT) return std::nullopt;
        return fail(faults::unreadable, std::format("{}: {}", path.string(), std::strerror(errno)));
    }
    TRY(auto bytes, read_open(file.get(), path, size_bytes_max));
    return std::optional(std::move(bytes));
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t size_bytes_max) {
    TRY(auto bytes, read_if_there(path, size_bytes_max));
    if (!bytes) return fail(faults::not_there, path.string());
    return *std::move(bytes);
}

}  // namespace pitstop::io::files
