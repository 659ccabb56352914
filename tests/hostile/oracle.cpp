#include "tests/hostile/oracle.h"

#include "tests/hostile/oracle_roles.h"

#include <algorithm>

namespace pitstop::hostile {
namespace oracle {
namespace {

constexpr std::size_t kib = 1024, mib = 1024 * kib;
constexpr std::size_t root_max = mib, timestamp_max = 64 * kib, snapshot_max = mib, targets_max = 8 * mib;  // DESIGN 6
constexpr std::size_t delegated_roles_per_search_max = 32;

// --- one repository, TUF §5.3 to §5.7
class Repository {
public:
    Repository(const Keyring& keys, Known& known, Side side, const Shelf& shelf, const Car& car)
        : keys_(keys),
          known_(known),
          side_(side),
          shelf_(shelf),
          car_(car) {}

    void refresh() {
        update_root();
        update_timestamp();
        update_snapshot();
        update_targets();
    }
    [[nodiscard]] const Targets& targets() const { return targets_; }

    // §5.6.7: the first role in order that knows the target speaks for it.
    std::optional<json::object> find(const std::string& target, const std::string& hardware) {
        visited_.clear();
        over_ = false;
        return look(targets_, target, hardware);
    }

private:
    std::optional<std::string> fetch(const std::string& name, std::uint64_t size_max) {
        const auto found = shelf_.find(name);
        if (found == shelf_.end()) return std::nullopt;
        must(found->second.kind != Kind::broken, "the transport failed at " + name);
        must(found->second.kind == Kind::file && found->second.bytes.size() <= size_max,
             "more bytes than allowed: " + name);
        return found->second.bytes;
    }
    std::string fetch_promised(const std::string& role, const Promise& promise, std::size_t size_max) {
        const auto bytes = fetch(std::to_string(promise.version) + "." + role + ".json",
                                 std::min<std::uint64_t>(size_max, promise.length.value_or(size_max)));
        must(bytes.has_value(), "promised, but not there: " + role);
        return *bytes;
    }
    // What is trusted already is not fetched again while it is what is promised.
    template <class Take>
    void known_or_fetched(const std::string& known, const std::string& role, const Promise& promise,
                          std::size_t size_max, Take take) {
        if (!known.empty()) try {
                return take(std::string(known));
            } catch (const Refusal&) {}  // then the repository must have something better
        take(fetch_promised(role, promise, size_max));
    }
    static void check_promise(const std::string& bytes, const Promise& promise, const std::string& what) {
        must(!promise.length || *promise.length == bytes.size(), what + ": promised length");
        must(!promise.digests || promise.digests->match(bytes), what + ": promised digests");
    }
    void check_signed(const File& file, const std::string& role) const {
        oracle::check_signed(keys_, file, root_.keys, root_.roles.at(role), role);
    }

    void update_root() {  // §5.3
        root_ = read_root(keys_, open(known_.root, root_max));
        for (std::size_t taken = 0;; ++taken) {
            const auto bytes = fetch(std::to_string(root_.version + 1) + ".root.json", root_max);
            if (!bytes) break;  // §5.3.3, and only this way
            must(taken < roots_per_cycle_max, "§5.3.3: a chain without end");
            const File file = open(*bytes, root_max);
            Root next = read_root(keys_, file);
            check_signed(file, "root");                                                    // §5.3.4: by the old …
            oracle::check_signed(keys_, file, next.keys, next.roles["root"], "new root");  // … and by itself
            must(next.version == root_.version + 1, "§5.3.5: the next version");
            root_ = std::move(next);
            known_.root = *bytes;
            forget_what_nobody_vouches_for();
        }
        check_current(root_.body, car_.now, "§5.3.10 root");
    }
    // §5.3.11, to recover from versions that a thief signed. Files that the new keys have signed as well stay known.
    void forget_what_nobody_vouches_for() {
        const auto stays = [&](const std::string& bytes, const char* role) {
            try {
                if (!bytes.empty()) check_signed(open(bytes, targets_max), role);
                return true;
            } catch (const Refusal&) {
                return false;
            }
        };
        const bool timestamp = stays(known_.timestamp, "timestamp"), snapshot = stays(known_.snapshot, "snapshot");
        const bool targets = stays(known_.targets, "targets");
        if (!timestamp || !snapshot) known_.timestamp.clear(), known_.snapshot.clear();
        if (!targets || !snapshot) known_.targets.clear(), known_.delegated.clear();
    }
    void check_vehicle(const json::object& body) const {  // DESIGN 6: every file of the Director names its vehicle
        if (side_ == director) must(text(body, "vin") == car_.vin, "for another car");
    }

