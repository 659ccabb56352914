#include "apps/pitstop/delta_files.h"

#include "core/crypto/digest.h"
#include "core/delta/apply.h"
#include "core/delta/faults.h"
#include "core/delta/make.h"
#include "io/files/descriptor.h"
#include "io/files/faults.h"

#include <sys/stat.h>
#include <unistd.h>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = std::size_t{16} * 1024;

// A file that is read at any place.
class InputFile final : public delta::OldImage {
public:
    static Result<InputFile> open(const fs::path& path) {
        TRY(auto file, io::files::open_regular(path));
        struct stat facts{};
        if (::fstat(file.get(), &facts) != 0) return fail(io::files::faults::unreadable, path.string());
        if (static_cast<std::uint64_t>(facts.st_size) > 2 * delta::image_bytes_max)
            return fail(io::files::faults::too_large, path.string());
        return InputFile(std::move(file), static_cast<std::uint32_t>(facts.st_size), path);
    }

    [[nodiscard]] std::uint32_t size_bytes() const override { return size_bytes_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override {
        return io::files::read_at(file_.get(), offset, into, path_);
    }

private:
    InputFile(io::files::Descriptor file, std::uint32_t size_bytes, fs::path path)
        : file_(std::move(file)),
          size_bytes_(size_bytes),
          path_(std::move(path)) {}

    io::files::Descriptor file_;
    std::uint32_t size_bytes_;
    fs::path path_;
};

// Collects the new image under a name that nobody reads, until its digest is the right one.
class OutputFile final : public ByteSink {
public:
    static Result<OutputFile> create(const fs::path& path) {
        fs::path temporary = io::files::temporary_beside(path);
        TRY(io::files::Descriptor file, io::files::create_new(temporary, io::files::FileMode::shared));
        return OutputFile(std::move(file), path, std::move(temporary));
    }
    OutputFile(OutputFile&&) = default;
    OutputFile& operator=(OutputFile&&) = delete;
    ~OutputFile() {
        std::error_code ignored;
        if (file_.is_open()) fs::remove(temporary_, ignored);
    }

    [[nodiscard]] Result<void> push(View piece) override {
        hasher_.update(piece);
        collected_.insert(collected_.end(), piece.begin(), piece.end());
        return collected_.size() < piece_bytes ? Result<void>{} : write();
    }
    [[nodiscard]] Result<void> finish() override { return write(); }

    [[nodiscard]] Result<void> keep_if(const Sha256Digest& wanted) {
        if (hasher_.finish() != wanted)
            return fail(delta::faults::damaged, "the result is not the image that the delta was made for");
        ENSURE(io::files::sync_file(file_.get(), temporary_));
        ENSURE(io::files::rename_and_sync(temporary_, path_));
        file_ = {};
        return {};
    }

private:
    OutputFile(io::files::Descriptor file, fs::path path, fs::path temporary)
        : file_(std::move(file)),
          path_(std::move(path)),
          temporary_(std::move(temporary)) {}

    [[nodiscard]] Result<void> write() {
        ENSURE(io::files::write_all(file_.get(), collected_, temporary_));
        collected_.clear();
        return {};
    }

    io::files::Descriptor file_;
    fs::path path_, temporary_;
    crypto::Sha256 hasher_;
    Bytes collected_;
};

Result<delta::Header> header_of(InputFile& file) {
    delta::HeaderBytes bytes{};
    if (file.size_bytes() < bytes.size()) return fail(delta::faults::truncated, "a delta begins with 120 bytes");
    ENSURE(file.read(0, bytes));
    return delta::decode_header(bytes);
}

}  // namespace

Result<DeltaShape> read_delta_shape(const fs::path& delta) {
    TRY(InputFile file, InputFile::open(delta));
    TRY(const delta::Header header, header_of(file));
    DeltaShape shape{.header = header, .file_size_bytes = file.size_bytes()};
    std::array<std::uint8_t, delta::block_header_size_bytes> block{};
    for (std::uint64_t at = header.opening_size_bytes; at < file.size_bytes(); ++shape.block_count) {
        if (at + block.size() > file.size_bytes()) return fail(delta::faults::truncated);
        ENSURE(file.read(static_cast<std::uint32_t>(at), block));
        at += block.size() + load_le<std::uint32_t>(block.data() + 4);
    }
    return shape;
}

Result<DeltaShape> apply_delta(const fs::path& old_image, const fs::path& delta, const fs::path& out,
                               const ShowProgress& progress) {
    TRY(InputFile before, InputFile::open(old_image));
    TRY(InputFile file, InputFile::open(delta));
    TRY(const delta::Header header, header_of(file));
    TRY(OutputFile after, OutputFile::create(out));
    Bytes workspace(delta::workspace_bytes(header)), piece(piece_bytes);
    crypto::Sha256 hasher;
    // At the desk both kinds are written beside: the old file stays.
    delta::Patcher patcher(before, workspace, after, hasher, {}, {.mode = header.mode});
    for (std::uint32_t at = 0; at < file.size_bytes();) {
        const Room next = Room(piece).first(std::min<std::size_t>(piece.size(), file.size_bytes() - at));
        ENSURE(file.read(at, next));
        ENSURE(patcher.push(next));
        at += static_cast<std::uint32_t>(next.size());
        if (progress) progress(at, file.size_bytes());
    }
    ENSURE(patcher.finish());
    ENSURE(after.keep_if(header.new_digest));
    return DeltaShape{.header = header, .file_size_bytes = file.size_bytes()};
}

}  // namespace pitstop::cli
