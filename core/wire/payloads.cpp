#include "core/wire/payloads.h"

#include "core/wire/payload_parts.h"

namespace pitstop::wire {
namespace {

// No program of ours gives these members yet: they carry a JSON object that was checked for form.
template <class T>
concept Opaque = requires(const T& message) { message.content; };

template <class T>
Result<Message> as_message(Result<T> read) {
    if (!read) return fail(std::move(read).error());
    return Message(*std::move(read));
}

}  // namespace

json::Object payload_of(const Message& message) {
    return std::visit(
        []<class T>(const T& what) {
            if constexpr (Opaque<T>)
                return what.content;
            else
                return to_payload(what);
        },
        message);
}

Result<Message> message_from(MessageType type, const json::Object& payload) {
    switch (type) {
        case MessageType::wakeup: return as_message(wakeup_from(payload));
        case MessageType::vci_report: return as_message(vci_report_from(payload));
        case MessageType::ota_campaign_response: return as_message(ota_campaign_response_from(payload));
        case MessageType::readiness_response: return as_message(readiness_response_from(payload));
        case MessageType::ota_status: return as_message(ota_status_from(payload));
        case MessageType::request_vci: return as_message(request_vci_from(payload));
        case MessageType::ota_campaign: return as_message(ota_campaign_from(payload));
        case MessageType::request_readiness: return as_message(request_readiness_from(payload));
        case MessageType::ota_metadata: return as_message(ota_metadata_from(payload));
        case MessageType::command_ack: return as_message(command_ack_from(payload));
        case MessageType::command: return as_message(command_from(payload));
        case MessageType::error: return as_message(error_from(payload));
        case MessageType::diagnostic_request: return Message(DiagnosticRequest{payload});
        case MessageType::diagnostic_response: return Message(DiagnosticResponse{payload});
        case MessageType::telemetry: return Message(Telemetry{payload});
    }
    std::unreachable();
}

}  // namespace pitstop::wire
