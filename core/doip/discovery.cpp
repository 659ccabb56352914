#include "core/doip/discovery.h"

#include <algorithm>

namespace pitstop::doip {

namespace {

// A datagram holds one whole message; what disagrees with its own header has an invalid length.
std::expected<Message, RefusedHeader> read_datagram(View datagram, Listener listener) {
    const Limits limits{listener, data_size_bytes_max, data_size_bytes_max + header_size_bytes};
    auto header = decode(datagram.first<header_size_bytes>(), limits);
    if (!header) return std::unexpected(header.error());
    if (header->size_bytes != datagram.size() - header_size_bytes)
        return std::unexpected(RefusedHeader{HeaderNack::invalid_payload_length, 0});
    return Message{header->version, header->type, datagram.subspan(header_size_bytes)};
}

bool is_answer(View datagram) {
    const auto type = static_cast<PayloadType>(load_be<std::uint16_t>(&datagram[2]));
    return type == PayloadType::header_nack || type == PayloadType::vehicle_announcement ||
           type == PayloadType::entity_status_response || type == PayloadType::power_mode_response;
}

}  // namespace

std::optional<Packet> answer_datagram(View datagram, const DiscoveryState& state) {
    if (datagram.size() < header_size_bytes || is_answer(datagram)) return std::nullopt;
    const auto message = read_datagram(datagram, Listener::entity_udp);
    const std::uint8_t version = version_to_answer(datagram[0]);
    if (!message) return header_nack(version, message.error().code);
    const auto announce = [&] { return announcement(state, version); };
    switch (message->type) {
        case PayloadType::identification_request: return announce();
        case PayloadType::identification_request_eid:
            if (!std::ranges::equal(message->payload, state.identity.eid)) return std::nullopt;
            return announce();
        case PayloadType::identification_request_vin:
            if (!std::ranges::equal(text_of(message->payload), state.identity.vin)) return std::nullopt;
            return announce();
        case PayloadType::entity_status_request: return state.status.encode(version);
        case PayloadType::power_mode_request: return power_mode_response(version, state.power_mode);
        default: return std::nullopt;
    }
}

Packet announcement(const DiscoveryState& state, std::uint8_t version) {
    return Announcement{state.identity, state.further_action, state.synchronisation}.encode(version);
}

Packet identification_request(std::uint8_t version) { return {version, PayloadType::identification_request, {}}; }

Packet identification_request(const std::array<std::uint8_t, 6>& eid) {
    return {version_any, PayloadType::identification_request_eid, eid};
}

Packet identification_request(const std::array<char, 17>& vin) {
    return {version_any, PayloadType::identification_request_vin, view_of({vin.data(), vin.size()})};
}

Packet status_request(std::uint8_t version) { return {version, PayloadType::entity_status_request, {}}; }

Packet power_mode_request(std::uint8_t version) { return {version, PayloadType::power_mode_request, {}}; }

std::optional<UdpAnswer> read_answer(View datagram) {
    if (datagram.size() < header_size_bytes) return std::nullopt;
    const auto message = read_datagram(datagram, Listener::tester_udp);
    if (!message) return std::nullopt;
    switch (message->type) {
        case PayloadType::vehicle_announcement: return Announcement::decode(message->payload);
        case PayloadType::entity_status_response: return Status::decode(message->payload);
        case PayloadType::power_mode_response: return static_cast<PowerMode>(message->payload[0]);
        case PayloadType::header_nack: return static_cast<HeaderNack>(message->payload[0]);
        default: return std::nullopt;
    }
}

std::optional<Announcement> read_announcement(View datagram) {
    const auto answer = read_answer(datagram);
    const auto* announced = answer ? std::get_if<Announcement>(&*answer) : nullptr;
    return announced ? std::optional(*announced) : std::nullopt;
}

}  // namespace pitstop::doip
