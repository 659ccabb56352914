// What the Programmer sends in each step, to the byte. Blocks it builds itself, and WayIn what is said at the door.
#pragma once

#include "core/flash/programmer.h"

namespace pitstop::flash {

struct RequestParts {
    const ImageRecord& image;
    const Form& form;
    Form metadata_form;
    std::uint32_t metadata_bytes;  // unpacked
    Fingerprint fingerprint;
    bool resumable;  // the erase names the transfer
    const Transfer& transfer;
    const ResumePoint& point;
};

// Empty for steps that send nothing, or no single request.
[[nodiscard]] Bytes request_of(ProgrammerStep step, const RequestParts& parts);

}  // namespace pitstop::flash
