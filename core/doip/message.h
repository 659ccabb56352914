// The generic DoIP header and the payload types: ISO 13400-2:2019 tables 16 to 19.
//
// A header is judged before anything behind it is read or stored, in the standard's order: pattern, payload type, size
// that this side takes at all, size that fits the memory lent, size that the type allows. ECU profile.
#pragma once

#include "core/base/bytes.h"

#include <array>
#include <cstdint>
#include <expected>
#include <string_view>

namespace pitstop::doip {

inline constexpr std::size_t header_size_bytes = 8;
inline constexpr std::uint8_t version_2012 = 0x02;
inline constexpr std::uint8_t version_2019 = 0x03;
inline constexpr std::uint8_t version_any = 0xFF;  // only in vehicle identification requests

// In which version to answer one that may not exist: the tester's where we speak it.
[[nodiscard]] constexpr std::uint8_t version_to_answer(std::uint8_t asked) {
    return asked == version_2012 ? version_2012 : version_2019;
}

// UDS services up to 128 KiB, four address bytes before them: twice the blocks that Pitstop uses, and a bound on what
// one connection may make us hold.
inline constexpr std::uint32_t addresses_size_bytes = 4;  // source and target before a diagnostic message
inline constexpr std::uint32_t data_size_bytes_max = 128 * 1024 + addresses_size_bytes;

enum class PayloadType : std::uint16_t {
    header_nack = 0x0000,
    identification_request = 0x0001,
    identification_request_eid = 0x0002,
    identification_request_vin = 0x0003,
    vehicle_announcement = 0x0004,
    routing_activation_request = 0x0005,
    routing_activation_response = 0x0006,
    alive_check_request = 0x0007,
    alive_check_response = 0x0008,
    entity_status_request = 0x4001,
    entity_status_response = 0x4002,
    power_mode_request = 0x4003,
    power_mode_response = 0x4004,
    diagnostic_message = 0x8001,
    diagnostic_ack = 0x8002,
    diagnostic_nack = 0x8003,
};

// Table 19. incorrect_pattern and invalid_payload_length end the connection; the others only drop the message.
enum class HeaderNack : std::uint8_t {
    incorrect_pattern = 0x00,
    unknown_payload_type = 0x01,
    message_too_large = 0x02,
    out_of_memory = 0x03,
    invalid_payload_length = 0x04,
};
[[nodiscard]] std::string_view to_string(HeaderNack code);

// Who reads: each understands other payload types (table 17).
enum class Listener : std::uint8_t { entity_tcp, entity_udp, tester_tcp, tester_udp };

struct Header {
    std::uint8_t version = version_2019;
    PayloadType type{};
    std::uint32_t size_bytes = 0;
};

struct Limits {
    Listener listener = Listener::entity_tcp;
    std::uint32_t payload_bytes_max = data_size_bytes_max;  // what this side takes at all
    std::size_t memory_bytes = 0;                           // what it has room for now, header included
};

// What a reader must know of a refused header: the code, and how many bytes to skip.
struct RefusedHeader {
    HeaderNack code{};
    std::uint32_t size_bytes = 0;
    [[nodiscard]] bool ends_connection() const {
        return code == HeaderNack::incorrect_pattern || code == HeaderNack::invalid_payload_length;
    }
};

using HeaderBytes = std::array<std::uint8_t, header_size_bytes>;
[[nodiscard]] HeaderBytes encode(const Header& header);
[[nodiscard]] std::expected<Header, RefusedHeader> decode(std::span<const std::uint8_t, header_size_bytes> bytes,
                                                          const Limits& limits);

struct Message {
    std::uint8_t version = version_2019;
    PayloadType type{};
    View payload;
};

}  // namespace pitstop::doip
