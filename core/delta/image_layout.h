// Reads where an image stands in memory: ELF files of x86-64, AArch64 and 32-bit Arm by their headers, raw images of a
// Cortex-M by their vector table; of all others nothing is known and nothing is claimed. For the desk.
//
// Nothing here is trusted: what does not fit makes a worse delta, never a wrong one.
#pragma once

#include "core/delta/copies.h"

namespace pitstop::delta {

// Both images are of one kind, or `stretches` stay empty.
[[nodiscard]] Layout layout_of(View old_image, View new_image);

// What the relocations of an ELF file of 64 bits say; `space` is this image's.
[[nodiscard]] std::vector<LoadedWord> loaded_words(View image, const AddressSpace& space);
// The offsets of its symbols' names in their table, which move whenever a name is added before them.
[[nodiscard]] std::vector<LoadedWord> symbol_names(View image);

}  // namespace pitstop::delta
