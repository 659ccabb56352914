// What vehicles and the server say to each other over MQTT, as values (DESIGN §7). No message is relied upon: its loss
// only delays.
//
// Each struct is one payload. Which of them travels on which topic, from whom, with which QoS, stands in
// wire/catalogue.h.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/campaign/campaign.h"
#include "core/campaign/decide.h"
#include "core/vehicle/inventory.h"
#include "core/vehicle/readiness.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pitstop::wire {

// A UUID in lower-case text (RFC 9562). The shell makes it: core has no randomness.
class MessageId {
public:
    static Result<MessageId> parse(std::string_view text);             // wire.bad-message-id
    static MessageId from_bytes(std::array<std::uint8_t, 16> random);  // sets version 4 and the variant
    static MessageId derived(View bytes);                              // version 8: the same bytes, the same id
    [[nodiscard]] std::string_view view() const { return text_.view(); }
    [[nodiscard]] std::string str() const { return text_.str(); }
    auto operator<=>(const MessageId&) const = default;

private:
    explicit MessageId(std::string_view text) : text_(text) {}
    Text<36> text_;
};

// ---- vehicle → server
// ----------------------------------------------------------------------------------------------------

// What TLS agreed on for one channel, read back from the live connection.
struct Channel {
    std::string group, signature, cipher;
    bool operator==(const Channel&) const = default;
};

// Sent at every connect. boot_id is new at each start of the gateway, boot_seq counts its starts: together they tell
// a retransmission, a reboot, a boot loop and a replay apart.
struct Wakeup {
    std::string boot_id;
    std::uint64_t boot_seq = 0;
    std::string gateway_version;
    std::optional<Channel> mqtt, https;
    bool operator==(const Wakeup&) const = default;
};

struct VciReport {
    vehicle::Inventory inventory;
    bool operator==(const VciReport&) const = default;
};

struct OtaCampaignResponse {
    CampaignId campaign;
    campaign::Answer answer = campaign::Answer::accept;
    std::uint32_t retry_after_s = 0;  // for later
    bool operator==(const OtaCampaignResponse&) const = default;
};

struct ReadinessResponse {
    CampaignId campaign;
    vehicle::Readiness readiness;
    bool operator==(const ReadinessResponse&) const = default;
};

struct OtaStatus {
    CampaignId campaign;
    std::uint64_t sequence = 0;
    campaign::Phase phase = campaign::Phase::downloading;
    std::optional<EcuId> ecu;
    std::optional<std::uint8_t> percent;
    std::string code;  // of the fault: required for failed, rolled_back and waiting
    std::string detail;
    bool operator==(const OtaStatus&) const = default;
};

// ---- server → vehicle
// ----------------------------------------------------------------------------------------------------

struct RequestVci {
    bool operator==(const RequestVci&) const = default;
};

struct OfferedEcu {
    EcuId ecu;
    Version version;
    std::uint64_t size_bytes = 0;
    bool operator==(const OfferedEcu&) const = default;
};

struct OtaCampaign {
    CampaignId campaign;
    std::string title;
    std::string release_notes;
    campaign::Priority priority = campaign::Priority::patch;
    std::vector<OfferedEcu> ecus;
    std::uint64_t download_bytes = 0;
    bool operator==(const OtaCampaign&) const = default;
};
[[nodiscard]] OtaCampaign offer_of(const campaign::Campaign& campaign, std::uint64_t download_bytes);

struct RequestReadiness {
    CampaignId campaign;
    bool operator==(const RequestReadiness&) const = default;
};

// A notification only: what may be installed follows from the Uptane files that the vehicle fetches itself.
struct OtaMetadata {
    CampaignId campaign;
    std::string package_path;  // on the server the vehicle is configured with: "/packages/{campaign}/full_package.bin"
    std::uint64_t package_bytes = 0;
    Sha256Digest metadata_sha256{};  // of campaign_metadata.json
    bool operator==(const OtaMetadata&) const = default;
};

struct CommandAck {
    MessageId acknowledged;
    bool operator==(const CommandAck&) const = default;
};

// "cancel_campaign" {campaign_id} is the one that a vehicle obeys today.
struct Command {
    std::string name;
    json::Object arguments;
    bool operator==(const Command&) const = default;
};
[[nodiscard]] Command cancel_campaign(const CampaignId& campaign);
[[nodiscard]] std::optional<CampaignId> cancelled_campaign(const Command& command);

// ---- both ways, or not yet given members of their own
// ---------------------------------------------------------------------

// The other side's message could not be accepted; sending it again will not help.
struct ErrorMessage {
    std::optional<MessageId> about;
    std::string code;
    std::string detail;
    bool operator==(const ErrorMessage&) const = default;
};

struct DiagnosticRequest {
    json::Object content;
    bool operator==(const DiagnosticRequest&) const = default;
};
struct DiagnosticResponse {
    json::Object content;
    bool operator==(const DiagnosticResponse&) const = default;
};
struct Telemetry {
    json::Object content;
    bool operator==(const Telemetry&) const = default;
};

using Message = std::variant<Wakeup, VciReport, OtaCampaignResponse, ReadinessResponse, OtaStatus, RequestVci,
                             OtaCampaign, RequestReadiness, OtaMetadata, CommandAck, Command, ErrorMessage,
                             DiagnosticRequest, DiagnosticResponse, Telemetry>;

}  // namespace pitstop::wire
