// Opens a sealed payload as it arrives (docs/formats/sealed.md). ECU profile: no heap of its own; one chunk's storage
// is lent; the cryptography stands behind the port below.
//
// A chunk is passed on only when its tag was right, and only in order; the last one says that it is the last. So
// swapped, dropped, repeated, reordered, truncated chunks, a changed header and another campaign's key end here before
// one of their bytes goes on. Range resume: an Unsealer may begin at any chunk.
// Faults: seal.not-for-us, wrong-key, damaged, truncated, trailing-bytes, not-this-version, chunk-too-large,
// other-campaign, workspace-too-small.
#pragma once

#include "core/base/sink.h"
#include "core/seal/format.h"

namespace pitstop::seal {

// … port KeyOpener (the ECU's X-Wing key: envelope → content key), port ChunkOpener (AES-256-GCM in place), Unsealer.

}  // namespace pitstop::seal
