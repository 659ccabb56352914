#include "core/doip/entity.h"

#include <algorithm>

namespace pitstop::doip {

Entity::Entity(EntitySettings settings, Targets& targets, RoutingPolicy& policy, Tick now)
    : settings_(settings),
      targets_(targets),
      policy_(policy),
      active_at_(now) {}

Actions Entity::on_item(const Item& item, Tick now) {
    if (const auto* rejected = std::get_if<Rejected>(&item)) {
        Actions actions;
        actions.send = header_nack(version_to_answer(rejected->version), rejected->code);
        actions.then = rejected->ends_connection ? Then::close : Then::keep;
        return actions;
    }
    const auto& message = std::get<Message>(item);
    version_ = message.version;  // answered in the version in which it was asked
    // Before the activation only the initial time counts: chatter must not hold a socket.
    if (source_) active_at_ = now;
    return on_message(message, now);
}

Actions Entity::on_message(const Message& message, Tick now) {
    switch (message.type) {
        case PayloadType::routing_activation_request:
            return on_activation(ActivationRequest::decode(message.payload), now);
        case PayloadType::diagnostic_message: return on_diagnostic(Diagnostic::decode(message.payload));
        case PayloadType::alive_check_response:
            if (source_ && load_be<std::uint16_t>(message.payload.data()) == *source_) alive_due_.reset();
            return {};
        default: return {};
    }
}

// The standard's order: source, activation type, security of the channel, the socket's state; then judge().
Actions Entity::on_activation(const ActivationRequest& request, Tick now) {
    asked_ = request;
    const bool known = request.source >= settings_.tester_min && request.source <= settings_.tester_max;
    if (!known) return answer_activation(Activation::unknown_source);
    if (!policy_.supports(request.type)) return answer_activation(Activation::unsupported_type);
    if (settings_.plain == PlainRouting::needs_tls && security_.channel == Channel::plain)
        return answer_activation(Activation::tls_required);
    if (source_ && *source_ != request.source) return answer_activation(Activation::other_source_on_this_socket);
    if (source_) return judge();
    active_at_ = now;  // the answer may take an alive check of others
    Actions actions;
    actions.registers = request.source;
    return actions;
}

Actions Entity::on_registered(Registration registration, Tick now) {
    switch (registration) {
        case Registration::active_elsewhere: return answer_activation(Activation::source_active_elsewhere);
        case Registration::no_socket_left: return answer_activation(Activation::no_socket_left);
        case Registration::free: break;
    }
    source_ = asked_.source;
    state_ = State::registered;
    active_at_ = now;
    return judge();
}

Actions Entity::judge() {
    const Applicant applicant{asked_.source, asked_.type, security_.proof};
    if (policy_.authentication(applicant) == Authentication::missing)
        return answer_activation(Activation::authentication_missing);
    return conclude(policy_.confirmation(applicant));
}

Actions Entity::conclude(Confirmation confirmation) {
    confirming_ = confirmation == Confirmation::awaited;
    if (confirming_) return answer_activation(Activation::confirmation_required);
    if (confirmation == Confirmation::rejected) return answer_activation(Activation::confirmation_rejected);
    state_ = State::active;
    return answer_activation(Activation::activated);
}

Actions Entity::on_confirmed(Confirmation confirmation, Tick now) {
    if (!confirming_ || confirmation == Confirmation::awaited) return {};
    active_at_ = now;
    return conclude(confirmation);
}

// What keeps the socket: routed for, or registered and still missing something (table 48).
Actions Entity::answer_activation(Activation code) const {
    const bool keeps = code == Activation::activated || code == Activation::confirmation_required ||
                       code == Activation::authentication_missing;
    Actions actions;
    actions.send = ActivationResponse{asked_.source, settings_.address, code, asked_.oem}.encode(version_);
    actions.then = keeps ? Then::keep : Then::close;
    return actions;
}

// The acknowledgement says that the message was taken on, and goes out before the ECU can answer.
Actions Entity::on_diagnostic(const Diagnostic& message) {
    Actions actions;
    const bool from_us = is_active() && *source_ == message.source;
    const Delivery code = from_us ? targets_.look_up(message.target, message.uds.size()) : Delivery::invalid_source;
    const View echo = message.uds.first(std::min<std::size_t>(message.uds.size(), settings_.echo_bytes));
    actions.send = Acknowledgement{message.target, message.source, code}.encode(version_, echo);
    if (code == Delivery::accepted) actions.deliver = message;
    if (code == Delivery::invalid_source) actions.then = Then::close;
    return actions;
}

Packet Entity::check_alive(Tick now) {
    if (is_checking_alive()) return {};
    alive_due_ = now + settings_.alive_check_time;
    return alive_check_request(version_);
}

Tick Entity::deadline() const {
    const Tick inactive = active_at_ + (source_ ? settings_.general_inactivity : settings_.initial_inactivity);
    return alive_due_ ? std::min(*alive_due_, inactive) : inactive;
}

Actions Entity::on_deadline(Tick now) {
    Actions actions;
    if (now >= deadline()) actions.then = Then::close;
    return actions;
}

}  // namespace pitstop::doip
