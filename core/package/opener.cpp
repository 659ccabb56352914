#include "core/package/opener.h"

#include "core/delta/faults.h"
#include "core/package/faults.h"

#include <algorithm>

namespace pitstop::package {
namespace {

constexpr std::size_t sealed_room_bytes = seal::Unsealer::room_size_bytes(sealed_chunk_bytes_max);

std::size_t unpacking_bytes(const Form& form, std::uint32_t window_bytes) {
    if (form.encoding == Encoding::delta) {
        delta::Header largest;
        largest.window_bytes = std::min(window_bytes, delta::window_bytes_max);
        largest.place_count = delta::places_max;
        return delta::workspace_bytes(largest);
    }
    switch (form.compression) {
        case Compression::gzip: return compress::gzip_workspace_bytes;
        case Compression::zstd: return compress::zstd_workspace_bytes(window_bytes);
        case Compression::none: break;
    }
    return 0;
}

}  // namespace

std::size_t workspace_bytes(const Form& form, std::uint32_t window_bytes) {
    return unpacking_bytes(form, window_bytes) + (form.sealing == Sealing::hpke ? sealed_room_bytes : 0);
}

std::size_t workspace_bytes(const Openings& openings) {
    std::size_t most = 0;
    for (const auto& [able, form] :
         {std::pair{openings.gzip, Form{Compression::gzip}}, std::pair{openings.zstd, Form{Compression::zstd}},
          std::pair{openings.delta, Form{Compression::none, Encoding::delta}}})
        if (able) most = std::max(most, unpacking_bytes(form, openings.window_bytes));
    return most + (openings.hpke ? sealed_room_bytes : 0);
}

Result<void> HeldChunk::give_some(std::size_t size_bytes) {
    const View piece = held_.first(std::min(size_bytes, held_.size()));
    held_ = held_.subspan(piece.size());
    return next_.push(piece);
}

Result<void> ExactSize::push(View piece) {
    if (piece.size() > left_bytes_) return fail(faults::wrong_image_size, "it is larger");
    left_bytes_ -= piece.size();
    return next_.push(piece);
}

Result<void> ExactSize::finish() {
    if (left_bytes_ > 0) return fail(faults::wrong_image_size, "it is smaller");
    return next_.finish();
}

VerifiedPatcher::VerifiedPatcher(const OldImagePort& old_image, Room workspace, crypto::Hasher& hasher, ByteSink& next)
    : verified_(old_image.verified),
      patcher_(old_image.image, workspace, next, hasher, delta::Progress{},
               {.base = verified_ ? delta::BaseCheck::done_before : delta::BaseCheck::by_digest}),
      base_is_right_(!verified_) {}

// The header alone first: what stands behind it is for another image if the base is another.
Result<void> VerifiedPatcher::push(View piece) {
    if (failed_) return fail(*failed_);
    while (!base_is_right_ && !piece.empty()) {
        ENSURE(patcher_.push(piece.first(1)));
        piece = piece.subspan(1);
        if (!patcher_.header()) continue;
        base_is_right_ = patcher_.header()->old_digest == *verified_;
        if (!base_is_right_) failed_.emplace(delta::faults::other_base);
        if (failed_) return fail(*failed_);
    }
    return patcher_.push(piece);
}

Opener::Opener(const Form& form, const OpenerPorts& ports, Room workspace, const Wanted& wanted, ByteSink& next)
    : image_(wanted.image_bytes, next) {
    static_cast<void>(keep(build(form, ports, workspace, wanted)));
}

Result<void> Opener::build(const Form& form, const OpenerPorts& ports, Room workspace, const Wanted& wanted) {
    if (workspace.size() < workspace_bytes(form, wanted.window_bytes)) return fail(faults::cannot_open, "memory");
    if (form.sealing == Sealing::none) {
        TRY(first_, unpacking(form, ports, workspace, wanted));
        return {};
    }
    if (ports.key == nullptr || ports.chunks == nullptr) return fail(faults::cannot_open, "a key");
    TRY(ByteSink* const inner, unpacking(form, ports, workspace.subspan(sealed_room_bytes), wanted));
    first_ = &unsealer_.emplace(seal::OpeningPorts{*ports.key, *ports.chunks, ports.hasher}, ports.expected,
                                workspace.first(sealed_room_bytes), held_.emplace(*inner));
    return {};
}

Result<ByteSink*> Opener::unpacking(const Form& form, const OpenerPorts& ports, Room workspace, const Wanted& wanted) {
    if (form.encoding == Encoding::delta) {
        if (ports.old_image == nullptr) return fail(faults::cannot_open, "an image that the delta could be of");
        return &patcher_.emplace(*ports.old_image, workspace, ports.hasher, image_);
    }
    const compress::OutputLimit limit{wanted.image_bytes, wanted.window_bytes};
    switch (form.compression) {
        case Compression::gzip: return &gzip_.emplace(workspace, limit, image_);
        case Compression::zstd: return &zstd_.emplace(workspace, limit, image_);
        case Compression::none: break;
    }
    return &image_;
}

Result<void> Opener::keep(Result<void> result) {
    if (!result) failed_ = result.error();
    return result;
}

Result<void> Opener::push(View piece) {
    if (failed_) return fail(*failed_);
    if (held_) held_->choose(HeldChunk::Way::pass_on);
    return keep(first_->push(piece));
}

Result<View> Opener::push_some(View piece) {
    if (failed_) return fail(*failed_);
    if (held_) held_->choose(HeldChunk::Way::hold);
    if (is_holding()) {
        ENSURE(keep(held_->give_some(step_bytes)));
        return piece;
    }
    const View taken = piece.first(taken_at_once(piece));
    ENSURE(keep(take(taken)));
    return piece.subspan(taken.size());
}

// Never beyond the end of a chunk: what the Unsealer gets then lies where the chunk still is. Until it knows its
// header, it does not know where that is.
std::size_t Opener::taken_at_once(View piece) const {
    if (!unsealer_) return std::min(piece.size(), step_bytes);
    const bool in_chunks = unsealer_->header() && chunk_left_bytes_ > 0;
    return std::min(piece.size(), in_chunks ? chunk_left_bytes_ : std::size_t{1});
}

Result<void> Opener::take(View piece) {
    ENSURE(first_->push(piece));
    if (!unsealer_ || !unsealer_->header()) return {};
    chunk_left_bytes_ -= std::min(piece.size(), chunk_left_bytes_);
    const bool goes_on = unsealer_->next_chunk() < seal::chunks_of(*unsealer_->header());
    if (chunk_left_bytes_ == 0 && goes_on)
        chunk_left_bytes_ =
            seal::payload_bytes_in(*unsealer_->header(), unsealer_->next_chunk()) + seal::tag_size_bytes;
    return {};
}

Result<void> Opener::finish() { return failed_ ? fail(*failed_) : keep(first_->finish()); }

}  // namespace pitstop::package
