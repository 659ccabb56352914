#include "core/seal/seal.h"

#include "core/crypto/digest.h"
#include "core/seal/faults.h"

#include <openssl/rand.h>

#include <algorithm>
#include <format>

namespace pitstop::seal {
namespace {

Result<void> draw(Room into) {
    if (RAND_priv_bytes(into.data(), static_cast<int>(into.size())) != 1)
        return crypto::library_failed("drawing a content key or salt");
    return {};
}

}  // namespace

KeyHint hint_of(const crypto::xwing::PublicKey& key) {
    KeyHint hint;
    std::copy_n(key.key_id().begin(), hint.size(), hint.begin());
    return hint;
}

Result<ContentKey> ContentKey::generate() {
    crypto::Secret<key_size_bytes> bytes;
    ENSURE(draw(bytes.room()));
    return ContentKey(bytes);
}

Result<Sealer> Sealer::begin(const Order& order, std::uint64_t payload_size_bytes, const ContentKey& key,
                             ByteSink& next) {
    Salt salt;
    ENSURE(draw(salt));
    return begin_with(salt, order, payload_size_bytes, key, next);
}

Result<Sealer> Sealer::begin_with(const Salt& salt, const Order& order, std::uint64_t payload_size_bytes,
                                  const ContentKey& key, ByteSink& next) {
    TRY(const std::uint8_t chunk_log2, chunk_log2_of(order.chunk_bytes));
    if (payload_size_bytes > payload_size_bytes_max)
        return fail(faults::impossible_options, std::format("a payload of {} bytes", payload_size_bytes));
    Header header{.chunk_log2 = chunk_log2,
                  .ecu_address = order.ecu.address(),
                  .payload_size_bytes = payload_size_bytes,
                  .salt = salt,
                  .campaign = Text<campaign_size_max>(order.campaign.view()),
                  .commitment = {}};
    crypto::Sha256 hasher;
    header.commitment = commitment_to(hasher, key.view(), salt, View(encode(header)).first(committed_size_bytes));
    const HeaderBytes bytes = encode(header);

    Sealer sealer(header, bytes, next);
    const PayloadKeys keys = payload_keys(hasher, key.view(), salt, bytes);
    ENSURE(sealer.cipher_.set_key(keys.key.view()));
    sealer.nonce_prefix_ = keys.nonce_prefix;
    sealer.header_digest_ = keys.header_digest;
    sealer.left_bytes_ = payload_size_bytes;
    ENSURE(next.push(bytes));
    return sealer;
}

Result<void> Sealer::push(View piece) {
    if (failed_) return fail(*failed_);
    auto taken = take(piece);
    if (!taken) failed_ = taken.error();
    return taken;
}

// The last chunk waits for finish(): only then it is known that nothing more comes.
Result<void> Sealer::take(View piece) {
    if (piece.size() > left_bytes_) return fail(faults::wrong_size, "more than announced");
    left_bytes_ -= piece.size();
    while (!piece.empty()) {
        if (filled_ == header_.chunk_size_bytes()) ENSURE(seal_chunk());
        const std::size_t size = std::min(piece.size(), header_.chunk_size_bytes() - filled_);
        std::ranges::copy(piece.first(size), chunk_.begin() + static_cast<std::ptrdiff_t>(filled_));
        filled_ += size;
        piece = piece.subspan(size);
    }
    return {};
}

Result<void> Sealer::finish() {
    if (failed_) return fail(*failed_);
    if (left_bytes_ != 0) {
        failed_ = Error(faults::wrong_size, std::format("{} bytes are missing", left_bytes_));
        return fail(*failed_);
    }
    auto finished = seal_chunk();
    if (finished) finished = next_->finish();
    failed_ = finished ? Error(faults::wrong_size, "it was finished before") : finished.error();
    return finished;
}

Result<void> Sealer::seal_chunk() {
    const bool is_last = number_ + 1 == chunks_of(header_);
    const Room whole = Room(chunk_).first(filled_ + tag_size_bytes);
    ENSURE(cipher_.seal(nonce_of(nonce_prefix_, number_, is_last), header_digest_, whole));
    ++number_;
    filled_ = 0;
    return next_->push(whole);
}

Result<Bytes> wrap(const ContentKey& key, const HeaderBytes& header, std::span<const Recipient> recipients,
                   const ForEach& for_each) {
    if (recipients.empty()) return fail(faults::no_recipients);
    if (recipients.size() > recipients_max)
        return fail(faults::too_many_recipients, std::format("{} of at most {}", recipients.size(), recipients_max));
    TRY(const Header parsed, decode(header));
    const auto count = static_cast<std::uint16_t>(recipients.size());
    Bytes section(envelopes_size_bytes(count));
    std::ranges::copy(envelopes_head(count), section.begin());
    std::vector<Result<void>> outcomes(recipients.size());
    for_each(recipients.size(), [&](std::size_t i) {
        const EnvelopeInfo info = envelope_info(parsed.campaign.view(), recipients[i].ecu.address());
        const auto wrapped = crypto::hpke::seal(recipients[i].key, info.view(), header, key.view());
        if (!wrapped) {
            outcomes[i] = fail(wrapped.error());
            return;
        }
        const auto at =
            section.begin() + static_cast<std::ptrdiff_t>(envelopes_head_size_bytes + i * envelope_size_bytes);
        std::ranges::copy(*wrapped, std::ranges::copy(hint_of(recipients[i].key), at).out);
    });
    for (const auto& outcome : outcomes) ENSURE(outcome);
    return section;
}

}  // namespace pitstop::seal
