#include "apps/ecu/open_trust.h"

#include "apps/ecu/partial_store.h"
#include "io/ecu/full_store.h"
#include "io/log/log.h"

namespace pitstop::ecu {
namespace {

Result<std::unique_ptr<TrustStore>> open_store(flash::FlashDevice& flash, const Settings& settings,
                                               const flash::Slots& slots, UtcTime now) {
    const Age age = slots.is_factory_new() ? Age::factory_new : Age::in_use;
    const TrustSettings& trust = *settings.trust;
    const Identity& identity = settings.identity;
    if (trust.verification == flash::Verification::full)
        return FullStore::open({trust.director_root, trust.image_root, trust.state}, identity.vin,
                               {uptane::VehicleEcu{identity.id, identity.hardware_id, {}}}, age, now);
    return PartialStore::open(flash, slots.layout(), settings, age, now);
}

}  // namespace

std::unique_ptr<OwnTrust> open_trust(flash::FlashDevice& flash, const Settings& settings, const flash::Slots& slots,
                                     UtcTime now) {
    if (!settings.trust) return nullptr;
    auto store = open_store(flash, settings, slots, now);
    if (!store) {
        io::log::problem(store.error(), "no trust: this ECU accepts no image");
        return nullptr;
    }
    return std::make_unique<OwnTrust>(OwnTrust::Reported{settings.identity, slots}, *std::move(store),
                                      load_keys(settings.keys));
}

}  // namespace pitstop::ecu
