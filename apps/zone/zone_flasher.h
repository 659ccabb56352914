// The zone flashes its ECUs by itself: carries out what a gateway orders, on all buses at once, and goes on when the
// gateway has gone (docs/formats/zone-work.md).
//
// Bring where each ECU is, and a store and trust that outlive it; spawn run() once. Orders are forgotten with the
// process. Who may use a bus when, core/update/schedule.h decides. Faults of start(): zone.not-ours, not-stored,
// flash.not-approved.
#pragma once

#include "apps/zone/route_link.h"
#include "apps/zone/store.h"
#include "apps/zone/zone_trust.h"
#include "core/flash/zone_work.h"
#include "core/update/schedule.h"
#include "io/flashing/flashing.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pitstop::zone {

struct Place {
    std::string bus;
    RouteLink& link;
};

class ZoneFlasher {
public:
    // `trust` null: this zone judges nothing.
    ZoneFlasher(io::Loop& loop, Store& store, const ZoneTrust* trust, std::map<EcuId, Place> places);
    ~ZoneFlasher();

    // Who stands at the ECUs' doors from now on; outlives this.
    void introduce(io::flashing::Visitor& visitor) { visitor_ = &visitor; }

    [[nodiscard]] Result<void> start(const flash::ZoneOrder& order);
    void stop(std::optional<EcuId> ecu);  // nothing: all of them
    [[nodiscard]] std::vector<flash::WorkReport> report() const;

    void forget();  // orders and how they ended, as with a restart; only while it does not work

    [[nodiscard]] bool is_working() const;
    [[nodiscard]] bool is_working_on(EcuId ecu) const;
    [[nodiscard]] bool is_working_on_bus(std::string_view bus) const;
    [[nodiscard]] std::vector<Sha256Digest> in_use() const;  // of the store

    [[nodiscard]] io::Task<void> run();  // looks now and then who does not answer

private:
    struct Work;

    [[nodiscard]] Result<void> check(const flash::ZoneOrder& order) const;
    void begin(Work& work, const flash::ZoneOrder& order);
    void grant();
    [[nodiscard]] io::Task<void> work_on(Work& work);
    [[nodiscard]] io::Task<void> carry_out(Work& work);
    [[nodiscard]] io::Task<void> check_stored(flash::StoredBytes bytes);
    [[nodiscard]] io::flashing::Order order_of(Work& work, Bytes metadata);
    void on_progress(Work& work, const flash::Progress& progress);
    [[nodiscard]] boost::asio::awaitable<bool> wait_for_bus(Work& work);
    [[nodiscard]] update::BusUser user_of(const Work& work) const;

    io::Loop& loop_;
    Store& store_;
    const ZoneTrust* trust_;
    io::flashing::Visitor* visitor_ = nullptr;
    std::map<EcuId, Place> places_;
    std::map<EcuId, std::unique_ptr<Work>> works_;  // tasks refer to them: none is ever taken out
};

}  // namespace pitstop::zone
