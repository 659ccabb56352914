// What stands behind the header: ISO 13400-2:2019, offsets explicit. The header's length check comes
// first (message.h), so the decoders here may trust the sizes of what they are given. ECU profile.
#pragma once

#include "core/doip/message.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pitstop::doip {

// A message that is not a diagnostic one: the longest is the vehicle announcement, 8 + 33 bytes.
class Packet {
public:
    static constexpr std::size_t size_bytes_max = 48;

    Packet() = default;
    Packet(std::uint8_t version, PayloadType type, View payload);
    [[nodiscard]] View view() const { return View(bytes_).first(size_); }
    [[nodiscard]] bool empty() const { return size_ == 0; }

private:
    std::array<std::uint8_t, size_bytes_max> bytes_{};
    std::size_t size_ = 0;
};

[[nodiscard]] Packet header_nack(std::uint8_t version, HeaderNack code);

// --- routing activation
enum class Activation : std::uint8_t {
    unknown_source = 0x00,
    no_socket_left = 0x01,
    other_source_on_this_socket = 0x02,
    source_active_elsewhere = 0x03,
    authentication_missing = 0x04,
    confirmation_rejected = 0x05,
    unsupported_type = 0x06,
    tls_required = 0x07,
    activated = 0x10,
    confirmation_required = 0x11,
};
[[nodiscard]] std::string_view to_string(Activation code);

enum class ActivationType : std::uint8_t { default_ = 0x00, regulated = 0x01, central_security = 0xE0 };

// The last four bytes of both messages are the vehicle manufacturer's, and may be missing.
using OemBytes = std::optional<std::uint32_t>;

struct ActivationRequest {
    std::uint16_t source = 0;
    ActivationType type = ActivationType::default_;
    OemBytes oem = {};

    static ActivationRequest decode(View payload);
    [[nodiscard]] Packet encode(std::uint8_t version) const;
};

struct ActivationResponse {
    std::uint16_t tester = 0, entity = 0;
    Activation code{};
    OemBytes oem = {};

    static ActivationResponse decode(View payload);
    [[nodiscard]] Packet encode(std::uint8_t version) const;
};

// --- alive check
[[nodiscard]] Packet alive_check_request(std::uint8_t version);
[[nodiscard]] Packet alive_check_response(std::uint8_t version, std::uint16_t source);

// --- diagnostic messages, tables 21 to 26
struct Diagnostic {
    std::uint16_t source = 0, target = 0;
    View uds;

    static Diagnostic decode(View payload);
};
inline constexpr std::size_t diagnostic_prefix_size_bytes = header_size_bytes + addresses_size_bytes;
using DiagnosticPrefix = std::array<std::uint8_t, diagnostic_prefix_size_bytes>;
// What stands before `uds_size_bytes` of UDS: sent together, so that large blocks are not copied.
[[nodiscard]] DiagnosticPrefix diagnostic_prefix(std::uint8_t version, std::uint16_t source, std::uint16_t target,
                                                 std::size_t uds_size_bytes);

enum class Delivery : std::uint8_t {  // the code of acknowledgement (0) and negative acknowledgement (the rest)
    accepted = 0x00,
    invalid_source = 0x02,
    unknown_target = 0x03,
    message_too_large = 0x04,
    out_of_memory = 0x05,
    target_unreachable = 0x06,
    unknown_network = 0x07,
    transport_error = 0x08,
};
[[nodiscard]] std::string_view to_string(Delivery code);

struct Acknowledgement {
    std::uint16_t source = 0, target = 0;  // source: the ECU for which the entity speaks; target: the tester
    Delivery code{};

    static Acknowledgement decode(View payload);
    // Positive or negative by its code. `previous`: the beginning of what is acknowledged, at most echo_bytes_max.
    [[nodiscard]] Packet encode(std::uint8_t version, View previous = {}) const;
    static constexpr std::size_t echo_bytes_max = Packet::size_bytes_max - header_size_bytes - 5;
};

// --- identification and status, tables 2 to 11
struct Identity {
    std::array<char, 17> vin{};
    std::uint16_t address = 0;
    std::array<std::uint8_t, 6> eid{}, gid{};

    static Identity of(std::string_view vin,
                       std::uint16_t address);  // a shorter id is padded with '0'; EID from the address
};
enum class FurtherAction : std::uint8_t { none = 0x00, central_security = 0x10 };  // table 6
enum class Synchronisation : std::uint8_t { complete = 0x00, incomplete = 0x10 };  // table 7: of VIN and GID

struct Announcement {
    Identity identity;
    FurtherAction further_action = FurtherAction::none;
    Synchronisation synchronisation = Synchronisation::complete;

    static Announcement decode(View payload);
    [[nodiscard]] Packet encode(std::uint8_t version) const;
};

struct Status {
    std::uint8_t node_type = 0x00;  // 0 gateway, 1 node
    std::uint8_t sockets_max = 0, sockets_open = 0;
    std::uint32_t data_size_bytes_max = 0;

    static Status decode(View payload);
    [[nodiscard]] Packet encode(std::uint8_t version) const;
};

enum class PowerMode : std::uint8_t { not_ready = 0x00, ready = 0x01, not_supported = 0x02 };
[[nodiscard]] std::string_view to_string(PowerMode mode);
[[nodiscard]] Packet power_mode_response(std::uint8_t version, PowerMode mode);

}  // namespace pitstop::doip
