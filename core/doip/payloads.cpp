#include "core/doip/payloads.h"

#include <algorithm>

namespace pitstop::doip {

Packet::Packet(std::uint8_t version, PayloadType type, View payload) : size_(header_size_bytes + payload.size()) {
    static_assert(size_bytes_max >= header_size_bytes + 33);
    const auto header = doip::encode(Header{version, type, static_cast<std::uint32_t>(payload.size())});
    std::ranges::copy(header, bytes_.begin());
    std::ranges::copy(payload, bytes_.begin() + header_size_bytes);
}

Packet header_nack(std::uint8_t version, HeaderNack code) {
    const std::array<std::uint8_t, 1> payload{static_cast<std::uint8_t>(code)};
    return {version, PayloadType::header_nack, payload};
}

std::string_view to_string(Activation code) {
    switch (code) {
        case Activation::unknown_source: return "unknown source address";
        case Activation::no_socket_left: return "all sockets are in use";
        case Activation::other_source_on_this_socket: return "another source address is active on this socket";
        case Activation::source_active_elsewhere: return "the source address is active on another socket";
        case Activation::authentication_missing: return "authentication is missing";
        case Activation::confirmation_rejected: return "the confirmation was rejected";
        case Activation::unsupported_type: return "unsupported activation type";
        case Activation::tls_required: return "TLS is required";
        case Activation::activated: return "activated";
        case Activation::confirmation_required: return "activated after confirmation";
    }
    return "reserved code";
}

namespace {

OemBytes oem_at(View payload, std::size_t offset) {
    if (payload.size() < offset + 4) return std::nullopt;
    return load_be<std::uint32_t>(&payload[offset]);
}

// A payload whose last four bytes go only when there is something to say in them.
template <std::size_t size_bytes>
Packet with_oem(std::uint8_t version, PayloadType type, std::array<std::uint8_t, size_bytes>& payload, OemBytes oem) {
    if (oem) store_be(&payload[size_bytes - 4], *oem);
    return {version, type, View(payload).first(oem ? size_bytes : size_bytes - 4)};
}

}  // namespace

ActivationRequest ActivationRequest::decode(View payload) {
    return {load_be<std::uint16_t>(&payload[0]), static_cast<ActivationType>(payload[2]), oem_at(payload, 7)};
}

Packet ActivationRequest::encode(std::uint8_t version) const {
    std::array<std::uint8_t, 11> payload{};
    store_be(&payload[0], source);
    payload[2] = static_cast<std::uint8_t>(type);
    return with_oem(version, PayloadType::routing_activation_request, payload, oem);
}

ActivationResponse ActivationResponse::decode(View payload) {
    return {load_be<std::uint16_t>(&payload[0]), load_be<std::uint16_t>(&payload[2]),
            static_cast<Activation>(payload[4]), oem_at(payload, 9)};
}

Packet ActivationResponse::encode(std::uint8_t version) const {
    std::array<std::uint8_t, 13> payload{};
    store_be(&payload[0], tester);
    store_be(&payload[2], entity);
    payload[4] = static_cast<std::uint8_t>(code);
    return with_oem(version, PayloadType::routing_activation_response, payload, oem);
}

Packet alive_check_request(std::uint8_t version) { return {version, PayloadType::alive_check_request, {}}; }

Packet alive_check_response(std::uint8_t version, std::uint16_t source) {
    std::array<std::uint8_t, 2> payload{};
    store_be(payload.data(), source);
    return {version, PayloadType::alive_check_response, payload};
}

Diagnostic Diagnostic::decode(View payload) {
    return {load_be<std::uint16_t>(&payload[0]), load_be<std::uint16_t>(&payload[2]), payload.subspan(4)};
}

DiagnosticPrefix diagnostic_prefix(std::uint8_t version, std::uint16_t source, std::uint16_t target,
                                   std::size_t uds_size_bytes) {
    DiagnosticPrefix bytes{};
    const auto size = static_cast<std::uint32_t>(uds_size_bytes + 4);
    std::ranges::copy(encode(Header{version, PayloadType::diagnostic_message, size}), bytes.begin());
    store_be(&bytes[header_size_bytes], source);
    store_be(&bytes[header_size_bytes + 2], target);
    return bytes;
}

std::string_view to_string(Delivery code) {
    switch (code) {
        case Delivery::accepted: return "accepted";
        case Delivery::invalid_source: return "invalid source address";
        case Delivery::unknown_target: return "unknown target address";
        case Delivery::message_too_large: return "diagnostic message too large";
        case Delivery::out_of_memory: return "out of memory";
        case Delivery::target_unreachable: return "target unreachable";
        case Delivery::unknown_network: return "unknown network";
        case Delivery::transport_error: return "transport protocol error";
    }
    return "reserved code";
}

Acknowledgement Acknowledgement::decode(View payload) {
    return {load_be<std::uint16_t>(&payload[0]), load_be<std::uint16_t>(&payload[2]),
            static_cast<Delivery>(payload[4])};
}

Packet Acknowledgement::encode(std::uint8_t version, View previous) const {
    std::array<std::uint8_t, 5 + echo_bytes_max> payload{};
    store_be(&payload[0], source);
    store_be(&payload[2], target);
    payload[4] = static_cast<std::uint8_t>(code);
    const View echo = previous.first(std::min(previous.size(), echo_bytes_max));
    std::ranges::copy(echo, payload.begin() + 5);
    return {version, code == Delivery::accepted ? PayloadType::diagnostic_ack : PayloadType::diagnostic_nack,
            View(payload).first(5 + echo.size())};
}

Identity Identity::of(std::string_view vin, std::uint16_t address) {
    Identity identity;
    identity.vin.fill('0');
    std::copy_n(vin.begin(), std::min(vin.size(), identity.vin.size()), identity.vin.begin());
    identity.address = address;
    // Locally administered, so that it can be nobody's real MAC address.
    identity.eid = {
        0x02, 0x00, 0x00, 0x00, static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address)};
    return identity;
}

