#include "tests/conformance/chosen_images.h"

#include "core/uptane/faults.h"
#include "core/uptane/match.h"

#include <algorithm>
#include <format>
#include <set>

namespace pitstop::conformance {

using namespace pitstop::uptane;

namespace {

// Every digest that either repository lists.
TargetInfo together(TargetInfo director, const TargetInfo& image) {
    if (!director.sha256) director.sha256 = image.sha256;
    if (!director.sha512) director.sha512 = image.sha512;
    return director;
}

Result<std::vector<VehicleEcu>> ecus_of(const Targets& assigned, const std::optional<OnlyEcu>& only) {
    std::vector<VehicleEcu> ecus;
    if (only) {
        TRY(const EcuId id, EcuId::parse(only->serial));
        TRY(const HardwareId hardware, HardwareId::parse(only->hardware));
        ecus.push_back({id, hardware, {}, 0});
        return ecus;
    }
    for (const auto& [name, info] : assigned.targets) ecus.push_back({*info.ecu, info.hardware.front(), {}, 0});
    return ecus;
}

Result<std::vector<ChosenImage>> choose_ours(const TrustSet& director, const TrustSet& image,
                                             const std::optional<OnlyEcu>& only, const Search& search) {
    const Targets& assigned = *director.targets();
    TRY(const auto ecus, ecus_of(assigned, only));
    for (const auto& [name, info] : assigned.targets) {
        const auto ecu = std::ranges::find(ecus, *info.ecu, &VehicleEcu::id);
        if (ecu != ecus.end()) ENSURE(search(name, ecu->hardware));
    }
    ENSURE(match(*assigned.vin, ecus, director, image).transform([](const auto&) {}));
    std::vector<ChosenImage> chosen;
    for (const auto& [name, info] : assigned.targets) chosen.push_back({name, info});
    return chosen;
}

// Which hardware one of aktualizr's targets is for; all of its ECUs must be this vehicle's, and not named before.
Result<std::set<std::string>> hardware_of(const TargetPath& name, const TargetInfo& info,
                                          const std::optional<OnlyEcu>& only, std::set<std::string>& named) {
    if (info.ecu_serials.empty()) return fail(faults::unknown_ecu, std::format("{:.80}: for nobody", name.view()));
    std::set<std::string> wanted;
    for (const auto& [serial, hardware] : info.ecu_serials) {
        if (only && serial != only->serial) return fail(faults::unknown_ecu, serial);
        if (only && hardware != only->hardware)
            return fail(faults::wrong_hardware, std::format("{:.80} has {:.80}", serial, only->hardware));
        if (!named.insert(serial).second) return fail(faults::duplicate_ecu, serial);
        wanted.insert(hardware);
    }
    return wanted;
}

Result<void> check_hardware(const TargetPath& name, const TargetInfo& image, const HardwareId& hardware) {
    if (image.hardware.empty() || std::ranges::contains(image.hardware, hardware)) return {};
    return fail(faults::wrong_hardware, std::format("{:.80} is not for {}", name.view(), hardware.view()));
}

Result<std::vector<ChosenImage>> choose_aktualizr(const TrustSet& director, const TrustSet& image,
                                                  const std::optional<OnlyEcu>& only, const Search& search) {
    std::vector<ChosenImage> chosen;
    std::set<std::string> named;
    for (const auto& [name, info] : director.targets()->targets) {
        TRY(const auto wanted, hardware_of(name, info, only, named));
        for (const std::string& text : wanted) {
            TRY(const HardwareId hardware, HardwareId::parse(text));
            ENSURE(search(name, hardware));
            TRY(const Lookup lookup, image.look_up(name, hardware));
            if (lookup.found == nullptr) return fail(faults::not_in_image_repository, name.view());
            ENSURE(check_agreement(name, info, *lookup.found, image.rules()));
            ENSURE(check_hardware(name, *lookup.found, hardware));
            chosen.push_back({name, together(info, *lookup.found)});
        }
    }
    return chosen;
}

}  // namespace

Result<std::vector<ChosenImage>> choose_images(const TrustSet& director, const TrustSet& image,
                                               const std::optional<OnlyEcu>& only, const Search& search) {
    return director.rules().is_strict() ? choose_ours(director, image, only, search)
                                        : choose_aktualizr(director, image, only, search);
}

}  // namespace pitstop::conformance
