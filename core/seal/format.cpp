#include "core/seal/format.h"

#include "core/seal/faults.h"

#include <algorithm>

namespace pitstop::seal {
namespace {

constexpr std::array<std::uint8_t, 4> envelopes_magic{'P', 'S', 'E', 'N'}, header_magic{'P', 'S', 'E', 'H'};
constexpr std::uint8_t version = 1;
constexpr std::uint8_t suite_x_wing_aes_256_gcm = 1;

// Offsets in the header.
constexpr std::size_t version_at = 4, suite_at = 5, log2_at = 6, campaign_size_at = 7, ecu_at = 8, zeros_at = 10,
                      payload_size_at = 16, salt_at = 24, campaign_at = 56, commitment_at = committed_size_bytes;
static_assert(campaign_at + campaign_size_max == commitment_at);
static_assert(commitment_at + sizeof(Commitment) == header_size_bytes);

constexpr std::string_view envelope_label = "pitstop-sealed-1 envelope";

bool begins_with(View bytes, const std::array<std::uint8_t, 4>& magic) {
    return std::equal(magic.begin(), magic.end(), bytes.begin());
}

bool all_zero(View bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

// As CampaignId: letters, digits, '.', '_', '-', not starting with '.'.
bool is_name(std::string_view text) {
    const auto may_stand = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    return !text.empty() && text.front() != '.' && std::ranges::all_of(text, may_stand);
}

Result<void> check_campaign(View bytes) {
    const std::size_t size = bytes[campaign_size_at];
    const View padded = bytes.subspan(campaign_at, campaign_size_max);
    if (size > campaign_size_max || !is_name(text_of(padded.first(size))) || !all_zero(padded.subspan(size)))
        return fail(faults::bad_header, "the campaign's id");
    return {};
}

}  // namespace

EnvelopesHead envelopes_head(std::uint16_t recipients) {
    EnvelopesHead head{};
    std::ranges::copy(envelopes_magic, head.begin());
    head[4] = version;
    store_be(&head[6], recipients);
    return head;
}

Result<std::uint16_t> recipients_in(View head) {
    if (head.size() != envelopes_head_size_bytes) return fail(faults::truncated, "inside the head of the envelopes");
    if (!begins_with(head, envelopes_magic) || head[4] != version || head[5] != 0)
        return fail(faults::not_this_version, "the envelopes");
    const auto recipients = load_be<std::uint16_t>(&head[6]);
    if (recipients > recipients_max) return fail(faults::bad_header, "more than 256 envelopes");
    return recipients;
}

HeaderBytes encode(const Header& header) {
    HeaderBytes bytes{};
    std::ranges::copy(header_magic, bytes.begin());
    bytes[version_at] = version;
    bytes[suite_at] = suite_x_wing_aes_256_gcm;
    bytes[log2_at] = header.chunk_log2;
    bytes[campaign_size_at] = static_cast<std::uint8_t>(header.campaign.view().size());
    store_be(&bytes[ecu_at], header.ecu_address);
    store_be(&bytes[payload_size_at], header.payload_size_bytes);
    std::ranges::copy(header.salt, &bytes[salt_at]);
    std::ranges::copy(header.campaign.view(), &bytes[campaign_at]);
    std::ranges::copy(header.commitment, &bytes[commitment_at]);
    return bytes;
}

Result<Header> decode(View bytes) {
    if (bytes.size() != header_size_bytes) return fail(faults::truncated, "inside the header");
    if (!begins_with(bytes, header_magic) || bytes[version_at] != version ||
        bytes[suite_at] != suite_x_wing_aes_256_gcm)
        return fail(faults::not_this_version, "the header");
    if (bytes[log2_at] < chunk_log2_min || bytes[log2_at] > chunk_log2_max)
        return fail(faults::bad_header, "the size of the chunks");
    if (!all_zero(bytes.subspan(zeros_at, payload_size_at - zeros_at)))
        return fail(faults::bad_header, "bytes that must be zero");
    ENSURE(check_campaign(bytes));
    Header header{.chunk_log2 = bytes[log2_at],
                  .ecu_address = load_be<std::uint16_t>(&bytes[ecu_at]),
                  .payload_size_bytes = load_be<std::uint64_t>(&bytes[payload_size_at]),
                  .campaign = Text<campaign_size_max>(text_of(bytes.subspan(campaign_at, bytes[campaign_size_at])))};
    if (header.payload_size_bytes > payload_size_bytes_max) return fail(faults::bad_header, "larger than 64 GiB");
    std::copy_n(&bytes[salt_at], header.salt.size(), header.salt.begin());
    std::copy_n(&bytes[commitment_at], header.commitment.size(), header.commitment.begin());
    return header;
}

std::uint32_t chunks_of(const Header& header) {
    const std::uint64_t whole = header.payload_size_bytes >> header.chunk_log2;
    const bool has_rest = header.payload_size_bytes % header.chunk_size_bytes() != 0;
    return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(whole + (has_rest ? 1 : 0)));
}

std::size_t payload_bytes_in(const Header& header, std::uint32_t chunk) {
    const std::uint64_t before = static_cast<std::uint64_t>(chunk) << header.chunk_log2;
    if (before >= header.payload_size_bytes) return 0;
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(header.chunk_size_bytes(), header.payload_size_bytes - before));
}

std::uint64_t chunk_offset_bytes(const Header& header, std::uint32_t chunk) {
    return header_size_bytes + static_cast<std::uint64_t>(chunk) * (header.chunk_size_bytes() + tag_size_bytes);
}

std::uint64_t content_size_bytes(const Header& header) {
    return header_size_bytes + header.payload_size_bytes +
           static_cast<std::uint64_t>(chunks_of(header)) * tag_size_bytes;
}

Result<std::uint64_t> content_size_bytes(std::uint64_t payload_size_bytes, std::size_t chunk_size_bytes) {
    TRY(const std::uint8_t log2, chunk_log2_of(chunk_size_bytes));
    if (payload_size_bytes > payload_size_bytes_max)
        return fail(faults::impossible_options, "a payload of more than 64 GiB");
    Header header;
    header.chunk_log2 = log2;
    header.payload_size_bytes = payload_size_bytes;
    return content_size_bytes(header);
}

Result<std::uint8_t> chunk_log2_of(std::size_t chunk_size_bytes) {
    for (std::uint8_t log2 = chunk_log2_min; log2 <= chunk_log2_max; ++log2)
        if (chunk_size_bytes == std::size_t{1} << log2) return log2;
    return fail(faults::impossible_options, "chunks have 4 KiB to 1 MiB, a power of two");
}

Nonce nonce_of(const NoncePrefix& prefix, std::uint32_t chunk, bool is_last) {
    Nonce nonce{};
    std::ranges::copy(prefix, nonce.begin());
    store_be(&nonce[nonce_prefix_size_bytes], chunk);
    nonce[11] = is_last ? 1 : 0;
    return nonce;
}

EnvelopeInfo envelope_info(std::string_view campaign, std::uint16_t recipient_address) {
    EnvelopeInfo info;
    auto at = std::ranges::copy(envelope_label, info.bytes.begin()).out;
    *at++ = static_cast<std::uint8_t>(campaign.size());
    at = std::ranges::copy(campaign.substr(0, campaign_size_max), at).out;
    store_be(&*at, recipient_address);
    info.size = static_cast<std::size_t>(at - info.bytes.begin()) + 2;
    return info;
}

}  // namespace pitstop::seal
