// How the layout and the places stand behind a delta's header, written once for both sides as block_coder.h. ECU
// profile.
#pragma once

#include "core/delta/numbers.h"
#include "core/delta/places.h"

namespace pitstop::delta {

struct LayoutModels {
    NumberModel size, address, count;
    NumberModel gap, length;
    SignedModel from;
};

template <class Coder>
class LayoutCoder {
public:
    LayoutCoder(Coder& coder, LayoutModels& models, Layout& layout, std::span<Place> places)
        : coder_(&coder),
          models_(&models),
          layout_(&layout),
          places_(places) {}

    // The next item; false when none is left, or when what was heard cannot be (then is_good() is false).
    bool step() {
        if (!is_good_ || stage_ == Stage::end) return false;
        switch (stage_) {
            case Stage::before: space(layout_->before); break;
            case Stage::before_segments: segment(layout_->before); break;
            case Stage::after: space(layout_->after); break;
            case Stage::after_segments: segment(layout_->after); break;
            case Stage::stretch_count:
                layout_->stretch_count = count(layout_->stretch_count, stretches_max);
                next_stage(layout_->stretch_count);
                break;
            case Stage::stretches: stretch(); break;
            case Stage::places: place(); break;
            case Stage::end: break;
        }
        return is_good_ && stage_ != Stage::end;
    }
    [[nodiscard]] bool is_good() const { return is_good_; }
    [[nodiscard]] bool is_done() const { return stage_ == Stage::end; }

private:
    enum class Stage : std::uint8_t {
        before,
        before_segments,
        after,
        after_segments,
        stretch_count,
        stretches,
        places,
        end
    };

    // To the stage behind this one, and over it where it has no items.
    void next_stage(std::size_t items) {
        index_ = 0;
        stage_ = static_cast<Stage>(static_cast<int>(stage_) + (items == 0 ? 2 : 1));
        if (stage_ == Stage::places && places_.empty()) stage_ = Stage::end;
    }
    void end_item(std::size_t items) {
        if (++index_ < items) return;
        index_ = 0;
        stage_ = static_cast<Stage>(static_cast<int>(stage_) + 1);
        if (stage_ == Stage::places && places_.empty()) stage_ = Stage::end;
    }

    std::uint32_t number(NumberModel& model, std::uint32_t value) { return code_number(*coder_, model, value); }
    std::uint32_t count(std::uint32_t value, std::uint32_t limit) {
        const std::uint32_t heard = number(models_->count, value);
        if (heard > limit) is_good_ = false;
        return std::min(heard, limit);
    }

    void space(AddressSpace& space) {
        std::uint64_t base = 0;
        for (unsigned shift = 64; shift > 0;) {
            shift -= 16;
            base = base << 16 | coder_->plain(static_cast<std::uint32_t>(space.base >> shift) & 0xFFFFU, 16);
        }
        space.base = base;
        space.size = number(models_->size, space.size);
        space.code_begin = number(models_->address, space.code_begin);
        space.code_end = number(models_->address, space.code_end);
        space.segment_count = count(space.segment_count, AddressSpace::segments_max);
        next_stage(space.segment_count);
    }

    void segment(AddressSpace& space) {
        Segment& segment = space.segments[index_];
        segment.offset = number(models_->address, segment.offset);
        segment.size_bytes = number(models_->size, segment.size_bytes);
        segment.address = number(models_->address, segment.address);
        end_item(space.segment_count);
    }

    void stretch() {
        Stretch& stretch = layout_->stretches[index_];
        const std::uint32_t above = index_ > 0 ? layout_->stretches[index_ - 1].offset : 0;
        const std::uint32_t gap = number(models_->gap, stretch.offset - above);
        stretch.offset = above + gap;
        if (stretch.offset < gap) is_good_ = false;
        stretch.writing = static_cast<Writing>(count(static_cast<std::uint8_t>(stretch.writing), writing_max));
        if (stretch.writing == Writing::base_relative || stretch.writing == Writing::self_relative) {
            stretch.old_base = number(models_->address, stretch.old_base);
            stretch.new_base = number(models_->address, stretch.new_base);
        }
        end_item(layout_->stretch_count);
    }

    void place() {
        Place& place = places_[index_];
        const Place above = index_ > 0 ? places_[index_ - 1] : Place{};
        const std::uint32_t above_end = above.new_offset + above.size_bytes;
        const std::uint32_t gap = number(models_->gap, place.new_offset - above_end);
        place.new_offset = above_end + gap;
        place.size_bytes = number(models_->length, place.size_bytes - 1) + 1;
        if (place.new_offset < gap || place.new_offset + place.size_bytes < place.size_bytes) is_good_ = false;
        const std::uint32_t expected = above.old_offset + above.size_bytes + gap;
        place.old_offset = expected + code_difference(*coder_, models_->from, place.old_offset - expected);
        end_item(places_.size());
    }

    Coder* coder_;
    LayoutModels* models_;
    Layout* layout_;
    std::span<Place> places_;
    Stage stage_ = Stage::before;
    std::size_t index_ = 0;
    bool is_good_ = true;
};

}  // namespace pitstop::delta
