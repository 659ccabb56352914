#include "apps/ecu/wiring.h"

#include "apps/ecu/can_link.h"
#include "apps/ecu/ecu.h"
#include "apps/ecu/ethernet_link.h"
#include "core/flash/layout.h"
#include "io/files/file_flash.h"
#include "io/log/log.h"
#include "io/runtime/loop.h"

#include <optional>

namespace pitstop::ecu {

Result<void> run(const Settings& settings) {
    TRY(const auto layout, flash::plan_layout(settings.flash.geometry));
    TRY(const auto flash,
        io::files::FileFlash::open(settings.flash.file, settings.flash.geometry, layout.vouching_sectors()));

    io::Loop loop;
    std::optional<Error> ended_by;  // an ECU whose link or boot failed for good is of no use to anyone
    loop.on_failure([&](std::string_view task, const Error& error) {
        io::log::problem(error, task);
        ended_by = error;
        loop.stop();
    });
    loop.stop_on_signals();

    Ecu ecu(loop, settings, *flash, layout);
    ENSURE(ecu.power_on());
    std::unique_ptr<EthernetLink> ethernet;
    std::unique_ptr<CanLink> can;
    if (settings.ethernet) {
        TRY(ethernet, EthernetLink::listen(loop, ecu, *settings.ethernet));
    } else {
        can = std::make_unique<CanLink>(loop, ecu, *settings.can);
        loop.spawn("can", can->serve());
    }
    loop.run();
    if (ended_by) return fail(*ended_by);
    return {};
}

}  // namespace pitstop::ecu
