#include "core/uptane/match.h"

#include "core/uptane/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::uptane {
namespace {

bool runs_on(const TargetInfo& image, const HardwareId& hardware) {
    return std::ranges::find(image.hardware, hardware) != image.hardware.end();
}

// What only one of them lists nobody can compare, so it does not count; what both list must be equal.
template <class Digest>
bool differ(const std::optional<Digest>& a, const std::optional<Digest>& b) {
    return a && b && *a != *b;
}

Result<TrustedTarget> match_one(const TargetPath& path, const TargetInfo& director, const TrustSet& images,
                                std::span<const VehicleEcu> ecus) {
    TRY(const TargetName name, TargetName::parse(path.view()));
    const EcuId id = *director.ecu;  // read_targets has seen to it
    const auto ecu = std::ranges::find(ecus, id, &VehicleEcu::id);
    if (ecu == ecus.end()) return fail(faults::unknown_ecu, id.str());
    TRY(const Lookup found, images.look_up(path, ecu->hardware));
    if (found.needed)
        return fail(faults::out_of_order, std::format("{:.80} before role {:.80}", name.view(), found.needed->role()));
    if (!found.found) return fail(faults::not_in_image_repository, name.view());
    const TargetInfo& image = *found.found;
    ENSURE(check_agreement(path, director, image, images.rules()));
    if (!runs_on(director, ecu->hardware) || !runs_on(image, ecu->hardware))
        return fail(faults::wrong_hardware,
                    std::format("{} has {}, {:.100} is for others", id.str(), ecu->hardware.view(), name.view()));
    if (image.release_counter < ecu->release_counter)
        return fail(faults::release_counter_back,
                    std::format("{}: {} after {}", id.str(), image.release_counter, ecu->release_counter));
    return TrustedTarget{id,
                         ecu->hardware,
                         name,
                         image.length_bytes,
                         *image.sha256,
                         *image.sha512,
                         image.version,
                         image.release_counter,
                         director.delivery};
}

}  // namespace

Result<void> check_agreement(const TargetPath& name, const TargetInfo& director, const TargetInfo& image,
                             const Rules& rules) {
    const auto disagree = [&](std::string_view what) {
        return fail(faults::repositories_disagree, std::format("{:.120}: {}", name.view(), what));
    };
    if (director.length_bytes != image.length_bytes) return disagree("length");
    if (differ(director.sha256, image.sha256)) return disagree("SHA-256");
    if (differ(director.sha512, image.sha512)) return disagree("SHA-512");
    if (!(director.sha256 && image.sha256) && !(director.sha512 && image.sha512))
        return disagree("no digest in common");
    if (!rules.is_strict()) return {};
    if (director.version != image.version) return disagree("version");
    if (director.release_counter != image.release_counter) return disagree("release counter");
    return {};
}

namespace {

enum class OtherEcus : std::uint8_t { refused, passed_over };

Result<std::vector<TrustedTarget>> match_all(const Vin& vin, std::span<const VehicleEcu> ecus, const TrustSet& director,
                                             const TrustSet& image, OtherEcus others) {
    const Targets* assigned = director.targets();
    if (!assigned || !image.targets() || director.repository() != Repository::director ||
        image.repository() != Repository::image)
        return fail(faults::out_of_order, "both repositories' targets must be accepted first");
    if (assigned->vin != vin)
        return fail(faults::wrong_vin,
                    std::format("for {}, this is {}", assigned->vin ? assigned->vin->view() : "nobody", vin.view()));
    std::vector<TrustedTarget> trusted;
    for (const auto& [name, info] : assigned->targets) {
        if (others == OtherEcus::passed_over && !std::ranges::contains(ecus, *info.ecu, &VehicleEcu::id)) continue;
        TRY(TrustedTarget target, match_one(name, info, image, ecus));
        trusted.push_back(std::move(target));
    }
    std::ranges::sort(trusted, {}, &TrustedTarget::ecu);
    return trusted;
}

}  // namespace

Result<std::vector<TrustedTarget>> match(const Vin& vin, std::span<const VehicleEcu> ecus, const TrustSet& director,
                                         const TrustSet& image) {
    return match_all(vin, ecus, director, image, OtherEcus::refused);
}

Result<std::vector<TrustedTarget>> match_own(const Vin& vin, std::span<const VehicleEcu> ecus, const TrustSet& director,
                                             const TrustSet& image) {
    return match_all(vin, ecus, director, image, OtherEcus::passed_over);
}

}  // namespace pitstop::uptane
