#include "core/delta/apply.h"

#include "core/delta/faults.h"

#include <algorithm>
#include <memory>
#include <new>

namespace pitstop::delta {

Patcher::Patcher(OldImage& old_image, Room workspace, ByteSink& next, crypto::Hasher& hasher, const Progress& from,
                 const Terms& terms)
    : old_image_(old_image),
      room_(workspace),
      next_(next),
      hasher_(hasher),
      progress_(from),
      terms_(terms) {}

Result<void> Patcher::push(View piece) {
    TRY([[maybe_unused]] const View nothing, push_some(piece));
    return {};
}

Result<View> Patcher::push_some(View piece) {
    if (error_) return fail(*error_);
    auto left = take(piece);
    if (!left) error_ = left.error();
    return left;
}

Result<void> Patcher::finish() {
    if (error_) return fail(*error_);
    if (part_ == Part::end) return next_.finish();
    error_.emplace(faults::truncated);
    return fail(*error_);
}

Result<View> Patcher::take(View piece) {
    for (bool moves = true; moves || !piece.empty();) {
        if (part_ == Part::end && !piece.empty()) return fail(faults::trailing_bytes);
        Room input = work_ != nullptr ? Room(work_->input) : Room(header_bytes_);
        const std::size_t taken = std::min({piece.size(), input.size() - filled_, std::size_t{part_left_}});
        std::ranges::copy(piece.first(taken), input.begin() + static_cast<std::ptrdiff_t>(filled_));
        piece = piece.subspan(taken);
        filled_ += taken;
        part_left_ -= static_cast<std::uint32_t>(taken);
        TRY(moves, advance());
        if (!moves && taken == 0) break;
    }
    return piece;
}

Result<bool> Patcher::advance() {
    switch (part_) {
        case Part::header:
            if (part_left_ > 0) return false;
            ENSURE(take_header());
            return true;
        case Part::layout: return take_layout();
        case Part::block_header:
            if (part_left_ > 0) return false;
            ENSURE(take_block_header());
            return true;
        case Part::block: return take_block();
        case Part::end: return false;
    }
    return false;
}

void Patcher::next_part(Part part, std::uint32_t size_bytes) {
    part_ = part;
    part_left_ = size_bytes;
    filled_ = 0;
}

void Patcher::drop_used() {
    auto& input = work_->input;
    std::copy(input.begin() + static_cast<std::ptrdiff_t>(decoder_.used()),
              input.begin() + static_cast<std::ptrdiff_t>(filled_), input.begin());
    filled_ -= decoder_.used();
}

Result<void> Patcher::take_header() {
    TRY(shape_, decode_header(header_bytes_));
    header_ = shape_;
    if (shape_.mode != terms_.mode) return fail(faults::wrong_mode);
    if (room_.size() < workspace_bytes(shape_)) return fail(faults::needs_more_memory);
    if (progress_.image_offset > shape_.new_size_bytes) return fail(faults::damaged, "progress of another delta");
    void* at = room_.data();
    std::size_t left = room_.size();
    work_ = new (std::align(alignof(Workspace), sizeof(Workspace), at, left)) Workspace;
    auto* const places = new (static_cast<std::uint8_t*>(at) + sizeof(Workspace)) Place[shape_.place_count];
    auto* const order = new (places + shape_.place_count) std::uint16_t[shape_.place_count];
    window_ = {reinterpret_cast<std::uint8_t*>(order + shape_.place_count), shape_.window_bytes};
    place_room_ = {places, shape_.place_count};
    order_room_ = {order, shape_.place_count};
    decoder_.begin();
    layout_ = &layout_room_.emplace(decoder_, work_->layout_models, work_->layout, place_room_);
    has_begun_ = false;
    next_part(Part::layout, shape_.opening_size_bytes - static_cast<std::uint32_t>(header_size_bytes));
    return {};
}

Result<bool> Patcher::take_layout() {
    decoder_.lend(View(work_->input).first(filled_), part_left_ == 0);
    if (!decoder_.is_ready()) return false;
    if (!has_begun_) decoder_.start();
    has_begun_ = true;
    while (decoder_.is_ready() && layout_->step()) {}
    const bool is_at_end = part_left_ == 0 && decoder_.left() == 0;
    if (!layout_->is_good() || decoder_.ran_out()) return fail(faults::damaged, "layout");
    if (layout_->is_done() && (!is_at_end || !decoder_.ended_well())) return fail(faults::damaged, "layout");
    if (!layout_->is_done()) {
        drop_used();
        return part_left_ > 0;
    }
    ENSURE(check_places());
    places_ = Places(place_room_, order_room_);
    ENSURE(check_base());
    made_to_ = progress_.image_offset;
    if (progress_.delta_offset == 0) progress_.delta_offset = shape_.opening_size_bytes;
    if (made_to_ == shape_.new_size_bytes)
        next_part(Part::end, 0);
    else
        next_part(Part::block_header, block_header_size_bytes);
    return true;
}

Result<void> Patcher::check_places() const {
    for (const Place& place : place_room_) {
        const bool is_inside = place.new_offset + place.size_bytes <= shape_.new_size_bytes &&
                               place.size_bytes <= shape_.old_size_bytes &&
                               place.old_offset <= shape_.old_size_bytes - place.size_bytes;
        if (!is_inside) return fail(faults::damaged, "a place outside of the images");
    }
    return {};
}

Result<void> Patcher::check_base() {
    const std::uint32_t size = shape_.old_size_bytes;
    if (old_image_.size_bytes() < size) return fail(faults::other_base, "it is smaller");
    if (terms_.base == BaseCheck::done_before) return {};
    hasher_.reset();
    for (std::uint32_t at = 0; at < size;) {
        const Room piece = Room(work_->old).first(std::min<std::size_t>(work_->old.size(), size - at));
        ENSURE(old_image_.read(at, piece));
        hasher_.update(piece);
        at += static_cast<std::uint32_t>(piece.size());
    }
    if (hasher_.finish() != shape_.old_digest) return fail(faults::other_base);
    return {};
}

Result<void> Patcher::take_block_header() {
    const auto image_bytes = load_le<std::uint32_t>(work_->input.data());
    const auto data_bytes = load_le<std::uint32_t>(work_->input.data() + 4);
    const std::uint32_t left = shape_.new_size_bytes - made_to_;
    if (image_bytes == 0 || image_bytes > left) return fail(faults::damaged, "size of a block");
    if (image_bytes != left && image_bytes % shape_.sector_bytes != 0) return fail(faults::damaged, "end of a block");
    if (data_bytes > shape_.delta_size_bytes - progress_.delta_offset) return fail(faults::damaged, "size of a block");
    block_begin_ = made_to_;
    block_end_ = made_to_ + image_bytes;
    block_data_bytes_ = data_bytes;
    byte_before_ = 0;
    copy_left_ = match_left_ = 0;
    has_begun_ = false;
    std::construct_at(&work_->models);
    block_ = &block_room_.emplace(decoder_, work_->models, work_->layout, places_);
    decoder_.begin();
    next_part(Part::block, data_bytes);
    return {};
}

Result<bool> Patcher::take_block() {
    decoder_.lend(View(work_->input).first(filled_), part_left_ == 0);
    if (!decoder_.is_ready()) return false;
    if (!has_begun_) {
        decoder_.start();
        block_->begin(block_begin_, block_end_);
        has_begun_ = true;
    }
    ENSURE(do_steps());
    if (decoder_.ran_out()) return fail(faults::damaged, "a block's data end too early");
    if (made_to_ + collected_ < block_end_) {
        drop_used();
        return !is_paused();
    }
    ENSURE(end_block());
    return true;
}

Result<void> Patcher::do_steps() {
    while (made_to_ + collected_ < block_end_ && !decoder_.ran_out() && !is_paused()) {
        if (copy_left_ > 0) {
            TRY(const bool goes_on, do_copy());
            if (!goes_on) return {};
        } else if (match_left_ > 0) {
            ENSURE(do_match());
        } else {
            if (!decoder_.is_ready()) return {};
            ENSURE(do_operation());
        }
    }
    return is_paused() ? pass_on() : Result<void>{};
}

Result<void> Patcher::do_operation() {
    const auto at = static_cast<std::uint32_t>(made_to_ + collected_);
    const Operation heard = block_->operation(at, byte_before_);
    if (heard.size > block_end_ - at || heard.size == 0) return fail(faults::damaged, "more than a block has");
    switch (heard.make) {
        case Make::literal: return collect(heard.byte);
        case Make::match:
            if (heard.from == 0 || heard.from > at - block_begin_ || heard.from > window_.size())
                return fail(faults::damaged, "a match from outside of the window");
            match_from_ = heard.from;
            match_left_ = heard.size;
            return {};
        case Make::copy:
            if (heard.size > shape_.old_size_bytes || heard.from > shape_.old_size_bytes - heard.size)
                return fail(faults::damaged, "a copy from outside of the old image");
            if (shape_.mode == Mode::in_place && is_overwritten(heard.from))
                return fail(faults::damaged, "a copy of what is overwritten by then");
            copy_from_ = heard.from;
            copy_left_ = heard.size;
            return pass_on();
    }
    return {};
}

// The sectors of this block are erased before it is done.
bool Patcher::is_overwritten(std::uint32_t old_offset) const {
    const std::uint64_t sector = shape_.sector_bytes;
    const std::uint64_t block_end = (block_end_ + sector - 1) / sector * sector;
    return std::uint64_t{old_offset} + shape_.shift_bytes < block_end;
}

Result<void> Patcher::do_match() {
    for (; match_left_ > 0 && !is_paused(); --match_left_)
        ENSURE(collect(window_[(made_to_ + collected_ - match_from_) & (window_.size() - 1)]));
    return {};
}

// A copy as far as one piece and the coder's readiness take it.
Result<bool> Patcher::do_copy() {
    const Room old = Room(work_->old).first(std::min<std::size_t>(work_->old.size(), copy_left_));
    ENSURE(old_image_.read(copy_from_, old));
    const bool is_rest = old.size() == copy_left_;
    const auto to = std::min(static_cast<std::uint32_t>(is_rest ? old.size() : old.size() - look_ahead_bytes),
                             pause_at_ - made_to_);
    const std::uint32_t done = block_->copy({old, copy_from_}, 0, to, made_to_, Room(work_->made));
    if (done == 0) return false;
    copy_from_ += done;
    copy_left_ -= done;
    const View made = View(work_->made).first(done);
    remember(made);
    made_to_ += done;
    ENSURE(next_.push(made));
    return done >= to;
}

Result<void> Patcher::collect(std::uint8_t byte) {
    window_[(made_to_ + collected_) & (window_.size() - 1)] = byte;
    byte_before_ = byte;
    work_->made[collected_++] = byte;
    return collected_ == work_->made.size() ? pass_on() : Result<void>{};
}

Result<void> Patcher::pass_on() {
    if (collected_ == 0) return {};
    const View made = View(work_->made).first(collected_);
    made_to_ += static_cast<std::uint32_t>(collected_);
    collected_ = 0;
    return next_.push(made);
}

void Patcher::remember(View made) {
    byte_before_ = made.back();
    const std::size_t skipped = made.size() > window_.size() ? made.size() - window_.size() : 0;
    for (std::size_t i = skipped; i < made.size(); ++i) window_[(made_to_ + i) & (window_.size() - 1)] = made[i];
}

Result<void> Patcher::end_block() {
    ENSURE(pass_on());
    if (part_left_ != 0 || decoder_.left() != 0 || !decoder_.ended_well())
        return fail(faults::damaged, "a block's data go on");
    progress_.delta_offset += static_cast<std::uint32_t>(block_header_size_bytes) + block_data_bytes_;
    progress_.image_offset = made_to_;
    if (made_to_ < shape_.new_size_bytes) {
        next_part(Part::block_header, block_header_size_bytes);
        return {};
    }
    next_part(Part::end, 0);
    if (progress_.delta_offset != shape_.delta_size_bytes) return fail(faults::damaged, "sizes of the delta");
    return {};
}

}  // namespace pitstop::delta
