#include "core/seal/open.h"

#include "core/seal/faults.h"

#include <algorithm>

namespace pitstop::seal {
namespace {

// The wrapped key stays at the front of the room while the header comes behind it.
constexpr std::size_t smallest_room = Unsealer::room_size_bytes(std::size_t{1} << chunk_log2_min);
static_assert(wrapped_key_size_bytes + header_size_bytes <= smallest_room);

}  // namespace

Result<void> Unsealer::push(View piece) {
    if (failed_) return fail(*failed_);
    while (!piece.empty()) {
        if (auto taken = take(piece); !taken) {
            failed_ = taken.error();
            return taken;
        }
    }
    return {};
}

Result<void> Unsealer::finish() {
    if (failed_) return fail(*failed_);
    if (stage_ != Stage::done) return fail(faults::truncated, header_ ? "inside the chunks" : "before the chunks");
    if (auto finished = next_.finish(); !finished) {
        failed_ = finished.error();
        return finished;
    }
    return {};
}

Result<void> Unsealer::continue_at(std::uint32_t chunk) {
    if (failed_) return fail(*failed_);
    if (!header_ || chunk >= chunks_of(*header_)) return fail(faults::impossible_options, "no such chunk is known");
    chunk_ = chunk;
    filled_ = 0;
    stage_ = Stage::chunks;
    return {};
}

Result<void> Unsealer::take(View& piece) {
    switch (stage_) {
        case Stage::head: return take_head(piece);
        case Stage::hint: return take_hint(piece);
        case Stage::wrapped_key: return take_wrapped_key(piece);
        case Stage::other_key: skip_other_key(piece); return {};
        case Stage::header: return take_header(piece);
        case Stage::chunks: return header_ ? take_chunk(*header_, piece) : fail(faults::bad_header);
        case Stage::done: return fail(faults::trailing_bytes);
    }
    return fail(faults::trailing_bytes);
}

// True when the room holds `size_bytes`, counted from its front.
Result<bool> Unsealer::collect(View& piece, std::size_t size_bytes) {
    if (room_.size() < smallest_room) return fail(faults::workspace_too_small);
    const std::size_t size = std::min(piece.size(), size_bytes - filled_);
    std::ranges::copy(piece.first(size), room_.subspan(filled_).begin());
    piece = piece.subspan(size);
    filled_ += size;
    return filled_ == size_bytes;
}

Result<void> Unsealer::take_head(View& piece) {
    TRY(const bool is_whole, collect(piece, envelopes_head_size_bytes));
    if (!is_whole) return {};
    TRY(envelopes_left_, recipients_in(room_.first(envelopes_head_size_bytes)));
    next_envelope();
    return {};
}

// Envelopes of others lie behind ours in the room only as long as their hint is compared.
void Unsealer::next_envelope() {
    filled_ = has_key_ ? wrapped_key_size_bytes : 0;
    stage_ = envelopes_left_ > 0 ? Stage::hint : Stage::header;
}

Result<void> Unsealer::take_hint(View& piece) {
    const std::size_t begin = has_key_ ? wrapped_key_size_bytes : 0;
    TRY(const bool is_whole, collect(piece, begin + key_hint_size_bytes));
    if (!is_whole) return {};
    --envelopes_left_;
    const bool is_ours = !has_key_ && std::ranges::equal(room_.first(key_hint_size_bytes), ports_.key.hint());
    stage_ = is_ours ? Stage::wrapped_key : Stage::other_key;
    filled_ = 0;
    return {};
}

Result<void> Unsealer::take_wrapped_key(View& piece) {
    TRY(const bool is_whole, collect(piece, wrapped_key_size_bytes));
    if (!is_whole) return {};
    has_key_ = true;
    next_envelope();
    return {};
}

void Unsealer::skip_other_key(View& piece) {
    const std::size_t size = std::min(piece.size(), wrapped_key_size_bytes - filled_);
    piece = piece.subspan(size);
    filled_ += size;
    if (filled_ == wrapped_key_size_bytes) next_envelope();
}

Result<void> Unsealer::take_header(View& piece) {
    const std::size_t begin = has_key_ ? wrapped_key_size_bytes : 0;
    TRY(const bool is_whole, collect(piece, begin + header_size_bytes));
    if (!is_whole) return {};
    HeaderBytes bytes;
    std::copy_n(room_.subspan(begin).begin(), bytes.size(), bytes.begin());
    TRY(const Header header, decode(bytes));
    ENSURE(check(header));
    ENSURE(open_key(header, bytes));
    header_ = header;
    return continue_at(0);
}

Result<void> Unsealer::check(const Header& header) const {
    if (!expected_.campaign.empty() && header.campaign.view() != expected_.campaign)
        return fail(faults::other_campaign, header.campaign.view());
    if (header.ecu_address != expected_.image_of) return fail(faults::not_for_us, "the image of another ECU");
    if (!has_key_) return fail(faults::not_for_us, "no envelope for this ECU's key");
    if (room_size_bytes(header.chunk_size_bytes()) > room_.size()) return fail(faults::chunk_too_large);
    return {};
}

Result<void> Unsealer::open_key(const Header& header, const HeaderBytes& bytes) {
    const EnvelopeInfo info = envelope_info(header.campaign.view(), expected_.recipient);
    crypto::Secret<key_size_bytes> content_key;
    if (!ports_.key.open(info.view(), bytes, room_.first(wrapped_key_size_bytes), content_key.room()))
        return fail(faults::wrong_key, "the envelope does not open");
    const Commitment commitment =
        commitment_to(ports_.hasher, content_key.view(), header.salt, View(bytes).first(committed_size_bytes));
    if (!crypto::agree(commitment, header.commitment))
        return fail(faults::wrong_key, "the header commits to another key");
    const PayloadKeys keys = payload_keys(ports_.hasher, content_key.view(), header.salt, bytes);
    if (!ports_.chunks.set_key(keys.key.view())) return fail(faults::wrong_key, "the cipher takes no key");
    nonce_prefix_ = keys.nonce_prefix;
    header_digest_ = keys.header_digest;
    return {};
}

Result<void> Unsealer::take_chunk(const Header& header, View& piece) {
    const std::size_t size = payload_bytes_in(header, chunk_) + tag_size_bytes;
    TRY(const bool is_whole, collect(piece, size));
    return is_whole ? open_chunk(header, room_.first(size)) : Result<void>{};
}

Result<void> Unsealer::open_chunk(const Header& header, Room sealed) {
    const bool is_last = chunk_ + 1 == chunks_of(header);
    if (!ports_.chunks.open(nonce_of(nonce_prefix_, chunk_, is_last), header_digest_, sealed)) {
        crypto::wipe(sealed);
        return fail(faults::damaged);
    }
    ++chunk_;
    filled_ = 0;
    if (is_last) stage_ = Stage::done;
    return next_.push(sealed.first(sealed.size() - tag_size_bytes));
}

}  // namespace pitstop::seal
