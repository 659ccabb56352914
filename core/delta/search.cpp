#include "core/delta/search.h"

#include "core/delta/chain.h"
#include "core/delta/image_layout.h"
#include "core/delta/match.h"
#include "core/delta/rest.h"

#include <algorithm>

namespace pitstop::delta {
namespace {

constexpr std::size_t places_known_max = 65535;  // what Places can sort
constexpr std::uint32_t place_bytes_min = 32;

// Where copies say that bytes went.
class Known {
public:
    explicit Known(const Copies& copies)
        : places_(places_from(copies, place_bytes_min, places_known_max)),
          order_(places_.size()),
          known_(places_, order_) {}
    Known(const Known&) = delete;
    Known& operator=(const Known&) = delete;

    [[nodiscard]] const Places* places() const { return &known_; }

private:
    std::vector<Place> places_;
    std::vector<std::uint16_t> order_;
    Places known_;
};

std::vector<Range> ranges_of(const Copies& copies) {
    std::vector<Range> ranges;
    for (const Copy& copy : copies) ranges.push_back({copy.new_offset, copy.new_end()});
    return ranges;
}

// What is in both; both are sorted.
std::vector<Range> both(const std::vector<Range>& a, const std::vector<Range>& b) {
    std::vector<Range> shared;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        const Range part{std::max(a[i].begin, b[j].begin), std::min(a[i].end, b[j].end)};
        if (part.begin < part.end) shared.push_back(part);
        if (a[i].end < b[j].end)
            ++i;
        else
            ++j;
    }
    return shared;
}

// Matches what is in `ranges` and in no copy yet.
void match_rest(Copies& copies, const Labelled& before, const Labelled& after, const std::vector<Range>& old_ranges,
                const std::vector<Range>& new_ranges, Grain grain) {
    const BlockIndex index(before.seen(), old_ranges);
    const std::vector<Range> open = both(new_ranges, outside(ranges_of(copies), after.size()));
    Copies found;
    for (const Range& range : open) match_range(index, after.seen(), range, grain, found);
    copies.insert(copies.end(), found.begin(), found.end());
    std::ranges::sort(copies, {}, &Copy::new_offset);
}

// Word ranges that a loader does not fill: tables about the others, such as relocations, symbols and unwinding.
std::vector<Range> tables_in(const std::vector<Range>& words, const std::vector<LoadedWord>& loaded) {
    std::vector<Range> tables;
    for (const Range& range : words) {
        const auto is_inside = [&](const LoadedWord& word) { return word.offset - range.begin < range.size(); };
        if (std::ranges::none_of(loaded, is_inside)) tables.push_back(range);
    }
    return tables;
}

// Tables that say where the entries of other tables are (.eh_frame_hdr).
std::vector<Range> indices(const Layout& layout, const std::vector<Range>& words) {
    std::vector<Range> found;
    for (const Range& range : words)
        for (const Stretch& stretch : layout.all_stretches())
            if (stretch.offset == range.begin && stretch.writing == Writing::base_relative) found.push_back(range);
    return found;
}

std::vector<Range> without(const std::vector<Range>& ranges, const std::vector<Range>& others) {
    std::vector<Range> rest;
    for (const Range& range : ranges)
        if (std::ranges::find(others, range) == others.end()) rest.push_back(range);
    return rest;
}

// Of fillings, nothing has to come from the old image: they repeat themselves.
void drop_fillings(Copies& copies, View new_image) {
    std::erase_if(copies, [&](const Copy& copy) {
        const View made = new_image.subspan(copy.new_offset, copy.size);
        return std::ranges::adjacent_find(made, std::ranges::not_equal_to{}) == made.end();
    });
}

Copies all_copies(View old_image, View new_image, const Layout& layout, const ForEach& for_each) {
    const bool has_layout = layout.stretch_count > 0;
    const Layout own = has_layout ? layout_of(new_image, new_image) : Layout{};
    Labelled before(old_image, layout), after(new_image, own);
    const auto old_code = code_ranges(layout, before.size()), new_code = code_ranges(own, after.size());
    const auto old_words = word_ranges(layout, before.size()), new_words = word_ranges(own, after.size());
    for_each(2, [&](std::size_t i) {
        Labelled& image = i == 0 ? before : after;
        image.read();
        image.blank(i == 0 ? old_code : new_code);
    });
    Copies copies;
    match_rest(copies, before, after, outside(old_words, before.size()), outside(new_words, after.size()),
               Grain::bytes);
    if (!has_layout) {
        match_rest_by_suffixes(before.seen(), after.seen(), outside(ranges_of(copies), after.size()), copies);
        return copies;
    }

    // Again, now that it is known where most references lead.
    copies = trusted(copies);
    const auto old_loaded = loaded_words(old_image, layout.before), new_loaded = loaded_words(new_image, layout.after);
    const auto old_tables = tables_in(old_words, old_loaded), new_tables = tables_in(new_words, new_loaded);
    const auto relabel = [&](const std::vector<Range>& old_ranges, const std::vector<Range>& new_ranges) {
        const Known known(copies);
        for_each(2, [&](std::size_t i) {
            Labelled& image = i == 0 ? before : after;
            const Places* const places = i == 0 ? known.places() : nullptr;
            image.label(i == 0 ? old_ranges : new_ranges, places);
            if (&old_ranges == &old_words) image.label_loaded(i == 0 ? old_loaded : new_loaded, places);
        });
    };
    relabel(old_code, new_code);
    relabel(old_words, new_words);
    match_rest(copies, before, after, outside(old_words, before.size()), outside(new_words, after.size()),
               Grain::bytes);
    match_rest(copies, before, after, outside(old_tables, before.size()), outside(new_tables, after.size()),
               Grain::words);
    relabel(old_tables, new_tables);
    before.label_loaded(symbol_names(old_image), nullptr);
    after.label_loaded(symbol_names(new_image), nullptr);
    const auto old_indices = indices(layout, old_words), new_indices = indices(own, new_words);
    match_rest(copies, before, after, without(old_tables, old_indices), without(new_tables, new_indices), Grain::words);
    relabel(old_indices, new_indices);
    match_rest(copies, before, after, old_indices, new_indices, Grain::words);
    match_rest_by_suffixes(before.seen(), after.seen(), outside(ranges_of(copies), after.size()), copies);
    return copies;
}

}  // namespace

Copies find_copies(View old_image, View new_image, const Layout& layout, const ForEach& for_each) {
    Copies copies = all_copies(old_image, new_image, layout, for_each);
    drop_fillings(copies, new_image);
    return copies;
}

}  // namespace pitstop::delta
