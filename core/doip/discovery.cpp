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
    if (!message) return header_nack(version_2019, message.error().code);
    const std::uint8_t version = message->version == version_any ? version_2019 : message->version;
    const auto announce = [&] { return Announcement{state.identity}.encode(version); };
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

std::optional<Announcement> read_announcement(View datagram) {
    if (datagram.size() < header_size_bytes) return std::nullopt;
    const auto message = read_datagram(datagram, Listener::tester_udp);
    if (!message || message->type != PayloadType::vehicle_announcement) return std::nullopt;
    return Announcement::decode(message->payload);
}

Packet identification_request(std::uint8_t version) { return {version, PayloadType::identification_request, {}}; }

}  // namespace pitstop::doip
