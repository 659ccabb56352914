// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::delta::faults {

// A delta that is read
inline constexpr Fault damaged{"delta.damaged", Remedy::distrust, "A delta contradicts itself.",
                               "Fetch it again; if it stays so, make it again or send the full image."};
inline constexpr Fault truncated{"delta.truncated", Remedy::retry, "A delta ends too early.",
                                 "Fetch the rest; if the source is complete, make the delta again."};
inline constexpr Fault trailing_bytes{"delta.trailing-bytes", Remedy::distrust,
                                      "A delta goes on after the image is complete.",
                                      "Compare the file with the one that was made."};
inline constexpr Fault not_this_version{"delta.not-this-version", Remedy::refuse,
                                        "This is no delta, or one of a version that is not known here.",
                                        "Send a delta of version 1 or the full image."};
inline constexpr Fault other_base{"delta.other-base", Remedy::refuse,
                                  "The image that is there is not the one that the delta was made from.",
                                  "Send the full image, or a delta from the version that is really installed."};
inline constexpr Fault needs_more_memory{"delta.needs-more-memory", Remedy::refuse,
                                         "A delta needs more memory than this ECU lends.",
                                         "Make it again with a smaller window, or send the full image."};

// Either way
inline constexpr Fault too_large{"delta.too-large", Remedy::refuse, "An image is larger than a delta can hold.",
                                 "At most 1 GiB; check that this is an image."};

// A delta that is made
inline constexpr Fault empty{"delta.empty", Remedy::refuse, "An image without a single byte.",
                             "Name two images that are not empty."};
inline constexpr Fault impossible_options{"delta.impossible-options", Remedy::refuse,
                                          "No delta can have these options.",
                                          "Window and sector are powers of two; the detail says which limits hold."};

// In place
inline constexpr Fault wrong_mode{"delta.wrong-mode", Remedy::refuse,
                                  "A delta for one way of writing came to an ECU that writes the other way.",
                                  "Make it again with, or without, the in-place mode."};
inline constexpr Fault bank_too_small{"delta.bank-too-small", Remedy::refuse,
                                      "The bank has no room to move the old image out of the new one's way.",
                                      "Make the delta for the size that the bank has, or send the full image."};
inline constexpr Fault half_done{"delta.half-done", Remedy::refuse,
                                 "The bank is half changed by another delta, so only that one can go on.",
                                 "Bring the delta that was begun, or send the full image."};

}  // namespace pitstop::delta::faults
