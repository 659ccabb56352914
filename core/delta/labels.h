// Images as the matcher sees them: equal code differs in its references only, so at first these are taken out of it;
// once it is known where most bytes went, every reference is a label that says what it leads to. For the desk.
#pragma once

#include "core/delta/copies.h"
#include "core/delta/places.h"
#include "core/delta/references.h"

namespace pitstop::delta {

// Stretches of code, and stretches of words. In the order of the image.
[[nodiscard]] std::vector<Range> code_ranges(const Layout& layout, std::uint32_t image_size_bytes);
[[nodiscard]] std::vector<Range> word_ranges(const Layout& layout, std::uint32_t image_size_bytes);

// What of an image of this size lies in none of these ranges, which are sorted.
[[nodiscard]] std::vector<Range> outside(const std::vector<Range>& ranges, std::uint32_t image_size_bytes);

// One image as it is seen. Old addresses are turned into those of the new image by `places`; the new image has none.
class Labelled {
public:
    Labelled(View image, const Layout& layout) : image_(image), layout_(layout) {}

    // Once, before anything else: apart from the constructor, so that two images can be read at the same time.
    void read();

    void blank(const std::vector<Range>& ranges);
    void label(const std::vector<Range>& ranges, const Places* places);
    // A word that the loader writes at `offset`: position-independent images keep the addresses apart from their
    // places.
    void label_loaded(const std::vector<LoadedWord>& words, const Places* places);

    [[nodiscard]] View seen() const { return seen_; }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(image_.size()); }

private:
    // What stands at an address: a number for a text, otherwise where it is in the new image.
    [[nodiscard]] std::uint32_t label_of(std::uint32_t address, const Places* places) const;
    template <class Change>
    void for_each_reference(const std::vector<Range>& ranges, Change change);

    View image_;
    const Layout& layout_;
    std::vector<Reference> references_;
    Bytes seen_;
};

}  // namespace pitstop::delta
