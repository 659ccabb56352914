#include "core/crypto/digest.h"
#include "io/blobs/blob_folder.h"
#include "io/blobs/faults.h"
#include "io/files/descriptor.h"

#include <format>
#include <system_error>

namespace pitstop::io::blobs {

struct BlobWriter::State {
    std::filesystem::path folder;
    std::filesystem::path temporary;
    files::Descriptor file;
    crypto::Sha256 hash;
    std::uint64_t size_bytes = 0;
    std::uint64_t size_bytes_max = 0;

    ~State() {
        std::error_code ignored;  // after finish() the name is gone already
        std::filesystem::remove(temporary, ignored);
    }
};

BlobWriter::BlobWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlobWriter::BlobWriter(BlobWriter&&) noexcept = default;
BlobWriter& BlobWriter::operator=(BlobWriter&&) noexcept = default;
BlobWriter::~BlobWriter() = default;

std::uint64_t BlobWriter::size_bytes() const { return state_->size_bytes; }

Result<void> BlobWriter::write(View piece) {
    if (piece.size() > state_->size_bytes_max - state_->size_bytes)
        return fail(faults::too_large, std::format("at most {} bytes", state_->size_bytes_max));
    ENSURE(files::write_all(state_->file.get(), piece, state_->temporary));
    state_->hash.update(piece);
    state_->size_bytes += piece.size();
    return {};
}

Result<Blob> BlobWriter::finish(const std::optional<Sha256Digest>& expected) {
    const Sha256Digest digest = state_->hash.finish();
    if (expected && digest != *expected)
        return fail(faults::wrong_digest, std::format("announced {}, received {}", to_hex(*expected), to_hex(digest)));
    ENSURE(files::sync_file(state_->file.get(), state_->temporary));
    // Also when the blob is there already: these bytes are proved, those on the disk may have decayed.
    Blob blob{digest, state_->folder / to_hex(digest), state_->size_bytes};
    ENSURE(files::rename_and_sync(state_->temporary, blob.path));
    return blob;
}

Result<BlobWriter> BlobFolder::begin(std::uint64_t size_bytes_max) const {
    auto state = std::make_unique<BlobWriter::State>();
    state->folder = folder_;
    state->size_bytes_max = size_bytes_max;
    const auto temporary = files::temporary_beside(folder_ / "incoming");
    TRY(state->file, files::create_new(temporary, files::FileMode::private_));
    state->temporary = temporary;
    return BlobWriter(std::move(state));
}

}  // namespace pitstop::io::blobs
