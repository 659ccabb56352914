#include "tests/hostile/journey.h"

#include "tests/hostile/oracle.h"
#include "tests/hostile/vehicle.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <format>

namespace pitstop::hostile {
namespace {

constexpr std::int64_t start_s = 1'795'000'000;  // a day in November 2026
// Honest publications follow from one of so many worlds, so that most of what is signed was signed before: signing is
// by far the slowest part. What is attacked, and how, is each case's own.
constexpr std::uint64_t worlds = 16;
constexpr std::int64_t hour_s = 3600, day_s = 24 * hour_s;

std::string date(std::int64_t seconds) {
    return std::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::sys_seconds(std::chrono::seconds(seconds)));
}

class Journey {
public:
    Journey(Keyring& keys, const std::vector<Mutation>& table, std::uint64_t seed, Tally& tally, Loudness loudness)
        : keys_(keys),
          table_(table),
          tally_(tally),
          loudness_(loudness),
          world_(seed % worlds),
          rng_(seed),
          power_(~seed),
          layout_(static_cast<Layout>(seed % worlds % layouts)),
          honest_{Publisher(keys, director, layout_, world_), Publisher(keys, image, layout_, world_)} {
        keys_.forget_signatures();
        make_dates();
        std::array<std::string, 2> factory;
        for (const Side side : {director, image}) known_[side].root = factory[side] = honest_[side].first_root(dates_);
        vehicle_.emplace(factory, car_.vin);
        releases_ = {{"ECU_011", "BRK-2", "brk/ECU_011.img", {}, {}, 0},
                     {"ECU_012", "ENG-1", "eng/ECU_012.img", {}, {}, 0},
                     {"ECU_091", "ZGW-1", "zgw/ECU_091.img", {}, {}, 0}};
        for (Release& release : releases_) {
            car_.ecus.push_back({release.ecu, release.hardware, 0});
            renew(release);
        }
        say("world: layout {}, {}", static_cast<int>(layout_), car_.now);
    }

    // What both repositories would like to publish now, and what the image store holds.
    struct Offer {
        std::array<Plan, 2> plans;
        Shelf images;
    };

    std::optional<std::string> run() {
        if (rng_.percent(70))
            if (auto wrong = honest_step()) return wrong;
        for (std::size_t attacks = 1 + rng_.below(6); attacks > 0; --attacks) {
            if (auto wrong = attacked_step()) return wrong;
            if (auto wrong = recover()) return wrong;
            if (on_its_own_ && rng_.percent(60)) break;  // nothing of it was signed before: slow
        }
        return std::nullopt;
    }

private:
    template <class... Args>
    void say(std::format_string<Args...> form, Args&&... args) const {
        if (loudness_ == Loudness::loud) std::printf("%s\n", std::format(form, std::forward<Args>(args)...).c_str());
    }

    void make_dates() {
        dates_ = {date(start_s + elapsed_s_ + 3 * day_s), date(start_s + elapsed_s_ + 400 * day_s)};
        car_.now = date(start_s + elapsed_s_);
    }

