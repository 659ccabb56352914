#include "tests/hostile/vehicle.h"

#include "core/crypto/digest.h"
#include "core/uptane/faults.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace pitstop::hostile {
namespace {

constexpr uptane::Repository repositories[] = {uptane::Repository::director, uptane::Repository::image};

std::string text(View bytes) { return std::string(text_of(bytes)); }

void hand_over(uptane::Cycle& cycle, const uptane::Fetch& asked, const Shelf& shelf) {
    const auto found = shelf.find(file_of(asked));
    if (found == shelf.end()) return cycle.on_absent();
    const Answer& answer = found->second;
    if (answer.kind == Kind::broken) return cycle.on_error(Error(uptane::faults::not_published, "503"));
    if (answer.kind == Kind::file) return cycle.on_file(view_of(answer.bytes));
    std::string endless = answer.bytes;
    endless.resize(asked.size_bytes_max + 1, ' ');  // where a transport stops reading
    cycle.on_file(view_of(endless));
}

std::vector<uptane::VehicleEcu> ecus_of(const Car& car) {
    std::vector<uptane::VehicleEcu> ecus;
    for (const Ecu& ecu : car.ecus)
        ecus.push_back({*EcuId::parse(ecu.id),
                        *HardwareId::parse(ecu.hardware),
                        {},
                        static_cast<std::uint32_t>(ecu.release_counter)});
    return ecus;
}

bool downloaded(const uptane::TrustedTarget& target, const Shelf& images) {
    const auto found = images.find(target.name.str());
    if (found == images.end() || found->second.kind != Kind::file) return false;
    const View bytes = view_of(found->second.bytes);
    return bytes.size() == target.length_bytes && crypto::sha256(bytes) == target.sha256 &&
           crypto::sha512(bytes) == target.sha512;
}

}  // namespace

Vehicle::Vehicle(const std::array<std::string, 2>& factory_roots, const std::string& vin) {
    rules_.vin = *Vin::parse(vin);
    rules_.roots_per_cycle_max = static_cast<std::uint32_t>(roots_per_cycle_max);
    for (const Side side : {director, image}) {
        auto trust =
            uptane::TrustSet::from_root(repositories[side], uptane::ReceivedRoot{view_of(factory_roots[side])}, rules_);
        if (!trust) {
            std::fprintf(stderr, "hostile: the factory's root: %s\n", trust.error().str().c_str());
            std::abort();
        }
        trust_.push_back(*std::move(trust));
        flash_[side] = trust_.back().save();
    }
}

Verdict Vehicle::update(const Served& served, const Car& car, Rng& chance) {
    saves_before_cut_.reset();
    // A cycle that begins again may take as many Roots again.
    const bool few_roots = std::ranges::all_of(served.metadata, [](const Shelf& shelf) {
        return std::ranges::count_if(shelf, [](const auto& file) { return file.first.ends_with(".root.json"); }) <=
               static_cast<std::ptrdiff_t>(roots_per_cycle_max);
    });
    if (chance.percent(12) && few_roots) saves_before_cut_ = chance.below(8);
    cut_before_saving_ = chance.percent(50);
    const bool restart_at_the_end = chance.percent(8);
    if (saves_before_cut_)
        for (const Side side : {director, image}) flash_[side] = trust_[side].save();

    Result<std::vector<uptane::TrustedTarget>> targets;
    Verdict verdict;
    try {
        targets = attempt(served, car);
    } catch (const PowerCut&) {
        saves_before_cut_.reset();
        if (const auto started = restart(); !started) return {false, "after a power cut: " + started.error().str(), {}};
        targets = attempt(served, car);
    }
    if (restart_at_the_end) {
        for (const Side side : {director, image}) flash_[side] = trust_[side].save();
        if (const auto started = restart(); !started) return {false, "after a restart: " + started.error().str(), {}};
    }
    if (!targets) return {false, targets.error().str(), {}};
    for (const uptane::TrustedTarget& target : *targets) {
        if (!downloaded(target, served.images)) return {false, "not the image that was promised", {}};
        verdict.images.push_back({target.ecu.str(), target.name.str(), target.length_bytes, to_hex(target.sha256),
                                  to_hex(target.sha512), target.release_counter});
    }
    verdict.accepted = true;
    return verdict;
}

Result<std::vector<uptane::TrustedTarget>> Vehicle::attempt(const Served& served, const Car& car) {
    TRY(const UtcTime now, UtcTime::parse(car.now));
    uptane::Cycle ordering(trust_[director], now);
    ENSURE(drive(ordering, director, served.metadata[director]));
    uptane::Cycle images(trust_[image], now);
    ENSURE(drive(images, image, served.metadata[image]));
    const auto ecus = ecus_of(car);
    for (const auto& [name, info] : trust_[director].targets()->targets) {
        const auto ecu = std::ranges::find(ecus, *info.ecu, &uptane::VehicleEcu::id);
        if (ecu == ecus.end()) break;  // match() will refuse
        images.want(name, ecu->hardware);
        ENSURE(drive(images, image, served.metadata[image]));
    }
    TRY(const Vin vin, Vin::parse(car.vin));
    return match(vin, ecus, trust_[director], trust_[image]);
}

Result<void> Vehicle::drive(uptane::Cycle& cycle, Side side, const Shelf& shelf) {
    for (;;) {
        const uptane::Step step = cycle.next();
        if (const auto* fetch = std::get_if<uptane::Fetch>(&step)) {
            hand_over(cycle, *fetch, shelf);
        } else if (std::holds_alternative<uptane::Save>(step)) {
            save(side);
            cycle.on_saved();
        } else {
            if (const auto* failed = std::get_if<uptane::Failed>(&step)) return fail(failed->error);
            return {};
        }
    }
}

// Saving costs time; it is done only where a cut is to come.
void Vehicle::save(Side side) {
    if (!saves_before_cut_) return;
    const bool now = *saves_before_cut_ == 0;
    if (!now || !cut_before_saving_) flash_[side] = trust_[side].save();
    if (now) throw PowerCut();
    --*saves_before_cut_;
}

Result<void> Vehicle::restart() {
    for (const Side side : {director, image}) {
        auto loaded = uptane::TrustSet::load(repositories[side], flash_[side], rules_);
        if (!loaded) return fail(loaded.error());
        trust_[side] = *std::move(loaded);
    }
    return {};
}

Known Vehicle::known(Side side) const {
    const uptane::TrustSet& trust = trust_[side];
    using uptane::Role;
    Known known{text(trust.remembered(Role::root)),
                text(trust.remembered(Role::timestamp)),
                text(trust.remembered(Role::snapshot)),
                text(trust.remembered(Role::targets)),
                {}};
    for (const auto& [role, file] : trust.delegated_files()) known.delegated[role] = text(file);
    return known;
}

}  // namespace pitstop::hostile
