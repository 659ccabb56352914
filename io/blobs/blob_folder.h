// Large files kept under the SHA-256 of their bytes, so that a name can never come to mean other bytes.
//
// Bring:  a folder that this process alone writes to, and bytes in pieces of any size.
// Back:   a Blob: where it lies, for whoever sends it as a file region, and how large it is. A blob becomes visible
// under its
//         name only when all of its bytes are on the disk; what a crash left unfinished is removed at the next start.
// Faults: blobs.* (faults.h) and files.* of io/files; a failed fsync has the remedy stop.
// Threads: a folder may be read from any thread; each writer belongs to one.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace pitstop::io::blobs {

struct Blob {
    Sha256Digest digest{};
    std::filesystem::path path;
    std::uint64_t size_bytes = 0;
};

// One blob on its way in. Dropping it before finish() leaves nothing behind.
class BlobWriter {
public:
    BlobWriter(BlobWriter&&) noexcept;
    BlobWriter& operator=(BlobWriter&&) noexcept;
    ~BlobWriter();

    [[nodiscard]] Result<void> write(View piece);  // blobs.too-large
    [[nodiscard]] std::uint64_t size_bytes() const;

    // Makes the blob visible. With an expected digest: blobs.wrong-digest, and nothing becomes visible, when it
    // differs.
    [[nodiscard]] Result<Blob> finish(const std::optional<Sha256Digest>& expected);

private:
    friend class BlobFolder;
    struct State;
    explicit BlobWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class BlobFolder {
public:
    // Creates the folder when it is missing and clears what an earlier crash left; blobs.unusable-folder.
    [[nodiscard]] static Result<BlobFolder> open(std::filesystem::path folder);

    [[nodiscard]] Result<BlobWriter> begin(std::uint64_t size_bytes_max) const;
    [[nodiscard]] Result<std::optional<Blob>> find(const Sha256Digest& digest) const;
    [[nodiscard]] Result<std::vector<Blob>> list() const;                 // in the order of their digests
    [[nodiscard]] Result<void> check(const Sha256Digest& digest) const;   // reads all of it again; blobs.damaged
    [[nodiscard]] Result<void> remove(const Sha256Digest& digest) const;  // fine when it is not there

private:
    explicit BlobFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
    [[nodiscard]] std::filesystem::path path_of(const Sha256Digest& digest) const;
    std::filesystem::path folder_;
};

}  // namespace pitstop::io::blobs
