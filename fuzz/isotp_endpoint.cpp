// core/isotp: one endpoint against a peer that follows no rules. Input: four bytes of settings, then events.
#include "core/isotp/endpoint.h"
#include "fuzz/property.h"

#include <array>
#include <optional>

using namespace pitstop;
using fuzz::must;

namespace {

constexpr std::size_t storage_size = 300, message_size_max = 5000;
constexpr isotp::CanId our_id{0x7E0, false}, peer_id{0x7E8, false}, functional_id{0x7DF, false};
constexpr std::uint8_t our_byte = 0xF1, peer_byte = 0x11;

isotp::Settings settings_from(fuzz::Script& script) {
    constexpr std::array<std::uint8_t, 8> sizes{8, 12, 16, 20, 24, 32, 48, 64};
    isotp::Settings settings;
    settings.form.address = our_id;
    settings.receive = peer_id;
    const std::uint8_t form = script.u8();
    settings.form.fd = settings.form.brs = (form & 1) != 0;
    if (settings.form.fd) settings.form.frame_size = sizes[(form >> 1) & 7];
    if ((form & 32) != 0) {  // extended addressing
        settings.form.address.byte = peer_byte;
        settings.receive.byte = our_byte;
    }
    if ((form & 64) != 0) settings.functional = functional_id;
    settings.form.padding = (form & 16) != 0 ? isotp::Padding::only_where_needed : isotp::Padding::to_eight;
    settings.sending.in_flight_max = static_cast<std::uint8_t>(1 + script.u8() % 40);
    settings.receiving.block_size = script.u8();
    settings.receiving.separation_code = script.u8();
    return settings;
}

class Bench {
public:
    explicit Bench(fuzz::Script& script)
        : script_(script),
          endpoint_(*isotp::Endpoint::make(settings_from(script), storage_)) {}

    void run() {
        while (!script_.ended()) {
            step(script_.u8());
            collect();
            must(in_flight_ <= 64, "no endless row of frames");
        }
        wind_down();
    }

private:
    void step(std::uint8_t event) {
        switch (event % 8) {
            case 0:
            case 1: return hear(event);
            case 2: now_ = now_ + std::chrono::milliseconds(script_.u8() * 5); return endpoint_.on_time(now_);
            case 3: message_.resize(1 + script_.u8() * message_size_max / 255); return send();
            case 4: return confirm();
            case 5: return endpoint_.release(now_);
            case 6: return speak();
            default: (event & 8) != 0 ? endpoint_.cancel_send() : lose_bus(); return;
        }
    }

    void hear(std::uint8_t event) {
        isotp::CanFrame frame;
        frame.id = (event & 16) != 0 ? functional_id : peer_id;
        frame.fd = (event & 1) != 0;
        const View payload = script_.sized();
        frame.size = static_cast<std::uint8_t>(payload.size());  // also sizes that no controller would give
        std::copy_n(payload.begin(), std::min(payload.size(), frame.data.size()), frame.data.begin());
        endpoint_.on_frame(frame, now_);
    }

    void send() {
        if (endpoint_.sending()) return;
        sent_ = message_;
        must(endpoint_.send(sent_, now_).has_value(), "an idle endpoint takes a message");
    }

    void speak() {
        if (const auto frame = endpoint_.next_frame(now_)) {
            must(isotp::check(*frame).has_value() && frame->id == our_id, "only frames that a controller can send");
            ++in_flight_;
        }
    }

    void confirm() {
        if (in_flight_ == 0) return;
        --in_flight_;
        endpoint_.on_confirmed(now_);
    }

    void lose_bus() {
        in_flight_ = 0;
        endpoint_.on_bus_lost();
    }

    void collect() {
        while (const auto event = endpoint_.next_event()) {
            const bool failed =
                event->kind == isotp::Event::Kind::send_failed || event->kind == isotp::Event::Kind::receive_failed;
            must(event->error.has_value() == failed, "a failure has a reason, a success has none");
            if (event->kind == isotp::Event::Kind::received)
                must(!event->message.empty() && event->message.size() <= storage_size, "what was received is there");
        }
        must(endpoint_.received().size() <= storage_size, "no message is longer than the storage lent");
    }

    // Nobody can hold an endpoint for ever: left alone, both directions come to rest.
    void wind_down() {
        constexpr int deadlines_max = 200;
        for (int i = 0; i < deadlines_max; ++i) {
            for (int frames = 0; frames < 2 * 64; ++frames) speak(), confirm();
            collect();
            const auto due = endpoint_.deadline();
            if (!due) return;
            now_ = std::max(now_ + std::chrono::microseconds(1), *due);
            endpoint_.on_time(now_);
            collect();
        }
        must(endpoint_.sending(), "a receiver comes to rest");
        endpoint_.cancel_send();
    }

    fuzz::Script& script_;
    Bytes storage_ = Bytes(storage_size);
    isotp::Endpoint endpoint_;
    Bytes message_, sent_;
    Tick now_{1'000'000};
    std::size_t in_flight_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    Bench(script).run();
    return 0;
}
