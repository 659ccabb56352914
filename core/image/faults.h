// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::image::faults {

inline constexpr Fault empty{"image.empty", Remedy::refuse, "A firmware image has no bytes.",
                             "Check the path and the build that should have written the file."};
inline constexpr Fault too_large{"image.too-large", Remedy::refuse,
                                 "A firmware image is larger than a package record may be.",
                                 "Images of up to 1 GiB are taken; split the software or remove debugging sections."};
inline constexpr Fault broken_elf{"image.broken-elf", Remedy::refuse,
                                  "A file begins like an ELF program but is not one.",
                                  "The file was cut off or overwritten: build it again."};
inline constexpr Fault broken_records{"image.broken-records", Remedy::refuse,
                                      "A file of Intel HEX or S-records has a line that is none.",
                                      "The detail names the line; the file was cut off or edited: build it again."};
inline constexpr Fault wrong_checksum{"image.wrong-checksum", Remedy::refuse,
                                      "A line of an Intel HEX or S-record file has the wrong checksum.",
                                      "The line was changed after it was written: build the file again."};
inline constexpr Fault no_segments{"image.no-segments", Remedy::refuse,
                                   "A file describes no bytes that belong into memory.",
                                   "Hand in a linked program, not an object file or an empty one."};
inline constexpr Fault overlap{"image.overlap", Remedy::refuse, "A file gives two contents for one address.",
                               "Two programs were put into one file, or one twice: look at how it was made."};
inline constexpr Fault address_overflow{"image.address-overflow", Remedy::refuse,
                                        "A piece of an image goes beyond the last address there is.",
                                        "Look at the linker's script: an address is wrong."};
inline constexpr Fault too_many_segments{"image.too-many-segments", Remedy::refuse,
                                         "A file is made of more separate pieces than any linker writes.",
                                         "Write it again in ascending order, with the linker's or programmer's tool."};
inline constexpr Fault too_scattered{
    "image.too-scattered", Remedy::refuse, "The pieces of an image lie too far apart to become one.",
    "More than 64 MiB from first to last address: hand in one file per memory, or let an ELF file travel as it is "
    "(layout: file)."};
inline constexpr Fault not_segmented{"image.not-segmented", Remedy::refuse,
                                     "A raw file has no addresses that it could be laid out by.",
                                     "Leave the layout away, or hand in ELF, Intel HEX or S-records."};

}  // namespace pitstop::image::faults
