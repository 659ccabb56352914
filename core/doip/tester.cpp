#include "core/doip/tester.h"

#include "core/doip/faults.h"

#include <format>

namespace pitstop::doip {

namespace {

Error to_error(Activation code) {
    const auto detail = std::format("{} (0x{:02X})", to_string(code), static_cast<unsigned>(code));
    if (code == Activation::tls_required) return Error(faults::tls_required, detail);
    const bool passes = code == Activation::no_socket_left || code == Activation::source_active_elsewhere;
    return Error(passes ? faults::entity_busy : faults::activation_refused, detail);
}

Error to_error(const Acknowledgement& nack) {
    const auto detail =
        std::format("ECU 0x{:04X}: {} (0x{:02X})", nack.source, to_string(nack.code), static_cast<unsigned>(nack.code));
    switch (nack.code) {
        case Delivery::unknown_target:
        case Delivery::unknown_network: return Error(faults::unknown_target, detail);
        case Delivery::message_too_large: return Error(faults::message_too_large, detail);
        case Delivery::target_unreachable: return Error(faults::unreachable, detail);
        default: return Error(faults::not_delivered, detail);
    }
}

}  // namespace

Packet Tester::activation_request() const { return ActivationRequest{address_, type_}.encode(version_); }

DiagnosticPrefix Tester::prefix_for(std::uint16_t target, std::size_t uds_size_bytes) const {
    return diagnostic_prefix(version_, address_, target, uds_size_bytes);
}

Heard Tester::on_item(const Item& item) const {
    if (const auto* message = std::get_if<Message>(&item)) return on_message(*message);
    const auto& rejected = std::get<Rejected>(item);
    if (rejected.code == HeaderNack::incorrect_pattern) return Broken{Error(faults::not_doip, "no DoIP header")};
    // What we do not understand or cannot hold is passed over; the exchange that waits for it will say so.
    if (!rejected.ends_connection) return Nothing{};
    return Broken{Error(faults::malformed, to_string(rejected.code))};
}

Heard Tester::on_message(const Message& message) const {
    switch (message.type) {
        case PayloadType::routing_activation_response: {
            const auto response = ActivationResponse::decode(message.payload);
            if (response.tester != address_) return Nothing{};
            if (response.code == Activation::confirmation_required) return AwaitsConfirmation{};
            if (response.code != Activation::activated) return NotActivated{to_error(response.code)};
            return Activated{response.entity};
        }
        case PayloadType::alive_check_request: return Reply{alive_check_response(version_, address_)};
        case PayloadType::diagnostic_message: {
            const auto diagnostic = Diagnostic::decode(message.payload);
            if (diagnostic.target != address_) return Nothing{};
            return Said{diagnostic.source, diagnostic.uds};
        }
        case PayloadType::diagnostic_ack: {
            const auto ack = Acknowledgement::decode(message.payload);
            if (ack.target != address_) return Nothing{};
            return Delivered{ack.source};
        }
        case PayloadType::diagnostic_nack: {
            const auto nack = Acknowledgement::decode(message.payload);
            if (nack.target != address_) return Nothing{};
            return Undelivered{nack.source, to_error(nack)};
        }
        case PayloadType::header_nack:
            return Broken{Error(faults::header_refused, to_string(static_cast<HeaderNack>(message.payload[0])))};
        default: return Nothing{};
    }
}

}  // namespace pitstop::doip
