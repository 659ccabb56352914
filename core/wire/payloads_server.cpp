// What the server says, and what both say.
#include "core/wire/payload_parts.h"

#include "core/base/faults.h"
#include "core/vehicle/limits.h"
#include "core/wire/faults.h"

#include <format>

namespace pitstop::wire {
namespace {

constexpr std::size_t path_size_max = 256;  // "/packages/{64 characters}/full_package.bin" and room to grow
constexpr std::uint64_t download_bytes_max = std::uint64_t{1} << 40;

Result<OfferedEcu> offered_ecu_from(const json::Object& from) {
    TRY(const EcuId ecu, json::id<EcuId>(from, "ecu_id"));
    TRY(const Version version, json::id<Version>(from, "version"));
    TRY(const std::uint64_t size_bytes, json::number(from, "size_bytes", download_bytes_max));
    return OfferedEcu{ecu, version, size_bytes};
}

}  // namespace

json::Object to_payload(const RequestVci&) { return {}; }
Result<RequestVci> request_vci_from(const json::Object&) { return RequestVci{}; }

json::Object to_payload(const OtaCampaign& message) {
    json::Array ecus;
    for (const OfferedEcu& offered : message.ecus)
        ecus.push_back(json::Object{
            {"ecu_id", offered.ecu.str()}, {"version", offered.version.str()}, {"size_bytes", offered.size_bytes}});
    return {{"campaign_id", message.campaign.view()},
            {"title", message.title},
            {"release_notes", message.release_notes},
            {"priority", campaign::to_string(message.priority)},
            {"ecus", std::move(ecus)},
            {"download_bytes", message.download_bytes}};
}

Result<OtaCampaign> ota_campaign_from(const json::Object& from) {
    TRY(const CampaignId id, json::id<CampaignId>(from, "campaign_id"));
    OtaCampaign message{id, {}, {}, campaign::Priority::patch, {}, 0};
    TRY(message.title, vehicle::text(from, "title", campaign::Campaign::title_size_max));
    TRY(message.release_notes,
        vehicle::optional_text(from, "release_notes", campaign::Campaign::release_notes_size_max));
    TRY(const std::string priority, json::string(from, "priority"));
    TRY(message.priority, campaign::priority_from(priority));
    TRY(const json::Array* ecus, vehicle::list(from, "ecus", vehicle::ecus_max));
    for (const json::Value& item : *ecus) {
        TRY(const json::Object* object, json::as_object(item, "an entry of 'ecus'"));
        TRY(const OfferedEcu offered, offered_ecu_from(*object));
        message.ecus.push_back(offered);
    }
    TRY(message.download_bytes, json::number(from, "download_bytes", download_bytes_max));
    return message;
}

json::Object to_payload(const RequestReadiness& message) { return {{"campaign_id", message.campaign.view()}}; }

Result<RequestReadiness> request_readiness_from(const json::Object& from) {
    TRY(const CampaignId id, json::id<CampaignId>(from, "campaign_id"));
    return RequestReadiness{id};
}

json::Object to_payload(const OtaMetadata& message) {
    return {{"campaign_id", message.campaign.view()},
            {"package_path", message.package_path},
            {"package_bytes", message.package_bytes},
            {"metadata_sha256", to_hex(message.metadata_sha256)}};
}

Result<OtaMetadata> ota_metadata_from(const json::Object& from) {
    TRY(const CampaignId id, json::id<CampaignId>(from, "campaign_id"));
    OtaMetadata message{id, {}, 0, {}};
    TRY(message.package_path, vehicle::text(from, "package_path", path_size_max));
    // A path of the configured server only: whoever holds the broker must not send the vehicle elsewhere.
    if (!message.package_path.starts_with('/') || message.package_path.starts_with("//") ||
        message.package_path.find("..") != std::string::npos)
        return fail(faults::bad_payload, "'package_path' must be a path that starts with one '/' and has no '..'");
    TRY(message.package_bytes, json::number(from, "package_bytes", download_bytes_max));
    TRY(message.metadata_sha256, json::sha256(from, "metadata_sha256"));
    return message;
}

json::Object to_payload(const CommandAck& message) { return {{"acknowledged", message.acknowledged.view()}}; }

Result<CommandAck> command_ack_from(const json::Object& from) {
    TRY(const MessageId id, json::id<MessageId>(from, "acknowledged"));
    return CommandAck{id};
}

json::Object to_payload(const Command& message) {
    return {{"command", message.name}, {"arguments", message.arguments}};
}

Result<Command> command_from(const json::Object& from) {
    Command message;
    TRY(message.name, vehicle::text(from, "command", vehicle::identifier_size_max));
    if (!json::has(from, "arguments")) return message;
    TRY(const json::Object* arguments, json::object(from, "arguments"));
    message.arguments = *arguments;
    return message;
}

json::Object to_payload(const ErrorMessage& message) {
    json::Object payload{{"code", message.code}, {"detail", message.detail}};
    if (message.about) payload["about"] = message.about->view();
    return payload;
}

Result<ErrorMessage> error_from(const json::Object& from) {
    ErrorMessage message;
    if (json::has(from, "about")) {
        TRY(message.about, json::id<MessageId>(from, "about"));
    }
    TRY(message.code, vehicle::text(from, "code", vehicle::identifier_size_max));
    TRY(message.detail, vehicle::optional_text(from, "detail", vehicle::sentence_size_max));
    return message;
}

}  // namespace pitstop::wire
