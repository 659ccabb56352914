// Opens an image on its way into the flash: the stages that its form asks for (core/base/form.h), one after the other
// in one piece of lent memory, however large the image is. ECU profile: no heap.
//
//     bytes → [Unsealer] → [GzipReader | ZstdReader | Patcher] → as many bytes as the image has → next
//
//     Opener opener(form, ports, workspace, {.image_bytes = size, .window_bytes = 4096}, bank);
//     ENSURE(opener.push(piece)); …  ENSURE(opener.finish());
//
// Whoever must not stay away for long pushes the whole payload in small steps, and looks at the clock between them:
//
//     while (!piece.empty() || opener.is_holding()) TRY(piece, opener.push_some(piece));
//
// One step takes step_bytes at most, or opens one sealed chunk; what they mean is up to the packing (64 bytes of gzip
// may be 66 KB, of zstd 16 windows, of a delta as much as one block makes).
//
// Bring at least workspace_bytes(). What comes out is not believed because it came out of here: whoever flashes
// compares it with the signed digest, read back from flash. `next` never gets more than image_bytes, and finish() only
// after exactly so many. Faults: package.cannot-open, wrong-image-size; those of compress, delta and seal; whatever
// `next` returns.
#pragma once

#include "core/base/form.h"
#include "core/compress/readers.h"
#include "core/delta/apply.h"
#include "core/seal/open.h"

#include <optional>

namespace pitstop::package {

// The largest chunk of a sealed image that is opened here; DESIGN §6: 64 KiB for small ECUs.
inline constexpr std::size_t sealed_chunk_bytes_max = std::size_t{64} * 1024;

// How much to lend for images of this form, with zstd's and the deltas' window.
[[nodiscard]] std::size_t workspace_bytes(const Form& form, std::uint32_t window_bytes);
// The same for whatever form an ECU opens.
[[nodiscard]] std::size_t workspace_bytes(const Openings& openings);

// The image that is there, for deltas.
struct OldImagePort {
    delta::OldImage& image;
    // Its digest, where it was verified before (an ECU does so when it boots): the base of a delta is compared with it.
    // Otherwise the old image is read once more for that, which takes its time.
    std::optional<Sha256Digest> verified;
};

// What the stages need; pointers are null where the ECU has none, and then forms that need it are refused.
struct OpenerPorts {
    crypto::Hasher& hasher;  // of nobody else while an Opener works
    const OldImagePort* old_image = nullptr;
    seal::KeyOpener* key = nullptr;
    seal::ChunkOpener* chunks = nullptr;
    seal::Expected expected = {};  // of a sealed payload
};

struct Wanted {
    std::uint64_t image_bytes = 0;
    std::uint32_t window_bytes = Openings::window_bytes_default;
};

// Behind the Unsealer: a chunk that was opened, until it is given on in steps. It lies in the Unsealer's room and stays
// there until the Unsealer gets more.
class HeldChunk final : public ByteSink {
public:
    explicit HeldChunk(ByteSink& next) : next_(next) {}

    enum class Way : std::uint8_t { hold, pass_on };
    void choose(Way way) { way_ = way; }

    [[nodiscard]] Result<void> push(View piece) override {
        if (way_ == Way::pass_on) return next_.push(piece);
        held_ = piece;
        return {};
    }
    [[nodiscard]] Result<void> finish() override { return next_.finish(); }

    [[nodiscard]] bool is_empty() const { return held_.empty(); }
    [[nodiscard]] Result<void> give_some(std::size_t size_bytes);

private:
    ByteSink& next_;
    Way way_ = Way::hold;
    View held_;
};

// The last stage.
class ExactSize final : public ByteSink {
public:
    ExactSize(std::uint64_t size_bytes, ByteSink& next) : left_bytes_(size_bytes), next_(next) {}

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;

private:
    std::uint64_t left_bytes_;
    ByteSink& next_;
};

// A Patcher that knows the old image's digest before it begins.
class VerifiedPatcher final : public ByteSink {
public:
    VerifiedPatcher(const OldImagePort& old_image, Room workspace, crypto::Hasher& hasher, ByteSink& next);

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override { return patcher_.finish(); }

private:
    const std::optional<Sha256Digest> verified_;
    delta::Patcher patcher_;
    bool base_is_right_ = false;
    std::optional<Error> failed_;
};

class Opener final : public ByteSink {
public:
    // The ports, the workspace and `next` outlive it.
    Opener(const Form& form, const OpenerPorts& ports, Room workspace, const Wanted& wanted, ByteSink& next);
    Opener(const Opener&) = delete;
    Opener& operator=(const Opener&) = delete;
    ~Opener() = default;

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;

    static constexpr std::size_t step_bytes = 64;
    [[nodiscard]] Result<View> push_some(View piece);  // what is left of it
    // Something was taken and not given on: push_some() goes on with that, also without a piece.
    [[nodiscard]] bool is_holding() const { return held_ && !held_->is_empty(); }

    // Why nothing can be opened, known from the beginning: package.cannot-open
    [[nodiscard]] const std::optional<Error>& failed() const { return failed_; }

private:
    [[nodiscard]] Result<void> build(const Form& form, const OpenerPorts& ports, Room workspace, const Wanted& wanted);
    [[nodiscard]] Result<ByteSink*> unpacking(const Form& form, const OpenerPorts& ports, Room workspace,
                                              const Wanted& wanted);
    [[nodiscard]] std::size_t taken_at_once(View piece) const;
    [[nodiscard]] Result<void> take(View piece);
    Result<void> keep(Result<void> result);

    ExactSize image_;
    std::optional<compress::GzipReader> gzip_;
    std::optional<compress::ZstdReader> zstd_;
    std::optional<VerifiedPatcher> patcher_;
    std::optional<HeldChunk> held_;
    std::optional<seal::Unsealer> unsealer_;
    std::size_t chunk_left_bytes_ = 0;  // that the Unsealer still needs
    ByteSink* first_ = nullptr;
    std::optional<Error> failed_;
};

}  // namespace pitstop::package
