// The ECUs as the gateway reaches them: a DoIP connection per entity, one piece of work at a time per ECU, and what
// they say of themselves (UDS 0x22, ISO 14229-1 §11.2).
#pragma once

#include "core/vehicle/description.h"
#include "core/vehicle/inventory.h"
#include "io/ethernet/doip_client.h"
#include "io/flashing/visitor.h"
#include "io/runtime/signal.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace pitstop::gateway {

struct KnownEcu {
    vehicle::EcuReport report;
    std::uint32_t release_counter = 0;  // of what is committed
    bool settled = false;               // nothing staged, nothing on trial
    Bytes version_report = {};          // as the ECU signed it; empty: it has no keys
};
struct SilentEcu {
    EcuId ecu;
    Error why;
};
struct Survey {
    std::vector<KnownEcu> known;
    std::vector<SilentEcu> silent;

    [[nodiscard]] vehicle::Inventory inventory(const Vin& vin, UtcTime now) const;
};

class Car {
public:
    Car(io::Loop& loop, vehicle::Description vehicle, std::uint16_t tester_address);

    // From now on the entities named (nobody: all) are reached over TLS, and never otherwise.
    void secure(io::tls::TlsSettings tls, std::vector<EcuId> only);

    // Asks all ECUs at once (vci.h); one that does not answer is asked again a few times, for it may be starting.
    [[nodiscard]] io::Task<Survey> survey();

    struct Way {
        io::ethernet::DoipClient& link;
        std::uint16_t target_address;
        std::uint32_t block_size_bytes_max;  // of a TransferData request on this way
        bool is_bus;                         // behind a zonal gateway
    };
    [[nodiscard]] Result<Way> way_to(EcuId ecu);  // a zonal gateway's too; vehicle.bad-description
    [[nodiscard]] Result<std::optional<EcuId>> zone_before(EcuId ecu) const;

    // Held while one works on an ECU; others wait.
    class Turn {
    public:
        Turn(Car& car, EcuId ecu) : car_(&car), ecu_(ecu) {}
        Turn(Turn&& other) noexcept : car_(std::exchange(other.car_, nullptr)), ecu_(other.ecu_) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn();

    private:
        Car* car_;
        EcuId ecu_;
    };
    [[nodiscard]] boost::asio::awaitable<Turn> turn(EcuId ecu);
    [[nodiscard]] bool is_worked_on(EcuId ecu) const { return taken_.contains(ecu); }

    [[nodiscard]] const vehicle::Description& vehicle() const { return vehicle_; }

    // Who stands at the ECUs' doors from now on; outlives this.
    void introduce(io::flashing::Visitor& visitor) { visitor_ = &visitor; }
    [[nodiscard]] io::flashing::Visitor* visitor() const { return visitor_; }

private:
    io::Loop& loop_;
    vehicle::Description vehicle_;
    std::uint16_t tester_address_;
    std::optional<io::tls::TlsSettings> tls_;
    std::vector<EcuId> secured_;
    std::map<std::pair<std::string, std::uint16_t>, std::unique_ptr<io::ethernet::DoipClient>> entities_;
    std::set<EcuId> taken_;
    io::Signal freed_;
    io::flashing::Visitor* visitor_ = nullptr;
};

}  // namespace pitstop::gateway
