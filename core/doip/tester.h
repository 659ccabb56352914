// The tester's end of a DoIP connection: what the entity's messages mean. ISO 13400-2:2019. Pure.
//
// Faults (in NotActivated, Undelivered, Broken): doip.activation-refused, doip.entity-busy, doip.tls-required;
// doip.unknown-target, doip.unreachable, doip.message-too-large, doip.not-delivered; doip.not-doip, doip.malformed,
// doip.header-refused.
#pragma once

#include "core/base/result.h"
#include "core/doip/payloads.h"
#include "core/doip/reader.h"

#include <chrono>
#include <variant>

namespace pitstop::doip {

struct Nothing {};  // not for us
struct Activated {
    std::uint16_t entity = 0;
};
struct AwaitsConfirmation {};  // in the vehicle: the activation's end comes later, unasked
struct NotActivated {
    Error error;
};
struct Reply {
    Packet packet;  // send it: the entity asked whether we live
};
struct Delivered {
    std::uint16_t target = 0;  // the entity has taken on our message to it
};
struct Undelivered {
    std::uint16_t target = 0;
    Error error;
};
struct Said {
    std::uint16_t ecu = 0;
    View uds;  // an ECU's message for us
};
struct Broken {
    Error error;  // close the connection
};
using Heard =
    std::variant<Nothing, Activated, AwaitsConfirmation, NotActivated, Reply, Delivered, Undelivered, Said, Broken>;

// How long a tester waits: table 12.
inline constexpr std::chrono::milliseconds control_time{2000};          // A_DoIP_Ctrl: for an answer to a request
inline constexpr std::chrono::milliseconds acknowledgement_time{2000};  // A_DoIP_Diagnostic_Message

class Tester {
public:
    explicit Tester(std::uint16_t address, std::uint8_t version = version_2019,
                    ActivationType type = ActivationType::default_)
        : address_(address),
          version_(version),
          type_(type) {}

    [[nodiscard]] Packet activation_request() const;
    [[nodiscard]] DiagnosticPrefix prefix_for(std::uint16_t target, std::size_t uds_size_bytes) const;
    [[nodiscard]] Heard on_item(const Item& item) const;

private:
    [[nodiscard]] Heard on_message(const Message& message) const;

    std::uint16_t address_;
    std::uint8_t version_;
    ActivationType type_;
};

}  // namespace pitstop::doip
