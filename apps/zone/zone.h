// One zone: routes each UDS request by its target address, to itself or to an ECU behind one of its buses; a functional
// one to itself and to all of them, whose answers come back each with its own source address. While it works on an ECU
// by itself, others may only read from it. While it restarts after a reset nobody reaches anything, and the ECUs behind
// it run on.
#pragma once

#include "apps/zone/collector.h"
#include "apps/zone/route.h"
#include "apps/zone/settings.h"
#include "apps/zone/zone_ecu.h"
#include "io/ecu/own_access.h"
#include "io/ethernet/diagnostic_target.h"
#include "io/runtime/loop.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace pitstop::zone {

// What a zone is made of; all outlives it.
struct ZoneParts {
    ZoneTrust* trust = nullptr;        // null: only the ECUs judge
    Store* store = nullptr;            // null: it only routes
    OwnImage* image = nullptr;         // null: it cannot be programmed; otherwise it was powered on
    ecu::OwnAccess* access = nullptr;  // null: it asks nobody who they are
};

class Zone final : public io::ethernet::DiagnosticTarget {
public:
    Zone(io::Loop& loop, const Settings& settings, ZoneParts parts = {});

    // Called when a restart begins and ends: meanwhile nobody reaches the entity.
    void when_restarting(std::function<void()> begins, std::function<void()> ends) {
        when_restarting_ = std::move(begins);
        when_restarted_ = std::move(ends);
    }

    io::Task<void> work();  // on its ECUs, for as long as it lives

    // Who stands at the ECUs' doors when this zone flashes; outlives this.
    void introduce(io::flashing::Visitor& visitor) {
        if (own_) own_->flasher.introduce(visitor);
    }

    // Connects to the buses, and opens the way to the ECUs on them. It comes back when each was tried; a bus that is
    // not there yet is joined when it comes. The zone answers for itself meanwhile, and says of the ECUs on such a bus
    // that they are unreachable. can.bad-stream, can.wrong-version, isotp.bad-settings
    io::Task<void> join(std::span<const BusSettings> buses);

    [[nodiscard]] doip::PowerMode power_mode() const override {
        return self_ ? doip::PowerMode::ready : doip::PowerMode::not_ready;
    }
    doip::Delivery look_up(std::uint16_t target, std::size_t uds_size_bytes) override;
    void on_request(const doip::Diagnostic& request, const std::shared_ptr<io::ethernet::ReplySink>& sink) override;
    void on_closed(const io::ethernet::ReplySink& sink) override;

private:
    using Sink = std::shared_ptr<io::ethernet::ReplySink>;
    struct Bus {
        std::string name;
        std::unique_ptr<io::can::BusClient> client;
    };
    // What the zone does by itself.
    struct Own {
        Own(io::Loop& loop, Store& store, const ZoneTrust* trust, std::map<EcuId, Place> places)
            : flasher(loop, store, trust, std::move(places)),
              intake(store, flasher) {}
        ZoneFlasher flasher;
        ZoneWorkIntake intake;
    };

    void start_own_ecu();
    [[nodiscard]] io::Task<void> restart();
    io::Task<bool> try_to_join(const BusSettings& bus);
    io::Task<void> join_later(BusSettings bus);
    void on_functional(View uds, const Sink& sink);
    [[nodiscard]] io::Task<void> broadcast(io::can::BusClient& bus, isotp::FrameForm form, Bytes uds);
    [[nodiscard]] isotp::FrameForm functional_form(std::string_view bus) const;
    [[nodiscard]] doip::Delivery look_up_all(std::size_t uds_size_bytes) const;
    // It would write over an image for which nobody has directed another one.
    [[nodiscard]] bool is_guarded(const Route& route, View uds) const;
    // Why a functional request is not for this bus now; positive_response: it is.
    [[nodiscard]] uds::Nrc objection(std::string_view bus, const Sink& sink, View uds) const;

    io::Loop& loop_;
    Identity identity_;
    ZoneParts parts_;
    std::function<void()> when_restarting_, when_restarted_;
    std::vector<Bus> buses_;                 // before the routes: their links end first
    std::map<std::uint16_t, Route> routes_;  // by the ECU's address
    std::map<std::uint16_t, RouteLink> links_;
    std::optional<Own> own_;
    std::optional<Collector> collector_;  // always there
    std::optional<ZoneEcu> self_;         // after all that it refers to; not there while the zone restarts
};

}  // namespace pitstop::zone
