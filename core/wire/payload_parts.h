// One pair of functions a message type; payloads.cpp puts them into one table.
#pragma once

#include "core/wire/messages.h"

namespace pitstop::wire {

[[nodiscard]] json::Object to_payload(const Wakeup& message);
[[nodiscard]] json::Object to_payload(const VciReport& message);
[[nodiscard]] json::Object to_payload(const OtaCampaignResponse& message);
[[nodiscard]] json::Object to_payload(const ReadinessResponse& message);
[[nodiscard]] json::Object to_payload(const OtaStatus& message);
[[nodiscard]] json::Object to_payload(const RequestVci& message);
[[nodiscard]] json::Object to_payload(const OtaCampaign& message);
[[nodiscard]] json::Object to_payload(const RequestReadiness& message);
[[nodiscard]] json::Object to_payload(const OtaMetadata& message);
[[nodiscard]] json::Object to_payload(const CommandAck& message);
[[nodiscard]] json::Object to_payload(const Command& message);
[[nodiscard]] json::Object to_payload(const ErrorMessage& message);

[[nodiscard]] Result<Wakeup> wakeup_from(const json::Object& from);
[[nodiscard]] Result<VciReport> vci_report_from(const json::Object& from);
[[nodiscard]] Result<OtaCampaignResponse> ota_campaign_response_from(const json::Object& from);
[[nodiscard]] Result<ReadinessResponse> readiness_response_from(const json::Object& from);
[[nodiscard]] Result<OtaStatus> ota_status_from(const json::Object& from);
[[nodiscard]] Result<RequestVci> request_vci_from(const json::Object& from);
[[nodiscard]] Result<OtaCampaign> ota_campaign_from(const json::Object& from);
[[nodiscard]] Result<RequestReadiness> request_readiness_from(const json::Object& from);
[[nodiscard]] Result<OtaMetadata> ota_metadata_from(const json::Object& from);
[[nodiscard]] Result<CommandAck> command_ack_from(const json::Object& from);
[[nodiscard]] Result<Command> command_from(const json::Object& from);
[[nodiscard]] Result<ErrorMessage> error_from(const json::Object& from);

}  // namespace pitstop::wire
