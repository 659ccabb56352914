// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::seal::faults {

// at the desk
inline constexpr Fault no_recipients{"seal.no-recipients", Remedy::refuse, "A payload would be sealed for nobody.",
                                     "Name the seal key of at least one ECU."};
inline constexpr Fault too_many_recipients{
    "seal.too-many-recipients", Remedy::refuse,
    "A payload would be sealed for more ECUs than one section of envelopes holds.",
    "Make several sections for the same sealed content, 256 envelopes each."};
inline constexpr Fault impossible_options{"seal.impossible-options", Remedy::refuse,
                                          "A payload cannot be sealed or opened as asked.",
                                          "The detail names the option and what it may be."};
inline constexpr Fault wrong_size{"seal.wrong-size", Remedy::refuse,
                                  "More or fewer bytes came to be sealed than were announced.",
                                  "Announce the payload's exact size; the header carries it."};

// in the ECU
inline constexpr Fault not_this_version{"seal.not-this-version", Remedy::refuse,
                                        "Something that is no sealed payload, or one of a version or suite that this "
                                        "program does not know.",
                                        "Update the program, or seal the payload with a suite that it knows."};
inline constexpr Fault bad_header{"seal.bad-header", Remedy::distrust,
                                  "The header of a sealed payload has impossible values.",
                                  "Fetch it again from its source; if that repeats, treat the source as hostile."};
inline constexpr Fault not_for_us{"seal.not-for-us", Remedy::refuse, "A payload is sealed for other ECUs.",
                                  "Seal it for this ECU's key too; the detail says what did not fit."};
inline constexpr Fault other_campaign{"seal.other-campaign", Remedy::distrust,
                                      "A payload was sealed for another campaign.",
                                      "Somebody offers an image of another campaign: find out who."};
inline constexpr Fault wrong_key{"seal.wrong-key", Remedy::distrust,
                                 "An envelope does not open, or holds another key than the header commits to.",
                                 "The envelope or the header was altered, or the ECU's key has been replaced since."};
inline constexpr Fault damaged{
    "seal.damaged", Remedy::distrust, "A chunk of a sealed payload was altered, or does not stand in its place.",
    "Fetch it again from the last good chunk; if that repeats, treat the source as hostile."};
inline constexpr Fault truncated{"seal.truncated", Remedy::retry, "A sealed payload ends before its last chunk.",
                                 "Fetch the rest; the last chunk says that it is the last."};
inline constexpr Fault trailing_bytes{"seal.trailing-bytes", Remedy::distrust,
                                      "Bytes follow the last chunk of a sealed payload.",
                                      "Fetch it again from its source; if that repeats, treat the source as hostile."};
inline constexpr Fault chunk_too_large{"seal.chunk-too-large", Remedy::refuse,
                                       "A payload's chunks are larger than this ECU has memory for.",
                                       "Seal it in smaller chunks: 64 KiB fit every ECU."};
inline constexpr Fault workspace_too_small{"seal.workspace-too-small", Remedy::stop,
                                           "Less memory was lent than opening any sealed payload takes.",
                                           "Lend one chunk and its tag, at least 4112 bytes."};

// frames for ECUs with symmetric keys
inline constexpr Fault bad_frame{"seal.bad-frame", Remedy::distrust, "Bytes that are no protected frame.",
                                 "The detail says what is wrong; find out who sends it."};
inline constexpr Fault frame_not_authentic{"seal.frame-not-authentic", Remedy::distrust,
                                           "A frame was altered, or made with another key or for the other direction.",
                                           "Drop it; find out who sends it."};
inline constexpr Fault frame_out_of_window{"seal.frame-out-of-window", Remedy::distrust,
                                           "A frame's counter was used before, or is too far ahead.",
                                           "Drop it: somebody repeats frames, or one side lost its counter."};
inline constexpr Fault not_the_answer{"seal.not-the-answer", Remedy::distrust,
                                      "A frame answers another request than the one that was sent.",
                                      "Drop it; send the request again under a new counter."};
inline constexpr Fault counter_used_up{"seal.counter-used-up", Remedy::stop,
                                       "A key has protected as many frames as its counter can number.",
                                       "Give the ECU a new master key."};
inline constexpr Fault frame_too_long{"seal.frame-too-long", Remedy::refuse,
                                      "A message does not fit into one frame, or a frame not into the room lent.",
                                      "Cut the message into pieces of at most 4096 bytes."};

}  // namespace pitstop::seal::faults