Announcement Announcement::decode(View payload) {
    Announcement announcement;
    Identity& identity = announcement.identity;
    std::copy_n(text_of(payload).begin(), identity.vin.size(), identity.vin.begin());
    identity.address = load_be<std::uint16_t>(&payload[17]);
    std::copy_n(payload.begin() + 19, 6, identity.eid.begin());
    std::copy_n(payload.begin() + 25, 6, identity.gid.begin());
    announcement.further_action = static_cast<FurtherAction>(payload[31]);
    if (payload.size() > 32) announcement.synchronisation = static_cast<Synchronisation>(payload[32]);
    return announcement;
}

Packet Announcement::encode(std::uint8_t version) const {
    std::array<std::uint8_t, 33> payload{};
    std::ranges::copy(view_of({identity.vin.data(), identity.vin.size()}), payload.begin());
    store_be(&payload[17], identity.address);
    std::ranges::copy(identity.eid, payload.begin() + 19);
    std::ranges::copy(identity.gid, payload.begin() + 25);
    payload[31] = static_cast<std::uint8_t>(further_action);
    payload[32] = static_cast<std::uint8_t>(synchronisation);
    return {version, PayloadType::vehicle_announcement, payload};
}

Status Status::decode(View payload) {
    Status status{payload[0], payload[1], payload[2], 0};
    if (payload.size() >= 7) status.data_size_bytes_max = load_be<std::uint32_t>(&payload[3]);
    return status;
}

Packet Status::encode(std::uint8_t version) const {
    std::array<std::uint8_t, 7> payload{node_type, sockets_max, sockets_open};
    store_be(&payload[3], data_size_bytes_max);
    return {version, PayloadType::entity_status_response, payload};
}

std::string_view to_string(PowerMode mode) {
    switch (mode) {
        case PowerMode::not_ready: return "not ready";
        case PowerMode::ready: return "ready";
        case PowerMode::not_supported: return "not supported";
    }
    return "reserved code";
}

Packet power_mode_response(std::uint8_t version, PowerMode mode) {
    const std::array<std::uint8_t, 1> payload{static_cast<std::uint8_t>(mode)};
    return {version, PayloadType::power_mode_response, payload};
}

}  // namespace pitstop::doip