    void update_timestamp() {  // §5.4
        const auto bytes = fetch("timestamp.json", timestamp_max);
        must(bytes.has_value(), "no timestamp");
        const File file = open(*bytes, timestamp_max);
        check_signed(file, "timestamp");  // §5.4.2
        const std::uint64_t version = read_head(file.body, "timestamp");
        check_vehicle(file.body);
        snapshot_promise_ = read_timestamp_meta(file.body);
        if (!known_.timestamp.empty()) {  // §5.4.3
            const File old = open(known_.timestamp, timestamp_max);
            const std::uint64_t before = read_head(old.body, "timestamp");
            must(version >= before, "§5.4.3.1: older");
            must(version > before || *bytes == known_.timestamp, "DESIGN 6: the same version, other bytes");
            must(snapshot_promise_.version >= read_timestamp_meta(old.body).version, "§5.4.3.2: an older snapshot");
        }
        check_current(file.body, car_.now, "§5.4.4 timestamp");
        known_.timestamp = *bytes;
    }
    static Promise read_timestamp_meta(const json::object& body) {
        const json::object& meta = object(body, "meta");
        must(meta.size() == 1, "TUF 4.6: snapshot.json and nothing else");
        const Promise promise = read_promise(object(meta, "snapshot.json"), snapshot_max);
        must(promise.length && promise.digests, "DESIGN 6: length and digests");
        return promise;
    }

