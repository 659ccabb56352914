#include "apps/zone/own_image.h"

#include "io/ecu/factory.h"

namespace pitstop::zone {
Result<std::unique_ptr<OwnImage>> OwnImage::open(io::Loop& loop, const ecu::ImageSettings& settings) {
    TRY(const auto layout, flash::plan_layout(settings.flash.geometry, settings.flash.banks));
    TRY(auto flash,
        io::files::FileFlash::open(settings.flash.file, settings.flash.geometry, layout.vouching_sectors()));
    flash->fail_sectors(settings.flash.worn_out);
    return std::unique_ptr<OwnImage>(new OwnImage(loop, settings, layout, std::move(flash)));
}

Result<void> OwnImage::power_on(ZoneTrust& trust) {
    opening_.reset();
    auto slots = std::make_unique<flash::Slots>(*flash_, layout_, hasher_, settings_.identity.hardware_id.view());
    ENSURE(slots->boot());
    ENSURE(trust.power_on(slots.get(), loop_.utc_now()));
    slots_ = std::move(slots);
    ENSURE(ecu::start_image(settings_, *slots_));
    TRY(opening_, ecu::OwnOpening::create(settings_, *slots_));
    return {};
}

}  // namespace pitstop::zone
