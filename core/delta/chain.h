// Which copies are trusted to say where things went: those that keep the order of the images, and long ones. Short ones
// out of order are often another piece of code that only looks the same. For the desk.
#pragma once

#include "core/delta/copies.h"
#include "core/delta/places.h"

namespace pitstop::delta {

inline constexpr std::uint32_t trusted_alone_bytes_min = 256;

[[nodiscard]] Copies trusted(const Copies& copies);

// The copies as places, in the order of the new image: of those that overlap in the old one the longest, none shorter
// than size_bytes_min, at most count_max.
[[nodiscard]] std::vector<Place> places_from(const Copies& copies, std::uint32_t size_bytes_min, std::size_t count_max);

}  // namespace pitstop::delta
