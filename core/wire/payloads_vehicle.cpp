// What vehicles say.
#include "core/wire/payload_parts.h"

#include "core/vehicle/limits.h"
#include "core/wire/faults.h"

#include <format>

namespace pitstop::wire {
namespace {

constexpr std::array<std::string_view, 3> answer_names = {"accept", "decline", "later"};
constexpr std::uint64_t retry_after_s_max = 30u * 24 * 3600;  // a month
constexpr std::size_t tls_name_size_max = 64;                 // IANA's longest are about 50

Result<campaign::Answer> answer_from(std::string_view text) {
    for (std::size_t i = 0; i < answer_names.size(); ++i)
        if (answer_names[i] == text) return static_cast<campaign::Answer>(i);
    return fail(faults::bad_payload, std::format("there is no answer '{:.40}'", text));
}

json::Value to_json(const std::optional<Channel>& channel) {
    if (!channel) return nullptr;
    return json::Object{{"group", channel->group}, {"signature", channel->signature}, {"cipher", channel->cipher}};
}

Result<std::optional<Channel>> channel_from(const json::Object& from, std::string_view name) {
    if (!json::has(from, name)) return std::nullopt;
    TRY(const json::Object* object, json::object(from, name));
    Channel channel;
    TRY(channel.group, vehicle::text(*object, "group", tls_name_size_max));
    TRY(channel.signature, vehicle::text(*object, "signature", tls_name_size_max));
    TRY(channel.cipher, vehicle::text(*object, "cipher", tls_name_size_max));
    return channel;
}

}  // namespace

json::Object to_payload(const Wakeup& message) {
    return {{"boot_id", message.boot_id},
            {"boot_seq", message.boot_seq},
            {"gateway_version", message.gateway_version},
            {"channels", json::Object{{"mqtt", to_json(message.mqtt)}, {"https", to_json(message.https)}}}};
}

Result<Wakeup> wakeup_from(const json::Object& from) {
    Wakeup message;
    TRY(message.boot_id, vehicle::text(from, "boot_id", vehicle::identifier_size_max));
    TRY(message.boot_seq, json::number(from, "boot_seq", UINT64_MAX));
    TRY(message.gateway_version, vehicle::optional_text(from, "gateway_version", vehicle::identifier_size_max));
    if (!json::has(from, "channels")) return message;
    TRY(const json::Object* channels, json::object(from, "channels"));
    TRY(message.mqtt, channel_from(*channels, "mqtt"));
    TRY(message.https, channel_from(*channels, "https"));
    return message;
}

json::Object to_payload(const VciReport& message) { return vehicle::to_json(message.inventory); }

Result<VciReport> vci_report_from(const json::Object& from) {
    TRY(vehicle::Inventory inventory, vehicle::inventory_from_json(from));
    return VciReport{std::move(inventory)};
}

json::Object to_payload(const OtaCampaignResponse& message) {
    return {{"campaign_id", message.campaign.view()},
            {"answer", answer_names[static_cast<std::size_t>(message.answer)]},
            {"retry_after_s", message.retry_after_s}};
}

Result<OtaCampaignResponse> ota_campaign_response_from(const json::Object& from) {
    TRY(const CampaignId id, json::id<CampaignId>(from, "campaign_id"));
    TRY(const std::string name, json::string(from, "answer"));
    TRY(const campaign::Answer answer, answer_from(name));
    std::uint64_t retry_after_s = 0;
    if (answer == campaign::Answer::later) {
        TRY(retry_after_s, json::number(from, "retry_after_s", retry_after_s_max));
    }
    return OtaCampaignResponse{id, answer, static_cast<std::uint32_t>(retry_after_s)};
}

json::Object to_payload(const ReadinessResponse& message) {
    json::Object payload = vehicle::to_json(message.readiness);
    payload["campaign_id"] = message.campaign.view();
    return payload;
}

Result<ReadinessResponse> readiness_response_from(const json::Object& from) {
    TRY(const CampaignId id, json::id<CampaignId>(from, "campaign_id"));
    TRY(vehicle::Readiness readiness, vehicle::readiness_from_json(from));
    return ReadinessResponse{id, std::move(readiness)};
}

json::Object to_payload(const OtaStatus& message) {
    json::Object payload{{"campaign_id", message.campaign.view()},
                         {"sequence", message.sequence},
                         {"phase", campaign::to_string(message.phase)}};
    if (message.ecu) payload["ecu_id"] = message.ecu->str();
    if (message.percent) payload["percent"] = *message.percent;
    if (!message.code.empty()) payload["code"] = message.code;
    if (!message.detail.empty()) payload["detail"] = message.detail;
    return payload;
}

Result<OtaStatus> ota_status_from(const json::Object& from) {
    using enum campaign::Phase;
    TRY(const CampaignId id, json::id<CampaignId>(from, "campaign_id"));
    OtaStatus message{id, 0, downloading, std::nullopt, std::nullopt, {}, {}};
    TRY(message.sequence, json::number(from, "sequence", UINT64_MAX));
    TRY(const std::string phase, json::string(from, "phase"));
    TRY(message.phase, campaign::phase_from(phase));
    if (!campaign::vehicle_may_report(message.phase))
        return fail(faults::bad_payload, std::format("a vehicle cannot report the phase '{}'", phase));
    if (json::has(from, "ecu_id")) {
        TRY(message.ecu, json::id<EcuId>(from, "ecu_id"));
    }
    if (json::has(from, "percent")) {
        TRY(const std::uint64_t percent, json::number(from, "percent", 100));
        message.percent = static_cast<std::uint8_t>(percent);
    }
    TRY(message.code, vehicle::optional_text(from, "code", vehicle::identifier_size_max));
    TRY(message.detail, vehicle::optional_text(from, "detail", vehicle::sentence_size_max));
    if (message.code.empty() && (message.phase == failed || message.phase == rolled_back || message.phase == waiting))
        return fail(faults::bad_payload, std::format("'{}' needs a fault's code", phase));
    return message;
}

}  // namespace pitstop::wire
