#include "apps/zone/zone_trust.h"

#include "core/flash/directed.h"
#include "core/uptane/faults.h"
#include "io/log/log.h"

#include <algorithm>

namespace pitstop::zone {

ZoneTrust::ZoneTrust(const Settings& settings)
    : vin_(settings.identity.vin),
      files_(*settings.trust),
      image_(settings.image) {
    for (const RouteSettings& route : settings.routes) behind_.push_back({route.ecu, *route.hardware, {}, 0});
}

Result<std::unique_ptr<ZoneTrust>> ZoneTrust::open(const Settings& settings, UtcTime now) {
    auto trust = std::make_unique<ZoneTrust>(settings);
    ENSURE(trust->power_on(nullptr, now));
    return trust;
}

Result<void> ZoneTrust::power_on(const flash::Slots* own, UtcTime now) {
    ecu::FullStore::JudgedFor ecus{{}, behind_};
    std::optional<ecu::OwnTrust::Reported> about;
    auto age = ecu::Age::factory_new;
    if (own != nullptr) {
        const ecu::Identity& identity = image_->identity;
        ecus.self = uptane::VehicleEcu{identity.id, identity.hardware_id, {}, 0};
        about.emplace(identity, *own);
        if (!own->is_factory_new()) age = ecu::Age::in_use;
    }
    own_.reset();
    auto store = ecu::FullStore::open(files_, vin_, std::move(ecus), age, now);
    if (!store && store.error().is(uptane::faults::broken_state)) {
        io::log::problem(store.error(), "no trust: neither this zone nor an ECU behind it may be programmed");
        return {};
    }
    if (!store) return std::unexpected(store.error());
    store_ = store->get();
    own_.emplace(about, *std::move(store),
                 image_ ? ecu::load_keys(image_->keys) : std::vector<crypto::SoftwareSigner>{});
    return {};
}

Result<std::optional<flash::ImageRecord>> ZoneTrust::judge(View bundle) {
    TRY(auto image, own_->judge(bundle));
    io::log::info("metadata believed: {} ECUs of this zone shall get an image", directed().size());
    return image;
}

std::span<const uptane::TrustedTarget> ZoneTrust::directed() const {
    if (!is_there()) return {};
    return store_->directed();
}

bool ZoneTrust::may_program(EcuId ecu) const {
    return std::ranges::contains(directed(), ecu, &uptane::TrustedTarget::ecu);
}

bool ZoneTrust::directs(const flash::ZoneOrder& order) const {
    return std::ranges::any_of(directed(), [&](const auto& target) { return flash::directs(target, order); });
}

bool overwrites_an_image(View request) {
    if (request.empty()) return false;
    const auto service = static_cast<uds::Service>(request[0]);
    if (service == uds::Service::routine_control)
        return request.size() >= 4 && load_be<std::uint16_t>(&request[2]) == uds::rid::erase;
    if (service != uds::Service::request_download || request.size() < 3) return false;
    const std::size_t address_bytes = request[2] & 0x0F;
    if (address_bytes > sizeof(std::uint64_t) || request.size() < 3 + address_bytes) return true;
    std::uint64_t address = 0;
    for (const std::uint8_t byte : request.subspan(3, address_bytes)) address = (address << 8) | byte;
    return address != flash::MetadataIntake::address;
}

}  // namespace pitstop::zone
