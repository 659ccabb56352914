#include "core/campaign/resolve.h"

#include "core/campaign/faults.h"

#include <algorithm>
#include <format>
#include <map>
#include <set>

namespace pitstop::campaign {
namespace {

const KnownImage* find_known(std::span<const KnownImage> known, EcuId ecu) {
    const auto found = std::ranges::find(known, ecu, &KnownImage::ecu);
    return found == known.end() ? nullptr : &*found;
}

bool is_silent(const vehicle::Inventory& inventory, EcuId ecu) {
    return std::ranges::contains(inventory.missing, ecu, &vehicle::MissingEcu::ecu);
}

class Judgement {
public:
    Judgement(std::span<const Target> wanted, const vehicle::Inventory& inventory, std::span<const KnownImage> known)
        : wanted_(wanted),
          inventory_(inventory),
          known_(known) {}

    Resolution judge() && {
        for (const vehicle::EcuReport& report : inventory_.ecus) after_[report.ecu] = report.version;
        for (const Target& target : wanted_) judge_alone(target);
        for (const Target& target : wanted_) judge_together(target.ecu, target.constraints);
        for (const KnownImage& image : known_)
            if (std::ranges::find(wanted_, image.ecu, &Target::ecu) == wanted_.end())
                judge_together(image.ecu, image.constraints);
        return std::move(resolution_);
    }

private:
    void against(EcuId ecu, const Fault& fault, std::string_view detail) {
        resolution_.obstacles.push_back({ecu, Error(fault, detail)});
    }

    void judge_alone(const Target& target) {
        const vehicle::EcuReport* report = inventory_.find(target.ecu);
        after_[target.ecu] = target.version;
        if (!report) {
            if (is_silent(inventory_, target.ecu)) return against(target.ecu, faults::ecu_silent, target.ecu.str());
            return against(target.ecu, faults::unknown_ecu, target.ecu.str());
        }
        if (report->version == target.version && report->active_image == target.sha256) {
            resolution_.running.push_back(target.ecu);
            return;
        }
        changed_.insert(target.ecu);
        if (report->hardware != target.hardware)
            return against(target.ecu, faults::wrong_hardware,
                           std::format("{} is {}, the image is for {}", target.ecu.str(), report->hardware.view(),
                                       target.hardware.view()));
        const KnownImage* installed = find_known(known_, target.ecu);
        if (installed && target.release_counter < installed->release_counter)
            against(
                target.ecu, faults::release_counter_back,
                std::format("{}: {} after {}", target.ecu.str(), target.release_counter, installed->release_counter));
    }

    void judge_together(EcuId of, const Constraints& constraints) {
        const auto touched = [&](const VersionRange& range) {
            return changed_.contains(of) || changed_.contains(range.ecu);
        };
        for (const VersionRange& needed : constraints.dependencies) {
            if (!touched(needed)) continue;
            const auto version = after_.find(needed.ecu);
            if (version != after_.end() && needed.contains(version->second)) continue;
            const std::string said = std::format("{} needs {}, {}", of.str(), needed.str(), what_is(needed.ecu));
            const bool unsure = version == after_.end() && is_silent(inventory_, needed.ecu);
            against(of, unsure ? faults::ecu_silent : faults::dependency_missing, said);
        }
        for (const VersionRange& enemy : constraints.conflicts) {
            if (!touched(enemy)) continue;
            const auto version = after_.find(enemy.ecu);
            const std::string said = std::format("{} stands no {}, {}", of.str(), enemy.str(), what_is(enemy.ecu));
            if (version != after_.end()) {
                if (enemy.contains(version->second)) against(of, faults::conflict, said);
            } else if (is_silent(inventory_, enemy.ecu)) {
                against(of, faults::ecu_silent, said);
            }
        }
    }

    [[nodiscard]] std::string what_is(EcuId ecu) const {
        const auto version = after_.find(ecu);
        if (version != after_.end()) return std::format("which would be {}", version->second.str());
        return is_silent(inventory_, ecu) ? "which did not answer" : "which is not there";
    }

    std::span<const Target> wanted_;
    const vehicle::Inventory& inventory_;
    std::span<const KnownImage> known_;
    std::map<EcuId, Version> after_;  // what each ECU would run
    std::set<EcuId> changed_;         // ECUs that would run something else than now
    Resolution resolution_;
};

}  // namespace

bool Resolution::must_wait() const {
    return !obstacles.empty() &&
           std::ranges::all_of(obstacles, [](const Obstacle& one) { return one.error.remedy() == Remedy::wait; });
}

std::string Resolution::in_one_sentence() const {
    std::string sentence;
    for (const Obstacle& one : obstacles) {
        if (!sentence.empty()) sentence += "; ";
        sentence += one.error.sentence();
    }
    if (sentence.size() > Error::detail_size_max) sentence.resize(Error::detail_size_max);
    return sentence;
}

Resolution resolve(std::span<const Target> wanted, const vehicle::Inventory* inventory,
                   std::span<const KnownImage> known) {
    if (inventory == nullptr) return {{}, {{std::nullopt, Error(faults::no_inventory)}}};
    return Judgement(wanted, *inventory, known).judge();
}

bool still_fits(EcuId ecu, std::span<const HardwareId> hardware, std::uint32_t release_counter,
                const vehicle::Inventory& inventory, std::span<const KnownImage> known) {
    const vehicle::EcuReport* report = inventory.find(ecu);
    if (!report) return is_silent(inventory, ecu);
    const KnownImage* installed = find_known(known, ecu);
    return std::ranges::contains(hardware, report->hardware) &&
           (!installed || release_counter >= installed->release_counter);
}

}  // namespace pitstop::campaign
