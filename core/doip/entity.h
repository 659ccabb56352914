// One tester's TCP connection, as a DoIP entity sees it: routing activation, alive check and diagnostic messages of
// ISO 13400-2:2019. Pure: what was heard goes in, what to do comes out, in the order of Actions' members.
//
// Bring: the targets that this entity knows, and who may be routed. Only the shell sees the other connections: it is
// asked through Actions::registers and answers with on_registered(). ECU profile.
#pragma once

#include "core/base/time.h"
#include "core/doip/payloads.h"
#include "core/doip/reader.h"
#include "core/doip/routing_policy.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace pitstop::doip {

// Which ECUs stand behind an entity. Delivery::accepted, or why not: unknown_target, message_too_large, out_of_memory,
// target_unreachable. Asked for every message, before it is delivered.
class Targets {
public:
    virtual ~Targets() = default;
    virtual Delivery look_up(std::uint16_t target, std::size_t uds_size_bytes) = 0;
};

enum class PlainRouting : std::uint8_t { allowed, needs_tls };

struct EntitySettings {
    std::uint16_t address = 0;
    std::uint16_t tester_min = 0x0E00, tester_max = 0x0FFF;  // external test equipment, table 13
    PlainRouting plain = PlainRouting::allowed;              // needs_tls: activation over plain TCP is answered 0x07
    std::uint8_t echo_bytes = 0;  // of a diagnostic message, in its acknowledgement; at most echo_bytes_max
    std::chrono::milliseconds initial_inactivity{2000};     // T_TCP_Initial_Inactivity: until the activation
    std::chrono::milliseconds general_inactivity{300'000};  // T_TCP_General_Inactivity
    std::chrono::milliseconds alive_check_time{500};        // T_TCP_Alive_Check
};

enum class Registration : std::uint8_t { free, active_elsewhere, no_socket_left };
enum class Then : std::uint8_t { keep, close };

struct Actions {
    Packet send;
    std::optional<Diagnostic> deliver;       // to its target; views the message that was handed in
    std::optional<std::uint16_t> registers;  // find out whether this source may have the socket, then on_registered()
    Then then = Then::keep;
};

class Entity {
public:
    Entity(EntitySettings settings, Targets& targets, RoutingPolicy& policy, Tick now);

    void on_secured(Proof proof) { security_ = {Channel::tls, proof}; }  // the TLS handshake has ended well
    [[nodiscard]] Actions on_item(const Item& item, Tick now);
    [[nodiscard]] Actions on_registered(Registration registration, Tick now);
    [[nodiscard]] Actions on_confirmed(Confirmation confirmation, Tick now);  // after 0x11: given or rejected
    [[nodiscard]] Actions on_deadline(Tick now);
    [[nodiscard]] Tick deadline() const;

    // A newcomer wants our source address, or our socket: ask whether our tester still lives. Unanswered,
    // on_deadline() closes. Empty while the last question is still open.
    [[nodiscard]] Packet check_alive(Tick now);
    [[nodiscard]] bool is_checking_alive() const { return alive_due_.has_value(); }

    [[nodiscard]] std::optional<std::uint16_t> source() const { return source_; }  // once registered
    [[nodiscard]] bool is_active() const { return state_ == State::active; }       // and routed for
    [[nodiscard]] bool awaits_confirmation() const { return confirming_; }
    [[nodiscard]] std::uint8_t version() const { return version_; }  // what the tester speaks
    void on_sent(Tick now) { active_at_ = now; }

private:
    enum class State : std::uint8_t { initialised, registered, active };
    struct Security {
        Channel channel = Channel::plain;
        Proof proof = Proof::none;
    };
    Actions on_message(const Message& message, Tick now);
    Actions on_activation(const ActivationRequest& request, Tick now);
    Actions on_diagnostic(const Diagnostic& message);
    [[nodiscard]] Actions judge();
    [[nodiscard]] Actions conclude(Confirmation confirmation);
    [[nodiscard]] Actions answer_activation(Activation code) const;

    EntitySettings settings_;
    Targets& targets_;
    RoutingPolicy& policy_;
    std::uint8_t version_ = version_2019;
    State state_ = State::initialised;
    Security security_;
    ActivationRequest asked_;  // the last one
    bool confirming_ = false;
    std::optional<std::uint16_t> source_;
    Tick active_at_;
    std::optional<Tick> alive_due_;
};

}  // namespace pitstop::doip
