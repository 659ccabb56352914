#include "apps/zone/zone_trust.h"

#include "core/flash/directed.h"
#include "io/files/atomic_file.h"
#include "io/log/log.h"

#include <algorithm>
#include <random>

namespace pitstop::zone {
namespace {

constexpr std::size_t saved_size_bytes_max = std::size_t{64} << 20;  // as FullVerifier's
constexpr std::size_t root_size_bytes_max = 1 << 20;                 // DESIGN §6
constexpr std::chrono::hours clock_difference_max{24};               // of factory and cloud

}  // namespace

Result<std::unique_ptr<ZoneTrust>> ZoneTrust::open(const Settings& settings, UtcTime now) {
    const TrustSettings& trust = *settings.trust;
    std::vector<uptane::VehicleEcu> ecus;
    for (const RouteSettings& route : settings.routes) ecus.push_back({route.ecu, *route.hardware, {}, 0});
    const auto made = [&](uptane::FullVerifier verifier) {
        return std::unique_ptr<ZoneTrust>(new ZoneTrust(trust.state, std::move(verifier), std::move(ecus)));
    };
    TRY(const auto saved, io::files::read_if_there(trust.state, saved_size_bytes_max));
    if (saved) {
        TRY(auto verifier, uptane::FullVerifier::load(*saved, settings.identity.vin));
        return made(std::move(verifier));
    }
    TRY(const Bytes director, io::files::read_file(trust.director_root, root_size_bytes_max));
    TRY(const Bytes image, io::files::read_file(trust.image_root, root_size_bytes_max));
    TRY(auto verifier,
        uptane::FullVerifier::from_factory(director, image, settings.identity.vin, now + -clock_difference_max));
    ENSURE(io::files::write_atomically(trust.state, verifier.save(), io::files::FileMode::private_));
    return made(std::move(verifier));
}

Result<flash::TrustStanding> ZoneTrust::begin() {
    std::random_device chance;  // the kernel's generator
    uptane::Nonce nonce{};
    for (std::size_t at = 0; at < nonce.size(); at += 4) store_be(&nonce[at], static_cast<std::uint32_t>(chance()));
    verifier_.begin(nonce);
    return flash::TrustStanding{nonce, verifier_.director_root_version(), verifier_.director_targets_version(),
                                verifier_.image_root_version(), flash::Verification::full};
}

Result<std::optional<flash::ImageRecord>> ZoneTrust::judge(View bundle) {
    TRY(auto targets, verifier_.judge(bundle, ecus_));
    ENSURE(io::files::write_atomically(file_, verifier_.save(), io::files::FileMode::private_));
    directed_ = std::move(targets);
    io::log::info("metadata believed: {} of the ECUs behind this zone shall get an image", directed_.size());
    return std::nullopt;
}

bool ZoneTrust::may_program(EcuId ecu) const {
    return std::ranges::contains(directed_, ecu, &uptane::TrustedTarget::ecu);
}

bool ZoneTrust::directs(const flash::ZoneOrder& order) const {
    return std::ranges::any_of(directed_, [&](const auto& target) { return flash::directs(target, order); });
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