    void update_snapshot() {  // §5.5
        known_or_fetched(
            known_.snapshot, "snapshot", snapshot_promise_, snapshot_max, [this](const std::string& bytes) {
                check_promise(bytes, snapshot_promise_, "§5.5.2 snapshot");
                const File file = open(bytes, snapshot_max);
                check_signed(file, "snapshot");  // §5.5.3
                const std::uint64_t version = read_head(file.body, "snapshot");
                check_vehicle(file.body);
                must(version == snapshot_promise_.version, "§5.5.4: the promised version");
                std::map<std::string, Promise> listed = read_snapshot_meta(file.body);
                if (!known_.snapshot.empty()) {  // §5.5.5
                    const File old = open(known_.snapshot, snapshot_max);
                    const std::uint64_t before = read_head(old.body, "snapshot");
                    must(version > before || (version == before && bytes == known_.snapshot), "Uptane: rolled back");
                    for (const auto& [name, was] : read_snapshot_meta(old.body)) check_kept(listed, name, was);
                }
                check_current(file.body, car_.now, "§5.5.6 snapshot");
                known_.snapshot = bytes;
                listed_ = std::move(listed);
            });
    }
    static void check_kept(const std::map<std::string, Promise>& listed, const std::string& name, const Promise& was) {
        const auto found = listed.find(name);
        must(found != listed.end() && found->second.version >= was.version, "§5.5.5: " + name + " dropped or lowered");
        if (found->second.version > was.version || !was.digests || !found->second.digests) return;
        const Digests &a = *was.digests, &b = *found->second.digests;
        must((!a.sha256 || !b.sha256 || a.sha256 == b.sha256) && (!a.sha512 || !b.sha512 || a.sha512 == b.sha512),
             "DESIGN 6: the same version of " + name + ", other bytes");
    }
    static std::map<std::string, Promise> read_snapshot_meta(const json::object& body) {
        const json::object& meta = object(body, "meta");
        must(meta.size() <= 20'000 && meta.contains("targets.json"), "TUF 4.4: targets.json");
        std::map<std::string, Promise> listed;
        for (const auto& member : meta) {
            must(is_name(member.key()) && member.value().is_object(), "TUF 4.4: an entry");
            listed[std::string(member.key())] = read_promise(member.value().get_object(), targets_max);
        }
        return listed;
    }

    void update_targets() {  // §5.6
        const Promise promise = listed_.at("targets.json");
        known_or_fetched(known_.targets, "targets", promise, targets_max, [&](const std::string& bytes) {
            check_promise(bytes, promise, "§5.6.2 targets");
            const File file = open(bytes, targets_max);
            check_signed(file, "targets");  // §5.6.3
            Targets targets = read_targets(keys_, file, side_);
            check_vehicle(file.body);
            must(targets.version == promise.version, "§5.6.4: the promised version");
            if (!known_.targets.empty()) {  // Uptane #check_targets
                const std::uint64_t before = read_head(open(known_.targets, targets_max).body, "targets");
                must(targets.version > before || (targets.version == before && bytes == known_.targets), "rolled back");
            }
            check_current(file.body, car_.now, "§5.6.5 targets");
            known_.targets = bytes;
            targets_ = std::move(targets);
        });
    }

    // --- §5.6.7
    std::optional<json::object> look(const Targets& role, const std::string& target, const std::string& hardware) {
        const json::object& list = object(role.body, "targets");
        if (list.contains(target)) return list.at(target).get_object();
        if (!role.delegations) return std::nullopt;
        for (const Delegation& one : candidates(*role.delegations, target, hardware)) {
            if (!visited_.contains(one.role)) {
                must(visited_.size() < delegated_roles_per_search_max, "§5.6.7: a search without end");
                visited_.insert(one.role);
                auto found = look(delegated(role.delegations->keys, one), target, hardware);
                if (found || over_) return found;
            }
            if (one.terminating) return over_ = true, std::nullopt;
        }
        return std::nullopt;
    }

    static std::vector<Delegation> candidates(const Delegations& from, const std::string& target,
                                              const std::string& hardware) {
        const std::string digest = hex(sha256(target));
        if (from.bin_bits > 0) {  // TAP 15: the bin is the number that the digest's first bits are
            const std::uint64_t bin = std::stoull(digest.substr(0, 8), nullptr, 16) >> (32 - from.bin_bits);
            std::string name = hex(std::string{static_cast<char>(bin >> 8), static_cast<char>(bin)});
            name = name.substr(4 - (from.bin_bits + 3) / 4);
            return {{from.bin_prefix + "-" + name, from.bin_keys, false, {}, {}, {}}};
        }
        std::vector<Delegation> found;
        for (const Delegation& one : from.roles) {
            const bool named =
                std::ranges::any_of(one.paths, [&](const auto& pattern) { return matches(pattern, target); }) ||
                std::ranges::any_of(one.prefixes,
                                    [&](const auto& prefix) { return !prefix.empty() && digest.starts_with(prefix); });
            if (named && (one.hardware.empty() || std::ranges::contains(one.hardware, hardware))) found.push_back(one);
        }
        return found;
    }

    // TUF §4.5 PATHPATTERN: neither '*' nor '?' goes past '/'.
    static bool matches(std::string_view pattern, std::string_view path) {
        if (pattern.empty()) return path.empty();
        if (pattern[0] == '*')
            return matches(pattern.substr(1), path) ||
                   (!path.empty() && path[0] != '/' && matches(pattern, path.substr(1)));
        if (path.empty()) return false;
        return (pattern[0] == path[0] || (pattern[0] == '?' && path[0] != '/')) &&
               matches(pattern.substr(1), path.substr(1));
    }

    Targets delegated(const KeyBook& book, const Delegation& by) {
        const auto listed = listed_.find(by.role + ".json");
        must(listed != listed_.end(), "§5.6.7: a role that Snapshot does not list");
        const Promise promise = listed->second;
        Targets targets;
        known_or_fetched(known_.delegated[by.role], by.role, promise, targets_max, [&](const std::string& bytes) {
            check_promise(bytes, promise, by.role);
            const File file = open(bytes, targets_max);
            oracle::check_signed(keys_, file, book, by.keys, by.role);
            targets = read_targets(keys_, file, side_);
            must(targets.version == promise.version, by.role + ": the promised version");
            check_current(targets.body, car_.now, by.role);
            known_.delegated[by.role] = bytes;
        });
        return targets;
    }

    const Keyring& keys_;
    Known& known_;
    Side side_;
    const Shelf& shelf_;
    const Car& car_;
    Root root_;
    Promise snapshot_promise_;
    std::map<std::string, Promise> listed_;
    Targets targets_;
    std::set<std::string> visited_;
    bool over_ = false;
};

// --- Uptane 2.1.0 #full_verification step 10, for one image that the Director assigns
struct Order {
    std::string name;
    json::object said;
    const Ecu* ecu;
    std::optional<json::object> found;  // in the Image repository
};

std::vector<Order> find_all(const json::object& ordered, Repository& images, const Car& car) {
    std::map<std::string, json::object> by_name;
    for (const auto& member : ordered) by_name[std::string(member.key())] = member.value().get_object();
    std::vector<Order> orders;
    for (const auto& [name, said] : by_name) {
        const auto ecu = std::ranges::find(car.ecus, text(object(said, "custom"), "ecuIdentifier"), &Ecu::id);
        must(ecu != car.ecus.end(), "an ECU that the car does not have");
        orders.push_back({name, said, &*ecu, images.find(name, ecu->hardware)});
    }
    return orders;
}

Image confirm(const Order& order) {
    const json::object &ordered = order.said, &custom = object(ordered, "custom");
    const std::optional<json::object>& found = order.found;
    const Ecu* ecu = order.ecu;
    must(found.has_value(), "not in the Image repository");
    const json::object& offered = object(*found, "custom");
    const Digests a = read_digests(object(ordered, "hashes")), b = read_digests(object(*found, "hashes"));
    const std::uint64_t length = number(ordered, "length", 0, length_max);
    const std::uint64_t counter = number(custom, "releaseCounter", 0, 0xFFFF'FFFF);
    must(length == number(*found, "length", 0, length_max), "the repositories disagree: length");
    must(a.sha256 == b.sha256 && a.sha512 == b.sha512, "the repositories disagree: digests");
    must(counter == number(offered, "releaseCounter", 0, 0xFFFF'FFFF), "the repositories disagree: counter");
    const auto version = [](const json::object& from) {  // 1.2.3 and 1.2.3.0 are one version
        const std::string said = text(from, "version");
        return std::ranges::count(said, '.') == 3 ? said : said + ".0";
    };
    must(version(custom) == version(offered), "the repositories disagree: version");
    for (const json::object* each : {&custom, &offered})
        must(std::ranges::contains(texts(*each, "hardwareIds", 64), ecu->hardware), "for other hardware");
    must(counter >= ecu->release_counter, "an older release");
    return {ecu->id, order.name, length, *a.sha256, *a.sha512, counter};
}

}  // namespace
}  // namespace oracle

Verdict judge(const Keyring& keys, std::array<Known, 2>& known, const Served& served, const Car& car) {
    Verdict verdict;
    try {
        oracle::Repository ordering(keys, known[director], director, served.metadata[director], car);
        oracle::Repository images(keys, known[image], image, served.metadata[image], car);
        ordering.refresh();
        images.refresh();
        const auto orders = oracle::find_all(oracle::object(ordering.targets().body, "targets"), images, car);
        for (const oracle::Order& order : orders) verdict.images.push_back(oracle::confirm(order));
        for (const Image& one : verdict.images) {
            const auto file = served.images.find(one.name);
            oracle::must(file != served.images.end() && file->second.kind == Kind::file, "no such image");
            const std::string& bytes = file->second.bytes;
            oracle::must(
                bytes.size() == one.length && hex(sha256(bytes)) == one.sha256 && hex(sha512(bytes)) == one.sha512,
                "not the image that was promised");
        }
        std::ranges::sort(verdict.images);
        verdict.accepted = true;
    } catch (const oracle::Refusal& refusal) {
        verdict.why = refusal.what();
        verdict.images.clear();
    }
    for (Known& each : known) std::erase_if(each.delegated, [](const auto& role) { return role.second.empty(); });
    return verdict;
}

}  // namespace pitstop::hostile
