#include "core/doip/entity.h"

#include <algorithm>

namespace pitstop::doip {

Entity::Entity(EntitySettings settings, Targets& targets, Tick now)
    : settings_(settings),
      targets_(targets),
      active_at_(now) {}

Actions Entity::on_item(const Item& item, Tick now) {
    if (const auto* rejected = std::get_if<Rejected>(&item)) {
        Actions actions;
        const bool speaks_ours = rejected->version == version_2012 || rejected->version == version_2019;
        actions.send = header_nack(speaks_ours ? rejected->version : version_2019, rejected->code);
        actions.then = rejected->ends_connection ? Then::close : Then::keep;
        return actions;
    }
    const auto& message = std::get<Message>(item);
    version_ = message.version;  // answered in the version in which it was asked
    // Before the activation only the initial time counts: chatter must not hold a socket.
    if (source_) active_at_ = now;
    return on_message(message);
}

Actions Entity::on_message(const Message& message) {
    switch (message.type) {
        case PayloadType::routing_activation_request: return on_activation(ActivationRequest::decode(message.payload));
        case PayloadType::diagnostic_message: return on_diagnostic(Diagnostic::decode(message.payload));
        case PayloadType::alive_check_response:
            if (source_ && load_be<std::uint16_t>(message.payload.data()) == *source_) alive_due_.reset();
            return {};
        default: return {};
    }
}

// The standard's order: source, activation type, then the socket's state.
Actions Entity::on_activation(const ActivationRequest& request) {
    const bool known = request.source >= settings_.tester_min && request.source <= settings_.tester_max;
    if (!known) return answer_activation(request.source, Activation::unknown_source);
    if (request.type != ActivationType::default_ && request.type != ActivationType::regulated)
        return answer_activation(request.source, Activation::unsupported_type);
    if (source_ && *source_ != request.source)
        return answer_activation(request.source, Activation::other_source_on_this_socket);
    if (source_) return answer_activation(request.source, Activation::activated);
    registering_ = request.source;
    Actions actions;
    actions.registers = request.source;
    return actions;
}

Actions Entity::on_registered(Registration registration) {
    switch (registration) {
        case Registration::free: source_ = registering_; return answer_activation(registering_, Activation::activated);
        case Registration::active_elsewhere:
            return answer_activation(registering_, Activation::source_active_elsewhere);
        case Registration::no_socket_left: return answer_activation(registering_, Activation::no_socket_left);
    }
    return {};
}

Actions Entity::answer_activation(std::uint16_t tester, Activation code) const {
    Actions actions;
    actions.send = ActivationResponse{tester, settings_.address, code}.encode(version_);
    actions.then = code == Activation::activated ? Then::keep : Then::close;
    return actions;
}

// The acknowledgement says that the message was taken on, and goes out before the ECU can answer.
Actions Entity::on_diagnostic(const Diagnostic& message) {
    Actions actions;
    const bool from_us = source_ && *source_ == message.source;
    const Delivery code = from_us ? targets_.look_up(message.target, message.uds.size()) : Delivery::invalid_source;
    actions.send = Acknowledgement{message.target, message.source, code}.encode(version_);
    if (code == Delivery::accepted) actions.deliver = message;
    if (code == Delivery::invalid_source) actions.then = Then::close;
    return actions;
}

Packet Entity::check_alive(Tick now) {
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
