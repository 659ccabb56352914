// The tester's end of a DoIP connection: what the entity's messages mean. ISO 13400-2:2019. Pure.
//
// Faults (in NotActivated, Undelivered, Broken): doip.activation-refused, doip.entity-busy; doip.unknown-target,
// doip.unreachable, doip.message-too-large, doip.not-delivered; doip.not-doip, doip.malformed, doip.header-refused.
#pragma once

#include "core/base/result.h"
#include "core/doip/payloads.h"
#include "core/doip/reader.h"

#include <variant>

namespace pitstop::doip {

// An acknowledgement, or not for us.
struct Nothing {};
struct Activated {
    std::uint16_t entity = 0;
};
struct NotActivated {
    Error error;
};
struct Reply {
    Packet packet;  // send it: the entity asked whether we live
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
using Heard = std::variant<Nothing, Activated, NotActivated, Reply, Undelivered, Said, Broken>;

class Tester {
public:
    explicit Tester(std::uint16_t address, std::uint8_t version = version_2019)
        : address_(address),
          version_(version) {}

    [[nodiscard]] Packet activation_request() const;
    [[nodiscard]] DiagnosticPrefix prefix_for(std::uint16_t target, std::size_t uds_size_bytes) const;
    [[nodiscard]] Heard on_item(const Item& item) const;

private:
    [[nodiscard]] Heard on_message(const Message& message) const;

    std::uint16_t address_;
    std::uint8_t version_;
};

}  // namespace pitstop::doip