    void renew(Release& release) {
        const auto ecu = std::ranges::find(car_.ecus, release.ecu, &Ecu::id);
        release.counter = std::max(release.counter + 1, ecu->release_counter);
        release.version = std::format("1.{}.0", release.counter % 60'000);
        release.content = std::format("{} {} {}", release.name, release.version, std::string(world_.below(200), '#'));
    }

    Offer offer() {
        elapsed_s_ += hour_s + static_cast<std::int64_t>(world_.below(day_s));
        make_dates();
        for (Release& release : releases_) {
            const auto ecu = std::ranges::find(car_.ecus, release.ecu, &Ecu::id);
            if (world_.percent(50) || release.counter < ecu->release_counter) renew(release);
        }
        Offer made;
        const std::set<std::string> all{"timestamp", "snapshot", "targets"};
        std::vector<Release> assigned;
        const std::size_t some = world_.percent(4) ? 0 : 1 + world_.below(7);
        for (std::size_t i = 0; i < releases_.size(); ++i)
            if ((some >> i & 1) != 0) assigned.push_back(releases_[i]);
        made.plans[director] = honest_[director].next(world_, assigned, car_.vin, dates_,
                                                      rotate_[director] ? all : std::set<std::string>());
        made.plans[image] =
            honest_[image].next(world_, releases_, {}, dates_, rotate_[image] ? all : std::set<std::string>());
        rotate_ = {};
        for (const Release& release : releases_) made.images[release.name] = {Kind::file, release.content};
        return made;
    }

    // The oracle and the car look at the same bytes.
    std::optional<std::string> judged(Served served) {
        last_ = judge(keys_, known_, served, car_);
        const Verdict found = vehicle_->update(served, car_, power_);
        say("  oracle: {}\n  car:    {}", last_.accepted ? "accepts" : last_.why,
            found.accepted ? "accepts" : found.why);
        history_.push_back(std::move(served));
        if (found.accepted && !last_.accepted) {
            ++tally_.wrongly_accepted;
            return "wrongly accepted; the oracle says: " + last_.why;
        }
        if (!found.accepted && last_.accepted) {
            ++tally_.wrongly_refused;
            return "wrongly refused: " + found.why;
        }
        if (found.images != last_.images) {
            ++tally_.wrongly_accepted;
            return "accepted, but other images than the oracle's";
        }
        for (const Side side : {director, image}) {
            if (vehicle_->known(side) == known_[side]) continue;
            ++tally_.wrongly_accepted;
            return "the car trusts other files than it should, though the verdict is right: " + last_.why;
        }
        for (const Image& one : last_.images)
            std::ranges::find(car_.ecus, one.ecu, &Ecu::id)->release_counter = one.release_counter;
        return std::nullopt;
    }

    std::optional<std::string> honest_step() {
        Offer made = offer();
        return honest({{press(keys_, made.plans[director]), press(keys_, made.plans[image])}, made.images});
    }

    std::optional<std::string> honest(Served served) {
        say("honest step");
        auto wrong = judged(std::move(served));
        ++tally_.honest;
        if (!wrong && !last_.accepted) wrong = "the oracle refuses an honest publication: " + last_.why;
        if (wrong) return "honest step after " + names_ + ": " + *wrong;
        return wrong;
    }

    // The publication that was attacked arrives unharmed now, or, where the attack used up its versions, the next one.
    std::optional<std::string> recover() {
        const bool refused = !last_.accepted;
        const std::array<Shelf, 2> unharmed{press(keys_, plain_.plans[director]), press(keys_, plain_.plans[image])};
        bool unused = true;
        for (const Side side : {director, image})
            unused = unused && takes(side, unharmed[side]) && (refused || has_newest_root(side, unharmed[side]));
        if (unused) {
            honest_ = honest_before_;
            if (refused) return honest({unharmed, plain_.images});
        } else {
            on_its_own_ = true;
            for (const Side side : {director, image}) rotate_[side] = honest_[side].catch_up(known_[side]);
        }
        if (refused || rotate_[director] || rotate_[image] || rng_.percent(30)) return honest_step();
        return std::nullopt;
    }

    bool has_newest_root(Side side, const Shelf& unharmed) const {
        const auto& roots = plain_.plans[side].roots;
        return roots.empty() || unharmed.at(file_name(roots.back())).bytes == known_[side].root;
    }

    // Whether the car trusts nothing that came of the attack.
    bool takes(Side side, const Shelf& unharmed) const {
        const Known &now = known_[side], &before = known_before_[side];
        const auto fits = [&](const std::string& file, const std::string& old) {
            return file.empty() || file == old ||
                   std::ranges::any_of(unharmed, [&](const auto& each) { return each.second.bytes == file; });
        };
        return fits(now.root, before.root) && fits(now.timestamp, before.timestamp) &&
               fits(now.snapshot, before.snapshot) && fits(now.targets, before.targets);
    }

    std::optional<std::string> attacked_step() {
        Offer made = offer();
        plain_ = made;
        honest_before_ = honest_;
        known_before_ = known_;
        Scene scene{rng_, keys_, honest_, made.plans, made.images, known_, history_, car_, dates_};
        std::vector<std::size_t> used;
        const std::size_t dice = rng_.below(100);
        const std::size_t wanted = dice < 60 ? 1 : dice < 85 ? 2 : dice < 95 ? 3 : 4;
        while (used.size() < wanted) {
            const std::size_t place = rng_.below(table_.size());
            if (table_[place].apply(scene)) used.push_back(place);
        }
        names_.clear();
        for (const std::size_t place : used) names_ += (names_.empty() ? "" : " + ") + table_[place].name;
        say("attacked by {}", names_);
        const bool said_before =
            made.plans[director].targets.published_before || made.plans[image].targets.published_before;
        auto wrong = judged({{press(keys_, made.plans[director]), press(keys_, made.plans[image])}, made.images});
        ++tally_.cases;
        ++(last_.accepted ? tally_.accepted : tally_.refused);
        for (const std::size_t place : used) {
            ++tally_.uses[place].times;
            if (!last_.accepted) ++tally_.uses[place].refused;
        }
        if (!wrong && used.size() == 1 && scene.certain) wrong = not_as_meant(table_[used[0]].alone, said_before);
        if (wrong) return names_ + ": " + *wrong;
        return wrong;
    }

    // The mutation's author knew what should come of it.
    std::optional<std::string> not_as_meant(Alone alone, bool said_before) const {
        if (alone == Alone::refused && last_.accepted) return "meant to be refused, but oracle and car accept it";
        if (alone == Alone::accepted && !last_.accepted && !said_before)
            return "meant to be accepted, but oracle and car refuse it: " + last_.why;
        return std::nullopt;
    }

    Keyring& keys_;
    const std::vector<Mutation>& table_;
    Tally& tally_;
    Loudness loudness_;
    Rng world_, rng_, power_;
    Layout layout_;
    std::array<Publisher, 2> honest_, honest_before_ = honest_;  // before: the attack
    std::array<Known, 2> known_, known_before_;
    Offer plain_;
    std::optional<Vehicle> vehicle_;
    Car car_{"HOSTILECAR", {}, {}};
    std::vector<Release> releases_;
    std::vector<Served> history_;
    Dates dates_;
    std::int64_t elapsed_s_ = 0;
    Verdict last_;
    std::string names_ = "nothing";
    std::array<bool, 2> rotate_{};
    bool on_its_own_ = false;  // has left the world's own course
};

}  // namespace

void Tally::add(const Tally& other) {
    cases += other.cases;
    refused += other.refused;
    accepted += other.accepted;
    honest += other.honest;
    wrongly_accepted += other.wrongly_accepted;
    wrongly_refused += other.wrongly_refused;
    for (std::size_t i = 0; i < uses.size(); ++i) {
        uses[i].times += other.uses[i].times;
        uses[i].refused += other.uses[i].refused;
    }
}

std::optional<std::string> travel(Keyring& keys, const std::vector<Mutation>& table, std::uint64_t seed, Tally& tally,
                                  Loudness loudness) {
    return Journey(keys, table, seed, tally, loudness).run();
}

}  // namespace pitstop::hostile
