#include "io/blobs/blob_folder.h"

#include "core/crypto/digest.h"
#include "io/blobs/faults.h"
#include "io/files/descriptor.h"

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <system_error>

namespace pitstop::io::blobs {
namespace {

constexpr std::size_t read_piece_bytes = std::size_t{1} << 20;

Result<void> clear_leftovers(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        if (!files::is_temporary(entries->path())) continue;
        std::filesystem::remove(entries->path(), error);
        if (error) break;
    }
    if (error) return fail(faults::unusable_folder, std::format("{}: {}", folder.string(), error.message()));
    return {};
}

Result<Sha256Digest> digest_of_file(const std::filesystem::path& path) {
    const auto file = files::open_regular(path);
    if (!file) return fail(faults::damaged, file.error().detail());
    crypto::Sha256 hash;
    Bytes piece(read_piece_bytes);
    for (;;) {
        const auto got = files::read_some(file->get(), piece, path);
        if (!got) return fail(faults::damaged, got.error().detail());
        if (*got == 0) return hash.finish();
        hash.update(View(piece).first(*got));
    }
}

}  // namespace

Result<BlobFolder> BlobFolder::open(std::filesystem::path folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(faults::unusable_folder, std::format("{}: {}", folder.string(), error.message()));
    ENSURE(clear_leftovers(folder));
    return BlobFolder(std::move(folder));
}

std::filesystem::path BlobFolder::path_of(const Sha256Digest& digest) const { return folder_ / to_hex(digest); }

Result<std::optional<Blob>> BlobFolder::find(const Sha256Digest& digest) const {
    Blob blob{digest, path_of(digest), 0};
    struct stat about{};
    if (::stat(blob.path.c_str(), &about) != 0) {
        if (errno == ENOENT) return std::nullopt;
        return fail(faults::unusable_folder, std::format("{}: {}", blob.path.string(), std::strerror(errno)));
    }
    blob.size_bytes = static_cast<std::uint64_t>(about.st_size);
    return blob;
}

Result<std::vector<Blob>> BlobFolder::list() const {
    std::vector<Blob> found;
    std::error_code error;
    std::filesystem::directory_iterator entries(folder_, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const auto digest = sha256_from_hex(entries->path().filename().string());
        if (!digest) continue;  // not a blob's name
        TRY(auto blob, find(*digest));
        if (blob) found.push_back(*std::move(blob));
    }
    if (error) return fail(faults::unusable_folder, std::format("{}: {}", folder_.string(), error.message()));
    std::ranges::sort(found, {}, &Blob::digest);
    return found;
}

Result<void> BlobFolder::check(const Sha256Digest& digest) const {
    TRY(const auto actual, digest_of_file(path_of(digest)));
    if (actual != digest)
        return fail(faults::damaged, std::format("{} now has the digest {}", to_hex(digest), to_hex(actual)));
    return {};
}

Result<void> BlobFolder::remove(const Sha256Digest& digest) const {
    std::error_code error;
    std::filesystem::remove(path_of(digest), error);
    if (error) return fail(faults::unusable_folder, std::format("{}: {}", folder_.string(), error.message()));
    return files::sync_folder(folder_);
}

}  // namespace pitstop::io::blobs
