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
        case Compression::gzip: return compress::gzip_workspace_bytes();
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

VerifiedPatcher::VerifiedPatcher(const OldImagePort& old_image, Room workspace, crypto::Hasher& hasher,
                                 const delta::Progress& from, ByteSink& next)
    : verified_(old_image.verified),
      patcher_(old_image.image, workspace, next, hasher, from,
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

Result<View> InPlacePatcher::collect_header(View piece) {
    const std::size_t taken = std::min(piece.size(), bytes_.size() - filled_);
    std::ranges::copy(piece.first(taken), bytes_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += taken;
    if (filled_ < bytes_.size()) return piece.subspan(taken);
    TRY(const delta::Header header, delta::decode_header(bytes_));
    if (header.new_size_bytes != image_bytes_) return fail(faults::wrong_image_size);
    ENSURE(in_place_.push(bytes_));
    header_ = header;
    return piece.subspan(taken);
}

Result<void> InPlacePatcher::push(View piece) {
    if (!header_) {
        TRY(piece, collect_header(piece));
    }
    return piece.empty() ? Result<void>{} : in_place_.push(piece);
}

Result<void> InPlacePatcher::finish() {
    ENSURE(in_place_.finish());
    return end_.finish();
}

// Of so many bytes at most: how many come before the next change between wanted and not wanted.
std::size_t Excerpt::wanted(std::size_t size_bytes) const {
    const delta::Header* const header = next_.header();
    const std::uint64_t opening_end = header == nullptr ? delta::header_size_bytes : header->opening_size_bytes;
    if (at_ < opening_end) return static_cast<std::size_t>(std::min<std::uint64_t>(size_bytes, opening_end - at_));
    return at_ >= goes_on_at_ ? size_bytes : 0;
}

Result<void> Excerpt::push(View piece) {
    while (!piece.empty()) {
        std::size_t size = wanted(piece.size());
        if (size > 0)
            ENSURE(next_.push(piece.first(size)));
        else
            size = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), goes_on_at_ - at_));
        at_ += size;
        piece = piece.subspan(size);
    }
    return {};
}

Opener::Opener(const Form& form, const OpenerPorts& ports, Room workspace, const Wanted& wanted, ByteSink& next)
    : is_packed_(form.compression != Compression::none),
      from_(wanted.from && wanted.from->again_bytes > 0 ? wanted.from : std::nullopt),
      image_(wanted.image_bytes - std::min<std::uint64_t>(from_.value_or(Waypoint{}).image_offset, wanted.image_bytes),
             next) {
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
    if (form.encoding == Encoding::delta) return patching(ports, workspace, wanted);
    if (is_packed_ && from_) return fail(faults::cannot_open, "what is compressed begins anew");
    const compress::OutputLimit limit{wanted.image_bytes, wanted.window_bytes};
    switch (form.compression) {
        case Compression::gzip: return &gzip_.emplace(workspace, limit, image_);
        case Compression::zstd: return &zstd_.emplace(workspace, limit, image_);
        case Compression::none: break;
    }
    return &image_;
}

Result<ByteSink*> Opener::patching(const OpenerPorts& ports, Room workspace, const Wanted& wanted) {
    const Waypoint from = from_.value_or(Waypoint{});
    delta::Progress progress{from.inner_offset, from.image_offset};
    if (ports.one_bank != nullptr) {
        InPlacePatcher& stage =
            in_place_.emplace(*ports.one_bank, workspace, ports.hasher, wanted.image_bytes, image_.next());
        TRY(progress, stage.resume());
        delta_ = &stage;
    } else {
        if (ports.old_image == nullptr) return fail(faults::cannot_open, "an image that the delta could be of");
        delta_ = &beside_.emplace(*ports.old_image, workspace, ports.hasher, progress, image_);
    }
    return &excerpt_.emplace(*delta_, progress.delta_offset);
}

Result<void> Opener::keep(Result<void> result) {
    if (!result) failed_ = result.error();
    return result;
}

Result<void> Opener::push(View piece) {
    if (failed_) return fail(*failed_);
    if (from_) return keep(fail(faults::cannot_open, "a payload goes on in steps only"));
    if (held_) held_->choose(HeldChunk::Way::pass_on);
    return keep(first_->push(piece));
}

