#include "apps/ecu/wiring.h"

#include "apps/ecu/can_link.h"
#include "apps/ecu/ecu.h"
#include "apps/ecu/ethernet_link.h"
#include "core/flash/layout.h"
#include "io/files/file_flash.h"
#include "io/log/log.h"
#include "io/runtime/loop.h"

#include <memory>
#include <optional>

namespace pitstop::ecu {
namespace {

// One ECU and what it runs on, in the order in which they need each other.
struct Hosted {
    std::unique_ptr<io::files::FileFlash> flash;
    std::unique_ptr<Ecu> ecu;
    std::unique_ptr<EthernetLink> ethernet;
    std::unique_ptr<CanLink> can;
};

Result<Hosted> start(io::Loop& loop, SharedBuses& buses, const Settings& settings) {
    TRY(const auto layout, flash::plan_layout(settings.flash.geometry, settings.flash.banks));
    Hosted hosted;
    TRY(hosted.flash,
        io::files::FileFlash::open(settings.flash.file, settings.flash.geometry, layout.vouching_sectors()));
    hosted.flash->fail_sectors(settings.flash.worn_out);
    hosted.ecu = std::make_unique<Ecu>(loop, settings, *hosted.flash, layout);
    ENSURE(hosted.ecu->power_on());
    if (settings.ethernet) {
        TRY(hosted.ethernet, EthernetLink::listen(loop, *hosted.ecu, *settings.ethernet));
    } else {
        hosted.can = std::make_unique<CanLink>(loop, *hosted.ecu, buses, *settings.can);
        loop.spawn("can", hosted.can->serve());
    }
    return hosted;
}

}  // namespace

Result<void> run(const std::vector<Settings>& ecus) {
    io::Loop loop;
    std::optional<Error> ended_by;  // an ECU whose link or boot failed for good is of no use to anyone
    loop.on_failure([&](std::string_view task, const Error& error) {
        io::log::problem(error, task);
        if (ecus.size() > 1) return;
        ended_by = error;
        loop.stop();
    });
    loop.stop_on_signals();

    SharedBuses buses(loop);
    std::vector<Hosted> hosted;
    for (const Settings& settings : ecus) {
        TRY(Hosted ecu, start(loop, buses, settings));
        hosted.push_back(std::move(ecu));
    }
    io::log::info("{} ECUs are ready", hosted.size());
    loop.run();
    if (ended_by) return fail(*ended_by);
    return {};
}

}  // namespace pitstop::ecu
