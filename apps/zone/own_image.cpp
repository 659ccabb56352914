#include "apps/zone/own_image.h"

#include "io/ecu/factory.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace pitstop::zone {
namespace {

// Who programs the zone needs a role, as with any ECU. Work on the ECUs behind it does not: the zone judges what it is
// for, and those ECUs ask for roles themselves.
std::span<const uds::AccessRule> rules() {
    static const std::vector<uds::AccessRule> all_but_zone_work = [] {
        std::vector<uds::AccessRule> kept;
        std::ranges::remove_copy(uds::usual_rules(), std::back_inserter(kept), uds::rid::start_zone_work,
                                 &uds::AccessRule::first_id);
        return kept;
    }();
    return all_but_zone_work;
}

}  // namespace

Result<std::unique_ptr<OwnImage>> OwnImage::open(io::Loop& loop, const ecu::ImageSettings& settings) {
    TRY(const auto layout, flash::plan_layout(settings.flash.geometry, settings.flash.banks));
    TRY(auto flash,
        io::files::FileFlash::open(settings.flash.file, settings.flash.geometry, layout.vouching_sectors()));
    flash->fail_sectors(settings.flash.worn_out);
    return std::unique_ptr<OwnImage>(new OwnImage(loop, settings, layout, std::move(flash)));
}

Result<void> OwnImage::power_on(ZoneTrust& trust) {
    access_.reset();
    opening_.reset();
    auto slots = std::make_unique<flash::Slots>(*flash_, layout_, hasher_, settings_.identity.hardware_id.view());
    ENSURE(slots->boot());
    ENSURE(trust.power_on(slots.get(), loop_.utc_now()));
    slots_ = std::move(slots);
    ENSURE(ecu::start_image(settings_, *slots_));
    TRY(opening_, ecu::OwnOpening::create(settings_, *slots_));
    TRY(access_, ecu::OwnAccess::open(settings_, loop_, rules()));
    return {};
}

}  // namespace pitstop::zone
