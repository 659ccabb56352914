// What happens on the way: nothing that was signed is changed, but something else arrives.
#include "tests/hostile/mutation.h"

#include <algorithm>

namespace pitstop::hostile {
namespace {

constexpr auto refused = Alone::refused, either = Alone::either;

// One of the files that the car will ask for, by name.
std::string asked_for(Scene& scene, Side side, bool roots = false) {
    const Plan& plan = scene.plans[side];
    std::vector<std::string> names{"timestamp.json", file_name(plan.snapshot)};
    if (roots)
        for (const Draft& root : plan.roots) names.push_back(file_name(root));
    return scene.rng.pick(names);
}

// Changes what arrives under one name.
Mutation arrives(const char* name, const std::function<void(Answer&, Rng&)>& change) {
    return {name, refused, [change](Scene& scene) {
                const Side side = scene.side();
                const std::string file = asked_for(scene, side, true);
                const std::uint64_t seed = scene.rng.below(std::size_t{1} << 40);
                scene.plans[side].at_the_door.emplace_back([=](Shelf& shelf) {
                    Rng rng(seed);
                    if (const auto found = shelf.find(file); found != shelf.end()) change(found->second, rng);
                });
                return true;
            }};
}

bool old_shelf(Scene& scene, Side side, bool whole) {
    if (scene.history.empty()) return false;
    const Shelf old = scene.rng.pick(scene.history).metadata[side];
    const std::uint64_t seed = scene.rng.below(std::size_t{1} << 40);
    scene.plans[side].at_the_door.emplace_back([=](Shelf& shelf) {
        Rng rng(seed);
        if (whole) {
            shelf = old;
            return;
        }
        for (const auto& [name, answer] : old)
            if (rng.percent(50)) shelf[name] = answer;
    });
    return true;
}

// A file of another role, of another repository or of another day under a name that was asked for.
Mutation wrong_file(const char* name, const std::function<const Shelf*(Scene&, Side)>& from) {
    return {name, either, [from](Scene& scene) {
                const Side side = scene.side();
                const Shelf* other = from(scene, side);
                if (!other || other->empty()) return false;
                const Answer answer = scene.rng.pick(*other).second;
                const std::string file = asked_for(scene, side, true);
                scene.plans[side].at_the_door.emplace_back([=](Shelf& shelf) { shelf[file] = answer; });
                return true;
            }};
}

void add_files(std::vector<Mutation>& table) {
    table.push_back(arrives("network.truncated", [](Answer& answer, Rng& rng) {
        answer.bytes.resize(rng.below(answer.bytes.size() + 1) / 2);
    }));
    table.push_back(arrives("network.last-byte-missing", [](Answer& answer, Rng&) {
        if (!answer.bytes.empty()) answer.bytes.pop_back();
    }));
    table.push_back(arrives("network.endless", [](Answer& answer, Rng&) { answer.kind = Kind::endless; }));
    table.push_back(arrives("network.server-error", [](Answer& answer, Rng&) { answer.kind = Kind::broken; }));
    table.push_back(arrives("network.empty", [](Answer& answer, Rng&) { answer.bytes.clear(); }));
    table.push_back(
        {"network.error-at-the-end-of-the-chain", refused, [](Scene& scene) {
             const Side side = scene.side();
             static_cast<void>(scene.root(side));
             const std::string next = std::to_string(scene.plans[side].roots.back().version + 1) + ".root.json";
             scene.plans[side].at_the_door.emplace_back([next](Shelf& shelf) { shelf[next] = {Kind::broken, {}}; });
             return true;
         }});
    table.push_back({"network.absent", refused, [](Scene& scene) {
                         const Side side = scene.side();
                         const std::string file = asked_for(scene, side);
                         scene.plans[side].at_the_door.emplace_back([file](Shelf& shelf) { shelf.erase(file); });
                         return true;
                     }});
    table.push_back({"network.new-root-withheld", either, [](Scene& scene) {
                         const Side side = scene.side();
                         if (scene.plans[side].roots.empty()) return false;
                         const std::string file = file_name(scene.rng.pick(scene.plans[side].roots));
                         scene.plans[side].at_the_door.emplace_back([file](Shelf& shelf) { shelf.erase(file); });
                         return true;
                     }});
    table.push_back({"network.targets-absent", either, [](Scene& scene) {
                         const Side side = scene.side();
                         const std::string file = file_name(scene.plans[side].targets);
                         scene.plans[side].at_the_door.emplace_back([file](Shelf& shelf) { shelf.erase(file); });
                         return true;
                     }});
    table.push_back({"network.delegated-role-absent", either, [](Scene& scene) {
                         if (scene.plans[image].delegated.empty()) return false;
                         const std::string file = file_name(scene.rng.pick(scene.plans[image].delegated).second);
                         scene.plans[image].at_the_door.emplace_back([file](Shelf& shelf) { shelf.erase(file); });
                         return true;
                     }});
    table.push_back({"network.nothing-there", refused, [](Scene& scene) {
                         scene.plans[scene.side()].at_the_door.emplace_back([](Shelf& shelf) { shelf.clear(); });
                         return true;
                     }});
}

void add_replays(std::vector<Mutation>& table) {
    table.push_back(
        {"replay.whole-repository", either, [](Scene& scene) { return old_shelf(scene, scene.side(), true); }});
    table.push_back({"replay.both-repositories", either, [](Scene& scene) {
                         if (scene.history.empty()) return false;
                         const Served old = scene.rng.pick(scene.history);
                         for (const Side side : {director, image})
                             scene.plans[side].at_the_door.emplace_back(
                                 [shelf_then = old.metadata[side]](Shelf& shelf) { shelf = shelf_then; });
                         for (const auto& [name, answer] : old.images) scene.images[name] = answer;
                         return true;
                     }});
    table.push_back(
        {"replay.mixed-generations", either, [](Scene& scene) { return old_shelf(scene, scene.side(), false); }});
    table.push_back({"replay.old-timestamp", either, [](Scene& scene) {
                         if (scene.history.empty()) return false;
                         const Side side = scene.side();
                         const Shelf& old = scene.rng.pick(scene.history).metadata[side];
                         const auto found = old.find("timestamp.json");
                         if (found == old.end()) return false;
                         scene.plans[side].at_the_door.emplace_back(
                             [answer = found->second](Shelf& shelf) { shelf["timestamp.json"] = answer; });
                         return true;
                     }});
    table.push_back(wrong_file("replay.old-file-under-new-name", [](Scene& scene, Side side) -> const Shelf* {
        return scene.history.empty() ? nullptr : &scene.rng.pick(scene.history).metadata[side];
    }));
    table.push_back(wrong_file("replay.file-of-the-other-repository", [](Scene& scene, Side side) -> const Shelf* {
        return scene.history.empty() ? nullptr
                                     : &scene.rng.pick(scene.history).metadata[side == director ? image : director];
    }));
    table.push_back({"network.files-exchanged", either, [](Scene& scene) {
                         const Side side = scene.side();
                         const std::string a = asked_for(scene, side, true), b = file_name(scene.plans[side].targets);
                         scene.plans[side].at_the_door.emplace_back(
                             [=](Shelf& shelf) { std::swap(shelf[a], shelf[b]); });
                         return true;
                     }});
}

Mutation image_arrives(const char* name, const std::function<void(Shelf&, Answer&, Rng&)>& change) {
    return {name, refused, [change](Scene& scene) {
                const auto target = scene.target(director);
                if (!target.draft || !scene.images.contains(target.name)) return false;
                change(scene.images, scene.images[target.name], scene.rng);
                return true;
            }};
}

void add_images(std::vector<Mutation>& table) {
    table.push_back(image_arrives("image.truncated", [](Shelf&, Answer& answer, Rng&) { answer.bytes.pop_back(); }));
    table.push_back(image_arrives("image.one-bit", [](Shelf&, Answer& answer, Rng& rng) {
        answer.bytes[rng.below(answer.bytes.size())] ^= static_cast<char>(1U << rng.below(8));
    }));
    table.push_back(image_arrives("image.longer", [](Shelf&, Answer& answer, Rng&) { answer.bytes += '\0'; }));
    table.push_back(image_arrives("image.endless", [](Shelf&, Answer& answer, Rng&) { answer.kind = Kind::endless; }));
    table.push_back(
        image_arrives("image.server-error", [](Shelf&, Answer& answer, Rng&) { answer.kind = Kind::broken; }));
    table.push_back(image_arrives("image.empty", [](Shelf&, Answer& answer, Rng&) { answer.bytes.clear(); }));
    // The second half twice: a range that was not the one asked for.
    table.push_back(image_arrives("image.wrong-range", [](Shelf&, Answer& answer, Rng&) {
        const std::size_t half = answer.bytes.size() / 2;
        answer.bytes = answer.bytes.substr(answer.bytes.size() - half) + answer.bytes.substr(half);
    }));
    table.push_back(image_arrives("image.of-another-ecu", [](Shelf& images, Answer& answer, Rng&) {
        for (const auto& [name, other] : images)
            if (other.bytes != answer.bytes) {
                answer = other;
                return;
            }
        answer.bytes += "other";
    }));
    table.push_back({"image.absent", refused, [](Scene& scene) {
                         const auto target = scene.target(director);
                         return target.draft && scene.images.erase(target.name) > 0;
                     }});
}

}  // namespace

void add_network_mutations(std::vector<Mutation>& table) {
    add_files(table);
    add_replays(table);
    add_images(table);
}

}  // namespace pitstop::hostile
