#include "core/doip/message.h"

#include <algorithm>

namespace pitstop::doip {

namespace {

struct TypeRow {
    PayloadType type;
    std::uint32_t size_min, size_max;
    bool entity_tcp, entity_udp, tester_tcp, tester_udp;
};

constexpr bool y = true, n = false;
constexpr std::uint32_t any_size = 0xFFFFFFFF;  // the listener's own limit holds instead

// Where a field is optional, both lengths are between minimum and maximum.
constexpr TypeRow rows[] = {
    {PayloadType::header_nack, 1, 1, y, y, y, y},
    {PayloadType::identification_request, 0, 0, n, y, n, n},
    {PayloadType::identification_request_eid, 6, 6, n, y, n, n},
    {PayloadType::identification_request_vin, 17, 17, n, y, n, n},
    {PayloadType::vehicle_announcement, 32, 33, n, y, n, y},
    {PayloadType::routing_activation_request, 7, 11, y, n, n, n},
    {PayloadType::routing_activation_response, 9, 13, n, n, y, n},
    {PayloadType::alive_check_request, 0, 0, n, n, y, n},
    {PayloadType::alive_check_response, 2, 2, y, n, n, n},
    {PayloadType::entity_status_request, 0, 0, n, y, n, n},
    {PayloadType::entity_status_response, 3, 7, n, n, n, y},
    {PayloadType::power_mode_request, 0, 0, n, y, n, n},
    {PayloadType::power_mode_response, 1, 1, n, n, n, y},
    {PayloadType::diagnostic_message, 5, any_size, y, n, y, n},
    {PayloadType::diagnostic_ack, 5, any_size, n, n, y, n},
    {PayloadType::diagnostic_nack, 5, any_size, n, n, y, n},
};

bool understands(const TypeRow& row, Listener listener) {
    switch (listener) {
        case Listener::entity_tcp: return row.entity_tcp;
        case Listener::entity_udp: return row.entity_udp;
        case Listener::tester_tcp: return row.tester_tcp;
        case Listener::tester_udp: return row.tester_udp;
    }
    return false;
}

bool is_identification(PayloadType type) {
    return type == PayloadType::identification_request || type == PayloadType::identification_request_eid ||
           type == PayloadType::identification_request_vin;
}

bool is_right_pattern(std::uint8_t version, std::uint8_t inverse, PayloadType type) {
    if (static_cast<std::uint8_t>(version ^ 0xFF) != inverse) return false;
    return version == version_2012 || version == version_2019 || (version == version_any && is_identification(type));
}

bool has_allowed_size(const TypeRow& row, std::uint32_t size) {
    if (size < row.size_min || size > row.size_max) return false;
    // The optional fields come whole or not at all.
    if (row.type == PayloadType::routing_activation_request || row.type == PayloadType::routing_activation_response ||
        row.type == PayloadType::entity_status_response)
        return size == row.size_min || size == row.size_max;
    return true;
}

}  // namespace

std::string_view to_string(HeaderNack code) {
    switch (code) {
        case HeaderNack::incorrect_pattern: return "incorrect pattern";
        case HeaderNack::unknown_payload_type: return "unknown payload type";
        case HeaderNack::message_too_large: return "message too large";
        case HeaderNack::out_of_memory: return "out of memory";
        case HeaderNack::invalid_payload_length: return "invalid payload length";
    }
    return "reserved code";
}

HeaderBytes encode(const Header& header) {
    HeaderBytes bytes{header.version, static_cast<std::uint8_t>(header.version ^ 0xFF)};
    store_be(&bytes[2], static_cast<std::uint16_t>(header.type));
    store_be(&bytes[4], header.size_bytes);
    return bytes;
}

std::expected<Header, RefusedHeader> decode(std::span<const std::uint8_t, header_size_bytes> bytes,
                                            const Limits& limits) {
    const Header header{bytes[0], static_cast<PayloadType>(load_be<std::uint16_t>(&bytes[2])),
                        load_be<std::uint32_t>(&bytes[4])};
    const auto refuse = [&](HeaderNack code) { return std::unexpected(RefusedHeader{code, header.size_bytes}); };
    if (!is_right_pattern(bytes[0], bytes[1], header.type)) return refuse(HeaderNack::incorrect_pattern);
    const auto* row = std::ranges::find(rows, header.type, &TypeRow::type);
    if (row == std::end(rows) || !understands(*row, limits.listener)) return refuse(HeaderNack::unknown_payload_type);
    if (header.size_bytes > limits.payload_bytes_max) return refuse(HeaderNack::message_too_large);
    if (header.size_bytes + header_size_bytes > limits.memory_bytes) return refuse(HeaderNack::out_of_memory);
    if (!has_allowed_size(*row, header.size_bytes)) return refuse(HeaderNack::invalid_payload_length);
    return header;
}

}  // namespace pitstop::doip
