// What the ECUs behind this zone say of themselves, collected by routines F001 and F003 and sent by F002 and F004
// (docs/formats/vci.md): all at the same time, so that the slowest of them is the time of all.
//
// Bring the ECUs with the ways to them, which outlive the loop's tasks, and who is being programmed: such an ECU is not
// asked whether it is ready, for that would end its session. A start while it collects joins that collection.
#pragma once

#include "core/uds/application.h"
#include "io/runtime/loop.h"
#include "io/survey/survey.h"

#include <array>
#include <functional>
#include <vector>

namespace pitstop::zone {

class Collector {
public:
    static constexpr std::size_t part_bytes_max = 16 * 1024;

    using IsWorkedOn = std::function<bool(EcuId)>;

    Collector(io::Loop& loop, std::vector<io::survey::Member> ecus, IsWorkedOn is_worked_on)
        : loop_(loop),
          ecus_(std::move(ecus)),
          is_worked_on_(std::move(is_worked_on)) {}

    [[nodiscard]] static bool serves(std::uint16_t rid) {
        return rid >= uds::rid::start_vci && rid <= uds::rid::send_readiness;
    }
    void forget() { shelves_ = {}; }  // as with a restart
    uds::Outcome start_routine(std::uint16_t rid, View option, uds::Reply& out);

private:
    struct Shelf {
        vehicle::PartStatus status = vehicle::PartStatus::never_begun;
        Bytes whole;
    };
    [[nodiscard]] Shelf& shelf(io::survey::What what) { return shelves_[static_cast<std::size_t>(what)]; }
    [[nodiscard]] io::Task<void> collect(io::survey::What what);

    io::Loop& loop_;
    std::vector<io::survey::Member> ecus_;
    IsWorkedOn is_worked_on_;
    std::array<Shelf, 2> shelves_;
};

}  // namespace pitstop::zone
