#include "core/wire/messages.h"

#include "core/crypto/digest.h"
#include "core/wire/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::wire {
namespace {

constexpr std::string_view cancel_name = "cancel_campaign";

std::string uuid_text(std::array<std::uint8_t, 16> bytes, std::uint8_t version) {
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | (version << 4));
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    std::string text = to_hex(bytes);
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
    return text;
}

}  // namespace

Result<MessageId> MessageId::parse(std::string_view text) {
    const auto fits = [text](std::size_t i) {
        if (i == 8 || i == 13 || i == 18 || i == 23) return text[i] == '-';
        return (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    };
    bool good = text.size() == 36;
    for (std::size_t i = 0; good && i < text.size(); ++i) good = fits(i);
    if (!good) return fail(faults::bad_message_id, std::format("'{:.40}'", text));
    return MessageId(text);
}

MessageId MessageId::from_bytes(std::array<std::uint8_t, 16> random) { return MessageId(uuid_text(random, 4)); }

MessageId MessageId::derived(View bytes) {
    const Sha256Digest digest = crypto::sha256(bytes);
    std::array<std::uint8_t, 16> first{};
    std::copy_n(digest.begin(), first.size(), first.begin());
    return MessageId(uuid_text(first, 8));
}

OtaCampaign offer_of(const campaign::Campaign& campaign, std::uint64_t download_bytes) {
    OtaCampaign offer{campaign.id, campaign.title, campaign.release_notes, campaign.priority, {}, download_bytes};
    for (const campaign::Target& target : campaign.targets)
        offer.ecus.push_back({target.ecu, target.version, target.size_bytes});
    return offer;
}

Command cancel_campaign(const CampaignId& campaign) {
    return {std::string(cancel_name), json::Object{{"campaign_id", campaign.view()}}};
}

std::optional<CampaignId> cancelled_campaign(const Command& command) {
    if (command.name != cancel_name) return std::nullopt;
    const auto id = json::id<CampaignId>(command.arguments, "campaign_id");
    return id ? std::optional(*id) : std::nullopt;
}

}  // namespace pitstop::wire
