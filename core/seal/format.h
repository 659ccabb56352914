// The bytes of a sealed payload (docs/formats/sealed.md): envelopes ‖ header ‖ chunks. ECU profile: no heap, no library
// is named here. All numbers are big-endian.
//
//     envelopes   head 8 bytes, then for each recipient 1184: key hint 16, HPKE's enc ‖ ciphertext ‖ tag of the key
//     header      152 bytes
//     chunks      of 2^n bytes of the payload, each followed by its tag; the last one may be shorter
//
// Bring the first 8 bytes to learn how long the envelopes are, so that whoever is not interested skips them. Faults:
// seal.not-this-version, seal.bad-header, seal.impossible-options.
#pragma once

#include "core/base/bytes.h"
#include "core/base/text.h"

#include <array>

namespace pitstop::seal {

inline constexpr std::size_t key_size_bytes = 32;  // of content keys and AES-256
inline constexpr std::size_t tag_size_bytes = 16;

// --- envelopes ---
inline constexpr std::size_t envelopes_head_size_bytes = 8;
inline constexpr std::size_t recipients_max = 256;  // 296 KiB: every ECU of a car, and then some
inline constexpr std::size_t key_hint_size_bytes = 16;
inline constexpr std::size_t wrapped_key_size_bytes = 1120 + key_size_bytes + tag_size_bytes;
inline constexpr std::size_t envelope_size_bytes = key_hint_size_bytes + wrapped_key_size_bytes;

// The first bytes of SHA-256 of a public key: says which envelope to try, protects nothing.
using KeyHint = std::array<std::uint8_t, key_hint_size_bytes>;

using EnvelopesHead = std::array<std::uint8_t, envelopes_head_size_bytes>;
[[nodiscard]] EnvelopesHead envelopes_head(std::uint16_t recipients);
[[nodiscard]] Result<std::uint16_t> recipients_in(View head);  // bring 8 bytes
// From the payload's first byte to the header's.
[[nodiscard]] constexpr std::size_t envelopes_size_bytes(std::uint16_t recipients) {
    return envelopes_head_size_bytes + recipients * envelope_size_bytes;
}

// --- header ---
inline constexpr std::uint8_t chunk_log2_min = 12, chunk_log2_max = 20;          // 4 KiB to 1 MiB
inline constexpr std::uint64_t payload_size_bytes_max = std::uint64_t{1} << 36;  // keeps AES-GCM far from its bounds
inline constexpr std::size_t campaign_size_max = 64;                             // CampaignId's

using Salt = std::array<std::uint8_t, 32>;
using Commitment = std::array<std::uint8_t, 32>;

struct Header {
    std::uint8_t chunk_log2 = chunk_log2_min;
    std::uint16_t ecu_address = 0;         // whose image it is
    std::uint64_t payload_size_bytes = 0;  // before sealing
    Salt salt{};
    Text<campaign_size_max> campaign;
    Commitment commitment{};  // to the content key and all of the above

    [[nodiscard]] std::size_t chunk_size_bytes() const { return std::size_t{1} << chunk_log2; }
    bool operator==(const Header&) const = default;
};

inline constexpr std::size_t header_size_bytes = 152;
inline constexpr std::size_t committed_size_bytes = 120;  // of them: what the commitment covers
using HeaderBytes = std::array<std::uint8_t, header_size_bytes>;

[[nodiscard]] HeaderBytes encode(const Header& header);
[[nodiscard]] Result<Header> decode(View bytes);  // bring 152 bytes

// --- chunks ---
// At least one: of an empty payload it is a tag alone.
[[nodiscard]] std::uint32_t chunks_of(const Header& header);
[[nodiscard]] std::size_t payload_bytes_in(const Header& header, std::uint32_t chunk);  // without the tag
// Both count from the header's first byte, so that they are the same for every recipient.
[[nodiscard]] std::uint64_t chunk_offset_bytes(const Header& header, std::uint32_t chunk);
[[nodiscard]] std::uint64_t content_size_bytes(const Header& header);
// The same before there is a header. seal.impossible-options
[[nodiscard]] Result<std::uint64_t> content_size_bytes(std::uint64_t payload_size_bytes, std::size_t chunk_size_bytes);
[[nodiscard]] Result<std::uint8_t> chunk_log2_of(std::size_t chunk_size_bytes);

// STREAM's nonce: prefix ‖ number of the chunk ‖ 1 for the last one.
inline constexpr std::size_t nonce_prefix_size_bytes = 7;
using Nonce = std::array<std::uint8_t, 12>;
using NoncePrefix = std::array<std::uint8_t, nonce_prefix_size_bytes>;
[[nodiscard]] Nonce nonce_of(const NoncePrefix& prefix, std::uint32_t chunk, bool is_last);

// What HPKE is told besides the header: for whom this envelope is.
struct EnvelopeInfo {
    std::array<std::uint8_t, 25 + 1 + campaign_size_max + 2> bytes{};  // label, length, campaign, address
    std::size_t size = 0;
    [[nodiscard]] View view() const { return View(bytes).first(size); }
};
[[nodiscard]] EnvelopeInfo envelope_info(std::string_view campaign, std::uint16_t recipient_address);

}  // namespace pitstop::seal
