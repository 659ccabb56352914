#include "io/files/atomic_file.h"

#include "io/files/descriptor.h"
#include "io/files/faults.h"

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

}  // namespace

Result<void> write_atomically(const std::filesystem::path& path, View bytes, FileMode mode) {
    const std::filesystem::path temporary = temporary_beside(path);
    auto written = write_and_rename(temporary, path, bytes, mode);
    if (!written) ::unlink(temporary.c_str());
    return written;
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t size_bytes_max) {
    TRY(const Descriptor file, open_regular(path));
    struct stat about{};
    if (::fstat(file.get(), &about) != 0)
        return fail(faults::unreadable, std::format("{}: {}", path.string(), std::strerror(errno)));
    if (static_cast<std::uint64_t>(about.st_size) > size_bytes_max)
        return fail(faults::too_large,
                    std::format("{}: {} bytes, at most {} allowed", path.string(), about.st_size, size_bytes_max));
    Bytes bytes(static_cast<std::size_t>(about.st_size));
    TRY(const std::size_t have, read_some(file.get(), bytes, path));
    bytes.resize(have);  // cut shorter since: give what is there
    return bytes;
}

Result<std::optional<Bytes>> read_if_there(const std::filesystem::path& path, std::size_t size_bytes_max) {
    auto bytes = read_file(path, size_bytes_max);
    if (!bytes && bytes.error().is(faults::not_there)) return std::nullopt;
    if (!bytes) return std::unexpected(bytes.error());
    return *std::move(bytes);
}

}  // namespace pitstop::io::files
