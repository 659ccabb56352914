// core/doip: an entity and what a tester's connection may say to it. Input: how registrations and confirmations end and
// whether there is TLS, and how large the cuts are (one byte each), then the stream.
#include "core/doip/entity.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

constexpr std::uint16_t our_address = 0x0091, known_ecu = 0x0011, silent_ecu = 0x0012;

class Targets final : public doip::Targets {
public:
    doip::Delivery look_up(std::uint16_t target, std::size_t uds_size_bytes) override {
        must(uds_size_bytes >= 1, "a diagnostic message says something");
        if (target == silent_ecu) return doip::Delivery::target_unreachable;
        if (target != known_ecu && target != our_address) return doip::Delivery::unknown_target;
        return uds_size_bytes > 64 ? doip::Delivery::message_too_large : doip::Delivery::accepted;
    }
};

// What an entity sends must be what a tester's reader takes.
void check_answer(const doip::Packet& packet) {
    if (packet.empty()) return;
    Bytes storage(64);
    doip::Reader reader(storage, doip::Listener::tester_tcp);
    const Room room = reader.prepare();
    std::ranges::copy(packet.view(), room.begin());
    reader.commit(packet.view().size());
    const auto item = reader.next();
    must(item && std::holds_alternative<doip::Message>(*item), "an answer is a message that a tester understands");
    must(std::get<doip::Message>(*item).payload.size() + doip::header_size_bytes == packet.view().size(),
         "one and no more");
}

class Connection {
public:
    explicit Connection(std::uint8_t chances) : chances_(chances), secured_(chances & 0x20) {
        rules_.support(doip::ActivationType::central_security);
        rules_.authenticate(doip::ActivationType::central_security);
        rules_.confirm(doip::ActivationType::regulated);
        if (secured_) entity_.on_secured(chances & 0x10 ? doip::Proof::certificate : doip::Proof::none);
    }

    // false: the entity closed.
    bool hear(const doip::Item& item) {
        now_ = now_ + std::chrono::milliseconds(1);
        doip::Actions actions = entity_.on_item(item, now_);
        if (actions.registers) {
            must(actions.send.empty() && !actions.deliver, "first the registration, then the answer");
            must(*actions.registers >= 0x0E00 && *actions.registers <= 0x0FFF, "only test equipment is registered");
            actions = entity_.on_registered(static_cast<doip::Registration>(chances_ % 3), now_);
        }
        if (entity_.awaits_confirmation()) {
            must(!entity_.is_active() || actions.then == doip::Then::keep, "who is awaited keeps the socket");
            check_answer(actions.send);
            if (chances_ & 0x80) actions = entity_.on_confirmed(static_cast<doip::Confirmation>(chances_ % 3), now_);
        }
        check_answer(actions.send);
        if (actions.deliver) {
            must(entity_.is_active() && entity_.source() == actions.deliver->source,
                 "only the activated tester reaches an ECU");
            must(secured_ || !(chances_ & 0x40), "and where TLS is required, over TLS");
            must(!actions.deliver->uds.empty(), "with something to say");
        }
        if (actions.then == doip::Then::close) return false;
        must(entity_.on_deadline(entity_.deadline()).then == doip::Then::close, "a silent tester is let go");
        return true;
    }

private:
    std::uint8_t chances_;
    bool secured_;
    Targets targets_;
    doip::RoutingRules rules_;
    Tick now_{1'000'000};
    doip::Entity entity_{{.address = our_address,
                          .plain = chances_ & 0x40 ? doip::PlainRouting::needs_tls : doip::PlainRouting::allowed,
                          .echo_bytes = static_cast<std::uint8_t>(chances_ & 0x08 ? 64 : 0)},
                         targets_,
                         rules_,
                         now_};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    Connection connection(script.u8());
    const std::size_t cut = std::size_t{1} + script.u8();
    Bytes storage(512);
    doip::Reader reader(storage, doip::Listener::entity_tcp);
    while (!script.ended()) {
        const Room room = reader.prepare();
        const View piece = script.take(std::min(room.size(), cut));
        std::ranges::copy(piece, room.begin());
        reader.commit(piece.size());
        while (const auto item = reader.next())
            if (!connection.hear(*item)) return 0;
    }
    return 0;
}
