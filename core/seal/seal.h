// Seals an image's payload for chosen ECUs: one content key, STREAM chunks of AES-256-GCM, the key wrapped for each
// recipient by HPKE (docs/formats/sealed.md). For the desk and the server.
//
//     TRY(const auto key, ContentKey::generate());
//     TRY(auto sealer, Sealer::begin({campaign, ecu}, payload.size(), key, file));   // writes the header
//     ENSURE(sealer.push(payload)); ENSURE(sealer.finish());                         // and the chunks
//     TRY(const Bytes envelopes, wrap(key, sealer.header(), recipients, pool));      // goes in front
//
//     sealed payload = envelopes ‖ header ‖ chunks
//
// The header and the chunks are the same for every recipient; a package's signed digest covers the envelopes as well,
// but nothing here rests on that: a wrong one opens nothing. Every Sealer draws a salt of its own, so that no nonce
// comes twice even where a content key does. Faults: seal.no-recipients, too-many-recipients, impossible-options,
// wrong-size, those of crypto; whatever the next stage returns.
#pragma once

#include "core/base/for_each.h"
#include "core/base/ids.h"
#include "core/base/sink.h"
#include "core/crypto/aead_in_place.h"
#include "core/crypto/hpke.h"
#include "core/seal/derive.h"
#include "core/seal/format.h"

#include <optional>
#include <span>

namespace pitstop::seal {

// Which envelope is for this key.
[[nodiscard]] KeyHint hint_of(const crypto::xwing::PublicKey& key);

struct Recipient {
    EcuId ecu;
    crypto::xwing::PublicKey key;
};

struct Order {
    CampaignId campaign;
    EcuId ecu;                              // whose image it is
    std::uint32_t chunk_bytes = 64 * 1024;  // 64 KiB for small ECUs, 1 MiB otherwise
};

// Random, one for each image and campaign, wiped when it ends.
class ContentKey {
public:
    [[nodiscard]] static Result<ContentKey> generate();
    explicit ContentKey(const crypto::Secret<key_size_bytes>& bytes) : bytes_(bytes) {}  // for vectors
    [[nodiscard]] View view() const { return bytes_.view(); }

private:
    crypto::Secret<key_size_bytes> bytes_;
};

class Sealer final : public ByteSink {
public:
    // Writes the header to `next`, which outlives the Sealer. Of the payload exactly so many bytes must come.
    [[nodiscard]] static Result<Sealer> begin(const Order& order, std::uint64_t payload_size_bytes,
                                              const ContentKey& key, ByteSink& next);
    // With a salt of the caller's, for published vectors: one salt never serves two payloads under one key.
    [[nodiscard]] static Result<Sealer> begin_with(const Salt& salt, const Order& order,
                                                   std::uint64_t payload_size_bytes, const ContentKey& key,
                                                   ByteSink& next);

    [[nodiscard]] Result<void> push(View piece) override;  // seal.wrong-size
    [[nodiscard]] Result<void> finish() override;          // seal.wrong-size

    [[nodiscard]] const HeaderBytes& header() const { return bytes_; }

private:
    Sealer(const Header& header, const HeaderBytes& bytes, ByteSink& next)
        : header_(header),
          bytes_(bytes),
          next_(&next),
          chunk_(header.chunk_size_bytes() + tag_size_bytes) {}
    [[nodiscard]] Result<void> take(View piece);
    [[nodiscard]] Result<void> seal_chunk();

    Header header_;
    HeaderBytes bytes_;
    ByteSink* next_;
    crypto::aes_256_gcm::InPlace cipher_;
    NoncePrefix nonce_prefix_{};
    Sha256Digest header_digest_{};
    Bytes chunk_;
    std::size_t filled_ = 0;
    std::uint32_t number_ = 0;
    std::uint64_t left_bytes_ = 0;
    std::optional<Error> failed_;
};

// The section of envelopes that goes in front: the content key for each recipient, bound to this header, to its
// campaign and to the recipient's ECU id. Recipients are wrapped for at the same time where `for_each` does so.
[[nodiscard]] Result<Bytes> wrap(const ContentKey& key, const HeaderBytes& header,
                                 std::span<const Recipient> recipients, const ForEach& for_each = in_turn);

}  // namespace pitstop::seal
