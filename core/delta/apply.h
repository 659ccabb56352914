// Turns the old image and a delta, as it arrives, into the new image. ECU profile: no heap, no exceptions; storage is
// lent once, at most 128 KiB in all for a delta made with the default options (workspace_bytes in header.h says
// exactly).
//
//     Patcher patcher(old_bank, workspace, bank_writer, hasher);     // a ByteSink
//     ENSURE(patcher.push(piece)); …  ENSURE(patcher.finish());
//
// The old image is read at random places, the new one goes to `next` in order. Nothing is passed on before the old
// image's SHA-256 was the one that the delta was made from (delta.other-base: fetch the full image instead).
//
// After a power cut: `progress()` was saved each time that it changed, the sectors behind it are erased, and a Patcher
// that begins with it takes first the opening again (the delta's first opening_size_bytes, as its header says), then
// the delta from progress().delta_offset on, and passes on the new image from progress().image_offset on.
//
// The result is not believed because it came out of here: whoever flashes compares it with the signed digest.
// Faults: delta.damaged, truncated, trailing-bytes, other-base, needs-more-memory, not-this-version, too-large,
// wrong-mode, those of the old image's port and of `next`.
#pragma once

#include "core/base/sink.h"
#include "core/crypto/hasher.h"
#include "core/delta/block_coder.h"
#include "core/delta/header.h"
#include "core/delta/workspace.h"

#include <cstdint>
#include <optional>

namespace pitstop::delta {

// Port: the image that is there. Reads exactly `into.size()` bytes from `offset`; never beyond the image's size.
class OldImage {
public:
    [[nodiscard]] virtual std::uint32_t size_bytes() const = 0;
    [[nodiscard]] virtual Result<void> read(std::uint32_t offset, Room into) = 0;

protected:
    OldImage() = default;
    OldImage(const OldImage&) = default;
    OldImage& operator=(const OldImage&) = default;
    ~OldImage() = default;
};

// Where to go on: a whole number of blocks is done.
struct Progress {
    std::uint32_t delta_offset = 0;
    std::uint32_t image_offset = 0;
    bool operator==(const Progress&) const = default;
};

enum class BaseCheck : std::uint8_t { by_digest, done_before };

class Patcher final : public ByteSink {
public:
    // What a delta in place needs beyond the usual: InPlace (in_place.h) moved and checked the old image itself.
    struct Terms {
        Mode mode = Mode::beside;
        BaseCheck base = BaseCheck::by_digest;
    };

    Patcher(OldImage& old_image, Room workspace, ByteSink& next, crypto::Hasher& hasher)
        : Patcher(old_image, workspace, next, hasher, Progress{}) {}
    Patcher(OldImage& old_image, Room workspace, ByteSink& next, crypto::Hasher& hasher, const Progress& from)
        : Patcher(old_image, workspace, next, hasher, from, Terms{}) {}
    Patcher(OldImage& old_image, Room workspace, ByteSink& next, crypto::Hasher& hasher, const Progress& from,
            const Terms& terms);
    Patcher(const Patcher&) = delete;  // what it keeps points into its workspace
    Patcher& operator=(const Patcher&) = delete;

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;
    // The same in parts: makes the image up to where it shall pause, or up to pause_overshoot_bytes beyond that, and
    // gives back what is left of the piece. Paused, it goes on when it shall pause later, also without a piece.
    static constexpr std::uint32_t pause_overshoot_bytes = 3;  // of a word that is copied as a whole
    [[nodiscard]] Result<View> push_some(View piece);
    void pause_at(std::uint32_t image_offset) { pause_at_ = image_offset; }
    [[nodiscard]] bool is_paused() const { return part_ == Part::block && made_to_ + collected_ >= pause_at_; }
    [[nodiscard]] bool is_complete() const { return part_ == Part::end; }

    [[nodiscard]] Progress progress() const { return progress_; }
    // Once it has come.
    [[nodiscard]] const std::optional<Header>& header() const { return header_; }
    [[nodiscard]] const Header& shape() const { return shape_; }  // the same, or empty

private:
    enum class Part : std::uint8_t { header, layout, block_header, block, end };

    [[nodiscard]] Result<View> take(View piece);
    [[nodiscard]] Result<bool> advance();  // false: more bytes are needed
    [[nodiscard]] Result<void> take_header();
    [[nodiscard]] Result<bool> take_layout();
    [[nodiscard]] Result<void> check_places() const;
    [[nodiscard]] Result<void> check_base();
    [[nodiscard]] Result<void> take_block_header();
    [[nodiscard]] Result<bool> take_block();
    [[nodiscard]] Result<void> do_steps();
    [[nodiscard]] Result<void> do_operation();
    [[nodiscard]] bool is_overwritten(std::uint32_t old_offset) const;
    [[nodiscard]] Result<void> do_match();
    [[nodiscard]] Result<bool> do_copy();
    [[nodiscard]] Result<void> end_block();
    [[nodiscard]] Result<void> collect(std::uint8_t byte);
    [[nodiscard]] Result<void> pass_on();
    void remember(View made);
    void next_part(Part part, std::uint32_t size_bytes);
    void drop_used();

    OldImage& old_image_;
    Room room_;
    ByteSink& next_;
    crypto::Hasher& hasher_;
    Progress progress_;
    Terms terms_;
    std::optional<Error> error_;
    std::optional<Header> header_;
    Header shape_;  // the same

    HeaderBytes header_bytes_{};
    Workspace* work_ = nullptr;  // in room_, once the header has come
    std::span<Place> place_room_;
    std::span<std::uint16_t> order_room_;
    Room window_;
    Places places_;
    RangeDecoder decoder_;
    std::optional<LayoutCoder<RangeDecoder>> layout_room_;
    std::optional<BlockCoder<RangeDecoder>> block_room_;
    LayoutCoder<RangeDecoder>* layout_ = nullptr;
    BlockCoder<RangeDecoder>* block_ = nullptr;

    Part part_ = Part::header;
    std::uint32_t part_left_ = header_size_bytes;  // not yet in the input
    std::size_t filled_ = 0;                       // of the input
    bool has_begun_ = false;                       // the block
    std::uint32_t block_begin_ = 0, block_end_ = 0, block_data_bytes_ = 0;
    std::uint32_t made_to_ = 0;     // offset in the new image
    std::size_t collected_ = 0;     // in work_->made, not passed on yet
    std::uint8_t byte_before_ = 0;  // of the block
    std::uint32_t copy_left_ = 0, copy_from_ = 0;
    std::uint32_t match_left_ = 0, match_from_ = 0;  // so far back
    std::uint32_t pause_at_ = UINT32_MAX;
};

}  // namespace pitstop::delta
