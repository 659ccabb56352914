#include "apps/pitstop/bus_time.h"

#include "core/isotp/bit_timing.h"
#include "core/isotp/endpoint.h"
#include "core/uds/services.h"

#include <algorithm>

namespace pitstop::cli {
namespace {

constexpr std::size_t fd_block_bytes = 16 * 1024;  // what apps/ecu asks for on CAN FD
constexpr std::size_t classic_block_bytes = 4093;  // a first frame of 12 bits announces 4095 with service and counter
constexpr std::size_t message_bytes_max = 65536;

isotp::Settings settings(std::uint32_t transmit, std::uint32_t receive, vehicle::BusKind kind) {
    isotp::Settings settings;
    settings.form.address.id = {transmit};
    settings.receive.id = {receive};
    if (kind == vehicle::BusKind::can) return settings;
    settings.form.fd = settings.form.brs = true;
    settings.form.frame_size = isotp::fd_size_bytes_max;
    return settings;
}

// Tester and ECU, alone on their bus, without any pause.
class Pair {
public:
    static Result<Pair> make(EcuId ecu, const vehicle::BusPlan& bus) {
        const vehicle::CanIds ids = vehicle::can_ids_of(ecu);
        Pair pair({bus.bits_per_s, bus.data_bits_per_s});
        TRY(auto tester, isotp::Endpoint::make(settings(ids.request, ids.response, bus.kind), pair.tester_room_));
        TRY(auto there, isotp::Endpoint::make(settings(ids.response, ids.request, bus.kind), pair.ecu_room_));
        pair.tester_ = std::move(tester);
        pair.ecu_ = std::move(there);
        return pair;
    }

    Result<void> request(View message) { return carry(*tester_, *ecu_, message); }
    Result<void> answer(View message) { return carry(*ecu_, *tester_, message); }
    [[nodiscard]] BusTime total() const { return total_; }

private:
    explicit Pair(isotp::BitRates rates) : rates_(rates) {}

    Result<void> carry(isotp::Endpoint& from, isotp::Endpoint& to, View message) {
        ENSURE(from.send(message, {}));
        for (bool moved = true; moved;) moved = pass(from, to) | pass(to, from);
        while (from.next_event()) {}
        while (to.next_event()) {}
        to.release({});
        return {};
    }

    bool pass(isotp::Endpoint& from, isotp::Endpoint& to) {
        bool moved = false;
        while (const auto frame = from.next_frame({})) {
            from.on_confirmed({});
            to.on_frame(*frame, {});
            ++total_.frames;
            total_.busy += isotp::duration_of(isotp::bits_of(*frame), rates_);
            moved = true;
        }
        return moved;
    }

    isotp::BitRates rates_;
    Bytes tester_room_ = Bytes(message_bytes_max), ecu_room_ = Bytes(message_bytes_max);
    std::optional<isotp::Endpoint> tester_, ecu_;
    BusTime total_;
};

}  // namespace

Result<BusTime> time_of_transfer(View bytes, EcuId ecu, const vehicle::BusPlan& bus) {
    TRY(Pair pair, Pair::make(ecu, bus));
    const std::size_t block = bus.kind == vehicle::BusKind::can ? classic_block_bytes : fd_block_bytes;
    constexpr auto service = static_cast<std::uint8_t>(uds::Service::transfer_data);
    std::uint8_t counter = 0;
    for (View left = bytes; !left.empty();) {
        const View data = left.first(std::min(block, left.size()));
        left = left.subspan(data.size());
        Bytes request{service, ++counter};
        request.insert(request.end(), data.begin(), data.end());
        ENSURE(pair.request(request));
        ENSURE(pair.answer(Bytes{static_cast<std::uint8_t>(service + uds::positive_offset), counter}));
    }
    return pair.total();
}

}  // namespace pitstop::cli
