#include "core/delta/labels.h"

#include <algorithm>

namespace pitstop::delta {
namespace {

bool is_word(Writing writing) {
    return writing == Writing::words_64 || writing == Writing::words_32 || writing == Writing::self_relative ||
           writing == Writing::base_relative;
}

template <class Wanted>
std::vector<Range> ranges_where(const Layout& layout, std::uint32_t image_size_bytes, Wanted wanted) {
    std::vector<Range> ranges;
    const auto stretches = layout.all_stretches();
    for (std::size_t i = 0; i < stretches.size(); ++i) {
        if (!wanted(stretches[i].writing)) continue;
        const std::uint32_t end = i + 1 < stretches.size() ? stretches[i + 1].offset : image_size_bytes;
        if (stretches[i].offset < end) ranges.push_back({stretches[i].offset, std::min(end, image_size_bytes)});
    }
    return ranges;
}

constexpr std::uint32_t text_bytes_max = 64;

// A text that begins here, behind another's end, is the same text wherever the linker puts it.
std::optional<std::uint32_t> label_of_text(View image, const AddressSpace& space, std::uint32_t address) {
    const std::uint32_t offset = space.offset_of(address);
    if (offset == 0 || offset >= image.size() || image[offset - 1] != 0) return std::nullopt;
    std::uint32_t label = 2166136261U;  // FNV-1a
    const std::size_t end = std::min<std::size_t>(image.size(), offset + text_bytes_max);
    for (std::size_t at = offset; at < end; ++at) {
        const std::uint8_t byte = image[at];
        if (byte == 0) return at >= offset + 2 ? std::optional(label) : std::nullopt;
        if (byte >= 0x7F || (byte < 0x20 && byte != '\n' && byte != '\t')) return std::nullopt;
        label = (label ^ byte) * 16777619U;
    }
    return label;
}

}  // namespace

std::vector<Range> code_ranges(const Layout& layout, std::uint32_t image_size_bytes) {
    return ranges_where(layout, image_size_bytes,
                        [](Writing writing) { return writing != Writing::none && !is_word(writing); });
}

std::vector<Range> word_ranges(const Layout& layout, std::uint32_t image_size_bytes) {
    return ranges_where(layout, image_size_bytes, is_word);
}

std::vector<Range> outside(const std::vector<Range>& ranges, std::uint32_t image_size_bytes) {
    std::vector<Range> rest;
    std::uint32_t at = 0;
    for (const Range& range : ranges) {
        if (range.begin > at) rest.push_back({at, range.begin});
        at = std::max(at, range.end);
    }
    if (at < image_size_bytes) rest.push_back({at, image_size_bytes});
    return rest;
}

void Labelled::read() {
    seen_.assign(image_.begin(), image_.end());
    const ReferenceFinder finder(layout_);
    Reference found;
    for (std::uint32_t at = 0; at < size() && finder.find({image_, 0}, at, size(), found); at = found.at + 4)
        references_.push_back(found);
}

template <class Change>
void Labelled::for_each_reference(const std::vector<Range>& ranges, Change change) {
    for (const Range& range : ranges)
        for (auto found = std::ranges::lower_bound(references_, range.begin, {}, &Reference::at);
             found != references_.end() && found->at < range.end; ++found)
            change(*found);
}

void Labelled::blank(const std::vector<Range>& ranges) {
    for_each_reference(ranges, [&](const Reference& found) {
        const auto word = load_le<std::uint32_t>(&image_[found.at]);
        store_le(&seen_[found.at], with_target(found.field, word, 0, 0));
    });
}

std::uint32_t Labelled::label_of(std::uint32_t address, const Places* places) const {
    if (const auto text = label_of_text(image_, layout_.before, address)) return *text;
    return places != nullptr ? places->of_target(layout_, address).address : address;
}

void Labelled::label(const std::vector<Range>& ranges, const Places* places) {
    for_each_reference(ranges,
                       [&](const Reference& found) { store_le(&seen_[found.at], label_of(found.target, places)); });
}

void Labelled::label_loaded(const std::vector<LoadedWord>& words, const Places* places) {
    for (const LoadedWord& word : words)
        store_le(&seen_[word.offset], word.is_name ? word.label : label_of(word.label, places));
}

}  // namespace pitstop::delta