Result<View> Opener::push_some(View piece) {
    if (failed_) return fail(*failed_);
    if (held_) held_->choose(HeldChunk::Way::hold);
    if (is_holding()) {
        ENSURE(keep(in_place_ && in_place_->is_holding() ? in_place_->step() : held_->give_some(in_one_step())));
        return piece;
    }
    if (from_ && taken_bytes_ == from_->again_bytes) ENSURE(keep(jump()));
    const View taken = piece.first(taken_at_once(piece));
    ENSURE(keep(take(taken)));
    return piece.subspan(taken.size());
}

// Never beyond the end of a chunk: what the Unsealer gets then lies where the chunk still is. Until it knows its
// header, it does not know where that is.
std::size_t Opener::taken_at_once(View piece) const {
    if (from_) piece = piece.first(std::min<std::uint64_t>(piece.size(), from_->again_bytes - taken_bytes_));
    if (!unsealer_) return std::min(piece.size(), in_one_step());
    const bool in_chunks = unsealer_->header() && chunk_left_bytes_ > 0;
    return std::min(piece.size(), in_chunks ? chunk_left_bytes_ : std::size_t{1});
}

Result<void> Opener::take(View piece) {
    ENSURE(first_->push(piece));
    taken_bytes_ += piece.size();
    if (!unsealer_ || !unsealer_->header()) return {};
    if (chunks_begin_ == 0) chunks_begin_ = static_cast<std::uint32_t>(taken_bytes_);
    chunk_left_bytes_ -= std::min(piece.size(), chunk_left_bytes_);
    const bool goes_on = unsealer_->next_chunk() < seal::chunks_of(*unsealer_->header());
    if (chunk_left_bytes_ == 0 && goes_on)
        chunk_left_bytes_ =
            seal::payload_bytes_in(*unsealer_->header(), unsealer_->next_chunk()) + seal::tag_size_bytes;
    return {};
}

// From the payload's beginning, which came again, to where it goes on.
Result<void> Opener::jump() {
    const Waypoint to = *from_;
    from_.reset();
    std::uint32_t inner_offset = to.payload_offset;
    if (unsealer_) {
        if (!unsealer_->header()) return fail(faults::cannot_open, "a waypoint of another payload");
        const auto chunk_bytes = static_cast<std::uint32_t>(unsealer_->header()->chunk_size_bytes());
        const std::uint32_t chunk =
            (to.payload_offset - std::min(to.payload_offset, chunks_begin_)) / sealed_chunk_bytes();
        ENSURE(unsealer_->continue_at(chunk));
        chunk_left_bytes_ = seal::payload_bytes_in(*unsealer_->header(), chunk) + seal::tag_size_bytes;
        inner_offset = chunk * chunk_bytes;
    }
    if (excerpt_) excerpt_->jump_to(inner_offset);
    return {};
}

std::uint32_t Opener::sealed_chunk_bytes() const {
    return static_cast<std::uint32_t>(unsealer_->header()->chunk_size_bytes() + seal::tag_size_bytes);
}

std::uint32_t Opener::payload_offset_of(std::uint32_t chunk) const {
    return chunks_begin_ + chunk * sealed_chunk_bytes();
}

std::optional<Waypoint> Opener::waypoint() const {
    if (is_packed_ || from_ || (unsealer_ && chunks_begin_ == 0)) return std::nullopt;
    Waypoint here{.again_bytes = chunks_begin_};
    if (delta_ != nullptr) {
        const delta::Progress progress = delta_->progress();
        if (delta_->header() == nullptr || progress.delta_offset == 0) return std::nullopt;
        here = {delta_->header()->opening_size_bytes, progress.delta_offset, progress.image_offset,
                progress.delta_offset};
    }
    if (!unsealer_) return delta_ != nullptr ? std::optional(here) : std::nullopt;
    const auto chunk_bytes = static_cast<std::uint32_t>(unsealer_->header()->chunk_size_bytes());
    std::uint32_t chunk = unsealer_->next_chunk() - (holds_chunk() ? 1 : 0);
    if (delta_ != nullptr) {
        const std::uint32_t opening_chunks = (here.again_bytes + chunk_bytes - 1) / chunk_bytes;
        chunk = std::max(opening_chunks, here.inner_offset / chunk_bytes);
        here.again_bytes = payload_offset_of(opening_chunks);
    } else {
        here.image_offset = here.inner_offset = chunk * chunk_bytes;
    }
    if (chunk >= seal::chunks_of(*unsealer_->header())) return std::nullopt;  // nothing is left to go on with
    here.payload_offset = payload_offset_of(chunk);
    return here;
}

Result<void> Opener::finish() { return failed_ ? fail(*failed_) : keep(first_->finish()); }

}  // namespace pitstop::package
