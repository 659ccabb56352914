#include "core/isotp/endpoint.h"

#include "core/isotp/faults.h"

#include <algorithm>
#include <utility>

namespace pitstop::isotp {
namespace {

Result<void> check(const Settings& settings, Room storage) {
    const FrameForm& form = settings.form;
    const std::optional<FrameAddress>& functional = settings.functional;
    if (!form.address.id.is_valid() || !settings.receive.id.is_valid() || (functional && !functional->id.is_valid()))
        return fail(faults::bad_settings, "an identifier does not fit 11 or 29 bits");
    if (form.address == settings.receive || functional == settings.receive || functional == form.address)
        return fail(faults::bad_settings, "two directions use the same address");
    if (form.frame_size < classic_size_bytes_max || !is_frame_size(form.frame_size))
        return fail(faults::bad_settings, "frame size: 8, 12, 16, 20, 24, 32, 48 or 64");
    if (!form.fd && form.frame_size != classic_size_bytes_max)
        return fail(faults::bad_settings, "frame size: a classic frame has 8 bytes");
    if (!form.fd && form.brs) return fail(faults::bad_settings, "bit rate switch: only with FD");
    if (settings.sending.in_flight_max == 0) return fail(faults::bad_settings, "frames in flight: at least 1");
    if (settings.sending.message_size_max > 0xFFFF'FFFF)
        return fail(faults::bad_settings, "message size: FF_DL has 32 bits");
    if (storage.empty()) return fail(faults::bad_settings, "storage: none for a received message");
    return {};
}

}  // namespace

Result<Endpoint> Endpoint::make(const Settings& settings, Room storage) {
    ENSURE(check(settings, storage));
    return Endpoint(settings, storage);
}

Endpoint::Endpoint(const Settings& settings, Room storage)
    : receive_(settings.receive),
      functional_(settings.functional),
      transmitter_(settings.form, settings.sending),
      receiver_(settings.form, settings.receiving, storage) {}

Result<void> Endpoint::send(View message, Tick now) {
    ENSURE(transmitter_.send(message, now));
    std::ranges::replace(owners_, Owner::data, Owner::nobody);
    return {};
}

void Endpoint::cancel_send() { transmitter_.give_up(Error(faults::abandoned)); }

void Endpoint::on_frame(const CanFrame& frame, Tick now) {
    if (functional_ && functional_->is_of(frame)) return on_functional(frame);
    if (receive_.is_of(frame)) on_physical(frame, now);
}

// Its own address is its own connection: what is going on in the physical one is not touched.
void Endpoint::on_functional(const CanFrame& frame) {
    const std::optional<Pdu> pdu = read(frame, functional_->size_bytes());
    const auto* single = pdu ? std::get_if<SingleFrame>(&*pdu) : nullptr;
    if (single == nullptr) return;
    std::ranges::copy(single->payload, functional_message_.begin());
    functional_size_ = single->payload.size();
}

void Endpoint::on_physical(const CanFrame& frame, Tick now) {
    const std::optional<Pdu> pdu = read(frame, receive_.size_bytes());
    if (!pdu) return;
    if (const auto* single = std::get_if<SingleFrame>(&*pdu)) receiver_.on_single(*single);
    if (const auto* first = std::get_if<FirstFrame>(&*pdu)) receiver_.on_first(*first, now);
    if (const auto* consecutive = std::get_if<ConsecutiveFrame>(&*pdu)) receiver_.on_consecutive(*consecutive, now);
    if (const auto* control = std::get_if<FlowControl>(&*pdu)) transmitter_.on_flow_control(*control, now);
}

void Endpoint::on_confirmed(Tick now) {
    if (in_flight_ == 0) return;
    const Owner owner = owners_[oldest_];
    oldest_ = (oldest_ + 1) % in_flight_limit;
    --in_flight_;
    if (owner == Owner::data) transmitter_.on_confirmed(now);
    if (owner == Owner::control) receiver_.on_confirmed(now);
}

void Endpoint::on_time(Tick now) {
    transmitter_.on_time(now);
    receiver_.on_time(now);
}

void Endpoint::on_bus_lost() {
    transmitter_.give_up(Error(faults::bus_lost));
    receiver_.give_up(Error(faults::bus_lost));
    in_flight_ = 0;
}

std::optional<CanFrame> Endpoint::next_frame(Tick now) {
    if (in_flight_ == in_flight_limit) return std::nullopt;
    // Flow control first: the other side stands still until it has it.
    Owner owner = Owner::control;
    std::optional<CanFrame> frame = receiver_.next_frame(now);
    if (!frame) {
        owner = Owner::data;
        frame = transmitter_.next_frame(now);
    }
    if (frame) owners_[(oldest_ + in_flight_++) % in_flight_limit] = owner;
    return frame;
}

std::optional<Tick> Endpoint::deadline() const {
    const std::optional<Tick> a = transmitter_.deadline(), b = receiver_.deadline();
    if (a && b) return std::min(*a, *b);
    return a ? a : b;
}

std::optional<Event> Endpoint::next_event() {
    if (std::optional<Error> failure = receiver_.take_failure())
        return Event{Event::Kind::receive_failed, failure, {}, {}};
    if (receiver_.take_beginning()) return Event{Event::Kind::begins, std::nullopt, {}, {}};
    if (receiver_.take_arrival())
        return Event{Event::Kind::received, std::nullopt, Addressing::physical, receiver_.message()};
    if (const std::size_t size = std::exchange(functional_size_, 0); size > 0)
        return Event{Event::Kind::received, std::nullopt, Addressing::functional,
                     View(functional_message_).first(size)};
    if (SendOutcome outcome = transmitter_.take_outcome()) {
        if (*outcome) return Event{Event::Kind::sent, std::nullopt, {}, {}};
        return Event{Event::Kind::send_failed, outcome->error(), {}, {}};
    }
    return std::nullopt;
}

}  // namespace pitstop::isotp
