// One zone that flashes its own ECUs, as the gateway works with it (docs/formats/zone-work.md).
//
// Bring the car, which outlives it. What it brings goes to the zone's store in one piece of work after the other, and
// goes on where it was cut. Faults: what the zone says, by its own code; gateway.zone-forgot, gateway.not-taken; of the
// link.
#pragma once

#include "apps/gateway/car.h"
#include "core/flash/zone_work.h"
#include "io/flashing/flashing.h"

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace pitstop::gateway {

struct Cargo {
    flash::StoredBytes bytes;
    io::flashing::ReadImage read;
};

class ZoneClient {
public:
    ZoneClient(io::Loop& loop, Car& car, EcuId zone) : loop_(loop), car_(car), zone_(zone), polled_(loop) {}

    [[nodiscard]] EcuId id() const { return zone_; }

    enum class Ability : std::uint8_t { flashes, routes_only };
    [[nodiscard]] io::Task<Ability> ability();  // asked once

    // Into the zone's store, and then, in the same turn, an order that needs them.
    [[nodiscard]] io::Task<void> bring(std::vector<Cargo> cargo, std::optional<flash::ZoneOrder> order,
                                       std::function<bool()> given_up);
    [[nodiscard]] io::Task<void> stop(EcuId ecu);

    // Whether the zone has this order already: it waits, runs or is done.
    [[nodiscard]] io::Task<bool> knows(std::uint64_t order_id, EcuId ecu);
    // Until the order's end. All who watch the zone share one request a while.
    struct Watch {
        std::function<bool()> given_up;
        std::function<void(std::uint8_t)> on_percent;
    };
    [[nodiscard]] io::Task<void> watch(std::uint64_t order_id, EcuId ecu, Watch watch);

private:
    // The session in which the zone takes orders; the car's visitor, if there is one, shows who orders.
    [[nodiscard]] io::Task<void> enter(Car::Way way);
    [[nodiscard]] io::Task<Bytes> ask(Car::Way way, Bytes request);
    // Enters only if the zone says that we are outside: one entrance does for many orders.
    [[nodiscard]] io::Task<Bytes> ask_inside(Car::Way way, Bytes request);
    [[nodiscard]] io::Task<void> put(Car::Way way, const Cargo& cargo, const std::function<bool()>& given_up);
    [[nodiscard]] io::Task<void> transfer(Car::Way way, const Cargo& cargo, std::uint32_t first_byte,
                                          std::uint32_t block_bytes, const std::function<bool()>& given_up);
    [[nodiscard]] io::Task<void> poll();
    [[nodiscard]] io::Task<const flash::WorkReport*> next_row(std::uint64_t order_id, EcuId ecu);

    io::Loop& loop_;
    Car& car_;
    EcuId zone_;
    std::optional<Ability> ability_;
    flash::ToldFaults told_;

    std::vector<flash::WorkReport> report_;
    Result<void> last_poll_;
    Tick heard_at_;
    std::uint64_t polls_begun_ = 0, polls_ended_ = 0;
    bool polling_ = false;
    io::Signal polled_;
};

}  // namespace pitstop::gateway
