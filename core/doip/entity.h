// One tester's TCP connection, as a DoIP entity sees it: routing activation, alive check and diagnostic messages of
// ISO 13400-2:2019. Pure: what was heard goes in, what to do comes out, in the order of Actions' members.
//
// Bring: the targets that this entity knows. A source address may be active on one connection only, and only the shell
// sees the others: it is asked through Actions::registers and answers with on_registered(). ECU
// profile.
#pragma once

#include "core/base/time.h"
#include "core/doip/payloads.h"
#include "core/doip/reader.h"

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

struct EntitySettings {
    std::uint16_t address = 0;
    std::uint16_t tester_min = 0x0E00, tester_max = 0x0FFF;  // external test equipment, table 13
    std::chrono::milliseconds initial_inactivity{2000};      // T_TCP_Initial: a connection that activates nothing
    std::chrono::milliseconds general_inactivity{300'000};   // T_TCP_General
    std::chrono::milliseconds alive_check_time{500};         // T_TCP_Alive_Check
};

enum class Registration : std::uint8_t { free, active_elsewhere, no_socket_left };
enum class Then : std::uint8_t { keep, close };

struct Actions {
    Packet send;
    std::optional<Diagnostic> deliver;       // to its target; views the message that was handed in
    std::optional<std::uint16_t> registers;  // find out whether this source is active elsewhere, then on_registered()
    Then then = Then::keep;
};

class Entity {
public:
    Entity(EntitySettings settings, Targets& targets, Tick now);

    [[nodiscard]] Actions on_item(const Item& item, Tick now);
    [[nodiscard]] Actions on_registered(Registration registration);
    [[nodiscard]] Actions on_deadline(Tick now);
    [[nodiscard]] Tick deadline() const;

    // Another connection wants our source address: ask whether our tester still lives. Unanswered, on_deadline()
    // closes.
    [[nodiscard]] Packet check_alive(Tick now);
    [[nodiscard]] bool is_checking_alive() const { return alive_due_.has_value(); }

    [[nodiscard]] std::optional<std::uint16_t> source() const { return source_; }  // once activated
    [[nodiscard]] std::uint8_t version() const { return version_; }                // what the tester speaks
    void on_sent(Tick now) { active_at_ = now; }

private:
    Actions on_message(const Message& message);
    Actions on_activation(const ActivationRequest& request);
    Actions on_diagnostic(const Diagnostic& message);
    [[nodiscard]] Actions answer_activation(std::uint16_t tester, Activation code) const;

    EntitySettings settings_;
    Targets& targets_;
    std::uint8_t version_ = version_2019;
    std::optional<std::uint16_t> source_;
    std::uint16_t registering_ = 0;
    Tick active_at_;
    std::optional<Tick> alive_due_;
};

}  // namespace pitstop::doip
