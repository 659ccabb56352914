// Seals an image's payload for chosen ECUs: one content key, STREAM chunks of AES-256-GCM, the key wrapped for each
// recipient by HPKE (docs/formats/sealed.md). For the desk and the server.
//
//     sealed payload = envelopes ‖ header ‖ chunks
//
// The header and the chunks are the same for every recipient and are named by one signed digest; envelopes may be put
// in front, left out or replaced: a wrong one opens nothing. Faults: seal.no-recipients, too-many-recipients,
// impossible-options, those of crypto.
#pragma once

#include "core/base/ids.h"
#include "core/base/sink.h"
#include "core/crypto/hpke.h"
#include "core/seal/format.h"

#include <span>

namespace pitstop::seal {

struct Recipient {
    EcuId ecu;
    crypto::xwing::PublicKey key;
};

struct Order {
    CampaignId campaign;
    EcuId ecu;                              // whose image it is
    std::uint32_t chunk_bytes = 64 * 1024;  // 64 KiB for small ECUs, 1 MiB otherwise
};

// … ContentKey (random 32 bytes, wiped), Sealer (a ByteSink that writes header and chunks to the next), wrap(content
// key,
//    header, recipients, ForEach) → envelopes.

}  // namespace pitstop::seal
