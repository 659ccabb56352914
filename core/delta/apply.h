// Turns the old image and a delta, as it arrives, into the new image. ECU profile: no heap, no exceptions; storage is
// lent once, at most 128 KiB in all for a delta made with the default options (workspace_bytes says exactly).
//
//     Patcher patcher(old_bank, workspace, bank_writer);     // a ByteSink
//     ENSURE(patcher.push(piece)); …  ENSURE(patcher.finish());
//
// The old image is read at random places, the new one goes to `next` in order. Nothing is passed on before the old
// image's SHA-256 was the one that the delta was made from (delta.other-base: fetch the full image instead).
//
// After a power cut: `progress()` was saved each time that it changed, the sectors behind it are erased, and a Patcher
// that begins with it takes the delta from progress().delta_offset on and passes on the new image from
// progress().image_offset on. The header (header_size_bytes from the delta's beginning) is given again first.
//
// The result is not believed because it came out of here: whoever flashes compares it with the signed digest.
// Faults: delta.damaged, truncated, trailing-bytes, other-base, needs-more-memory, not-this-version, too-large, those
// of the old image's port and of `next`.
#pragma once

#include "core/base/sink.h"
#include "core/crypto/hasher.h"

#include <cstdint>

namespace pitstop::delta {

// Port: the image that is there. Reads exactly `into.size()` bytes from `offset`; never beyond the image's size.
class OldImage {
public:
    [[nodiscard]] virtual std::uint32_t size_bytes() const = 0;
    [[nodiscard]] virtual Result<void> read(std::uint32_t offset, Room into) = 0;

protected:
    OldImage() = default;
    OldImage(const OldImage&) = default;
    OldImage& operator=(const OldImage&) = default;
    ~OldImage() = default;
};

// Where to go on: a whole number of blocks is done.
struct Progress {
    std::uint32_t delta_offset = 0;
    std::uint32_t image_offset = 0;
    bool operator==(const Progress&) const = default;
};

// … Header, decode_header(View) → Result<Header> (sizes, digests of both images, mode, window, sector),
// workspace_bytes(header), Patcher.

}  // namespace pitstop::delta
