#include "apps/zone/wiring.h"

#include "apps/zone/zone.h"
#include "io/ethernet/doip_server.h"
#include "io/log/log.h"
#include "io/runtime/loop.h"

#include <optional>

namespace pitstop::zone {
namespace {

io::Task<void> start(Zone& zone, const Settings& settings, std::uint16_t port) {
    CO_ENSURE(co_await zone.join(settings.buses));
    io::log::info("ready: {} (0x{:04X}) listens for DoIP at {}:{}, {} ECUs on {} buses behind it",
                  settings.identity.id.str(), settings.identity.id.address(), settings.host, port,
                  settings.routes.size(), settings.buses.size());
    co_return Result<void>{};
}

}  // namespace

Result<void> run(const Settings& settings) {
    io::Loop loop;
    std::optional<Error> ended_by;  // a zone that lost one of its parts for good must not look as if it worked
    loop.on_failure([&](std::string_view task, const Error& error) {
        io::log::problem(error, task);
        ended_by = error;
        loop.stop();
    });
    loop.stop_on_signals();

    std::optional<ZoneTrust> trust;
    if (settings.trust) trust.emplace(settings);
    std::unique_ptr<OwnImage> image;
    if (settings.image) {
        TRY(image, OwnImage::open(loop, *settings.image));
        ENSURE(image->power_on(*trust));
    } else if (trust) {
        ENSURE(trust->power_on(nullptr, loop.utc_now()));
    }
    std::optional<Store> store;
    if (settings.store) {
        TRY(store, Store::open(settings.store->folder, settings.store->size_bytes_max));
    }
    std::unique_ptr<io::flashing::Visitor> visitor;
    if (settings.credential) {
        TRY(visitor,
            io::flashing::Visitor::with(*settings.credential, settings.identity.vin, settings.identity.id.str()));
    }
    std::unique_ptr<ecu::OwnAccess> access;
    if (store || image) {
        const auto& [id, vin, name, version] = settings.identity;
        const std::string hardware = settings.image ? settings.image->identity.hardware_id.str() : "";
        // Beside the store and not in it, which would throw it away some day: also where its name ends with a slash.
        const std::filesystem::path beside =
            image ? settings.image->flash.file : (settings.store->folder / "").parent_path();
        TRY(access, ecu::OwnAccess::open(loop, {id, vin, hardware, beside.string() + ".attempts"}, settings.access));
    }
    Zone zone(loop, settings, {trust ? &*trust : nullptr, store ? &*store : nullptr, image.get(), access.get()});
    if (visitor) zone.introduce(*visitor);
    const Identity& identity = settings.identity;
    auto listening = settings.doip;
    listening.host = settings.host;
    listening.port = settings.port;
    listening.identity = doip::Identity::of(identity.vin.view(), identity.id.address());
    listening.node_type = 0x00;
    TRY(const auto server, io::ethernet::DoipServer::listen(loop, std::move(listening), zone));
    zone.when_restarting([&server] { server->pause(); }, [&server] { server->resume(); });
    loop.spawn("work", zone.work());
    loop.spawn("buses", start(zone, settings, server->port()));
    loop.run();
    if (ended_by) return std::unexpected(*ended_by);
    return {};
}

}  // namespace pitstop::zone
