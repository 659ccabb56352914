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
// may be 66 KB, of zstd 16 windows, of a delta as much as one block makes). In place it is one of delta::InPlace.
//
// Bring at least workspace_bytes(). What comes out is not believed because it came out of here: whoever flashes
// compares it with the signed digest, read back from flash. `next` never gets more than image_bytes, and finish() only
// after exactly so many. Faults: package.cannot-open, wrong-image-size; those of compress, delta and seal; whatever
// `next` returns.
//
// After a power cut: keep waypoint() each time that it changes while push_some() is used. An Opener that begins `from`
// one takes the payload's first again_bytes, then what follows payload_offset, and gives on the image from
// image_offset.
//
// An ECU with one bank lends that instead of an old image: deltas are then applied in place (delta/in_place.h), nothing
// but finish() reaches `next`, and a payload that comes again from its beginning goes on where the bank's journal is.
#pragma once

#include "core/base/form.h"
#include "core/compress/readers.h"
#include "core/delta/in_place.h"
#include "core/package/waypoint.h"
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

// The bank that holds the image that is there and is to hold the new one, and the journal's two sectors.
struct OneBankPort {
    delta::Bank& bank;
    delta::Bank& journal;
};

// What the stages need; pointers are null where the ECU has none, and then forms that need it are refused.
struct OpenerPorts {
    crypto::Hasher& hasher;  // of nobody else while an Opener works
    const OldImagePort* old_image = nullptr;
    const OneBankPort* one_bank = nullptr;  // then old_image is not asked
    seal::KeyOpener* key = nullptr;
    seal::ChunkOpener* chunks = nullptr;
    seal::Expected expected = {};  // of a sealed payload
};

struct Wanted {
    std::uint64_t image_bytes = 0;
    std::uint32_t window_bytes = Openings::window_bytes_default;
    std::optional<Waypoint> from = {};  // nothing: from the beginning
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

    [[nodiscard]] ByteSink& next() const { return next_; }

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;

private:
    std::uint64_t left_bytes_;
    ByteSink& next_;
};

// What takes a delta, one way or the other.
class DeltaStage : public ByteSink {
public:
    [[nodiscard]] virtual const delta::Header* header() const = 0;  // null until it has come
    [[nodiscard]] virtual delta::Progress progress() const = 0;

protected:
    ~DeltaStage() = default;
};

// A Patcher that knows the old image's digest before it begins.
class VerifiedPatcher final : public DeltaStage {
public:
    VerifiedPatcher(const OldImagePort& old_image, Room workspace, crypto::Hasher& hasher, const delta::Progress& from,
                    ByteSink& next);

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override { return patcher_.finish(); }
    [[nodiscard]] const delta::Header* header() const override {
        return patcher_.header() ? &*patcher_.header() : nullptr;
    }
    [[nodiscard]] delta::Progress progress() const override { return patcher_.progress(); }

private:
    const std::optional<Sha256Digest> verified_;
    delta::Patcher patcher_;
    bool base_is_right_ = false;
    std::optional<Error> failed_;
};

// In place; refuses an image of another size before the bank is touched.
class InPlacePatcher final : public DeltaStage {
public:
    InPlacePatcher(const OneBankPort& port, Room workspace, crypto::Hasher& hasher, std::uint64_t image_bytes,
                   ByteSink& end)
        : in_place_(port.bank, port.journal, workspace, hasher),
          image_bytes_(image_bytes),
          end_(end) {}

    [[nodiscard]] Result<delta::Progress> resume() { return in_place_.resume(); }
    [[nodiscard]] bool is_holding() const { return in_place_.is_holding(); }
    [[nodiscard]] Result<void> step() { return in_place_.step(); }
    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;
    [[nodiscard]] const delta::Header* header() const override { return header_ ? &*header_ : nullptr; }
    [[nodiscard]] delta::Progress progress() const override { return in_place_.progress(); }

private:
    [[nodiscard]] Result<View> collect_header(View piece);

    delta::InPlace in_place_;
    std::uint64_t image_bytes_;
    ByteSink& end_;
    delta::HeaderBytes bytes_{};
    std::size_t filled_ = 0;
    std::optional<delta::Header> header_;
};

// Of a delta its opening, and what follows the place where it goes on: nothing between the two.
class Excerpt final : public ByteSink {
public:
    Excerpt(DeltaStage& next, std::uint32_t goes_on_at) : next_(next), goes_on_at_(goes_on_at) {}

    void jump_to(std::uint64_t offset) { at_ = offset; }  // the next byte is the delta's byte there
    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override { return next_.finish(); }

private:
    [[nodiscard]] std::size_t wanted(std::size_t size_bytes) const;

    DeltaStage& next_;
    std::uint64_t at_ = 0, goes_on_at_;
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
    [[nodiscard]] bool is_holding() const { return holds_chunk() || (in_place_ && in_place_->is_holding()); }
    // Of a delta, a sealed image or both, once something of it is done. All before it was given to `next`.
    [[nodiscard]] std::optional<Waypoint> waypoint() const;

    // Why nothing can be opened, known from the beginning: package.cannot-open
    [[nodiscard]] const std::optional<Error>& failed() const { return failed_; }

private:
    [[nodiscard]] Result<void> build(const Form& form, const OpenerPorts& ports, Room workspace, const Wanted& wanted);
    [[nodiscard]] Result<ByteSink*> unpacking(const Form& form, const OpenerPorts& ports, Room workspace,
                                              const Wanted& wanted);
    [[nodiscard]] Result<ByteSink*> patching(const OpenerPorts& ports, Room workspace, const Wanted& wanted);
    [[nodiscard]] bool holds_chunk() const { return held_ && !held_->is_empty(); }
    [[nodiscard]] std::size_t in_one_step() const { return in_place_ ? 1 : step_bytes; }
    [[nodiscard]] std::size_t taken_at_once(View piece) const;
    [[nodiscard]] Result<void> take(View piece);
    [[nodiscard]] Result<void> jump();
    [[nodiscard]] std::uint32_t sealed_chunk_bytes() const;
    [[nodiscard]] std::uint32_t payload_offset_of(std::uint32_t chunk) const;
    Result<void> keep(Result<void> result);

    const bool is_packed_;
    std::optional<Waypoint> from_;  // until the payload goes on there
    std::uint64_t taken_bytes_ = 0;
    std::uint32_t chunks_begin_ = 0;  // offset in the payload
    ExactSize image_;
    std::optional<compress::GzipReader> gzip_;
    std::optional<compress::ZstdReader> zstd_;
    std::optional<VerifiedPatcher> beside_;
    std::optional<InPlacePatcher> in_place_;
    DeltaStage* delta_ = nullptr;
    std::optional<Excerpt> excerpt_;
    std::optional<HeldChunk> held_;
    std::optional<seal::Unsealer> unsealer_;
    std::size_t chunk_left_bytes_ = 0;  // that the Unsealer still needs
    ByteSink* first_ = nullptr;
    std::optional<Error> failed_;
};

}  // namespace pitstop::package
