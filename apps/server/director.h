// The Director repository: for each vehicle its own Targets, Snapshot and Timestamp, signed here with the online keys.
//
// What a vehicle shall run stands in its Targets from when a campaign directs it there until it is withdrawn, directed
// elsewhere, or no longer fits what the vehicle says it carries. Whoever decides that calls direct(), withdraw() and
// keep_only() within the transaction of the decision and sign_changes() at its end: so many vehicles' files are signed
// together (one ML-DSA signature a role where Root allows batches), and a vehicle whose Targets stay the same costs
// nothing. Files for a vehicle that nobody directed, and newer ones before they expire, are made when it asks;
// otherwise it gets what lies ready. Faults: server.no-director-root, unknown-file; those of core/uptane, io/keys,
// io/store.
#pragma once

#include "apps/server/online_keys.h"
#include "core/uptane/repository.h"
#include "io/store/store.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::server {

// Signed anew when less than half of it is left. A short Timestamp bounds how long an old state can be replayed to a
// vehicle.
struct DirectorLifetimes {
    std::chrono::days targets{90}, snapshot{30}, timestamp{7};
};

// Fewer vehicles than this are signed one by one: a batch would save less than its paths cost the vehicles.
inline constexpr std::size_t batch_vehicles_min = 4;

class Director {
public:
    [[nodiscard]] static Result<Director> open(const std::filesystem::path& roots, OnlineKeys keys,
                                               io::store::Database& database);

    // These ECUs shall run these images; other ECUs stay as they were directed before.
    [[nodiscard]] Result<void> direct(const Vin& vin, std::span<const uptane::NamedTarget> wanted);
    // Nothing is said any more about these images, where they are still what was directed.
    [[nodiscard]] Result<void> withdraw(const Vin& vin, std::span<const TargetName> names);
    // Nothing is said any more about what does not fit.
    [[nodiscard]] Result<void> keep_only(const Vin& vin, const std::function<bool(const uptane::TargetInfo&)>& fits);

    [[nodiscard]] Result<void> sign_changes(UtcTime now);  // last, in the transaction that they belong to
    void forget_changes() { changes_.clear(); }            // that transaction came to nothing

    // What is no metadata, but believed by the same keys of the role `targets`: its `_type` tells them apart.
    [[nodiscard]] Result<Bytes> sign_order(const json::Object& body);

    [[nodiscard]] Result<std::string> file(const Vin& vin, std::string_view name, UtcTime now);  // server.unknown-file
    [[nodiscard]] const uptane::Root& root() const { return root_; }

private:
    struct Current {
        uptane::Targets targets;
        uptane::Snapshot snapshot;
        uptane::Timestamp timestamp;
    };
    struct Change {
        std::optional<Current> before;
        std::vector<uptane::NamedTarget> wanted;
    };
    using Changes = std::map<Vin, Change>;

    Director(std::map<std::uint32_t, std::string> roots, uptane::Root root, OnlineKeys keys,
             io::store::Database& database)
        : roots_(std::move(roots)),
          root_(std::move(root)),
          keys_(std::move(keys)),
          database_(database),
          files_(database) {}

    [[nodiscard]] Result<std::optional<Current>> current(const Vin& vin);
    [[nodiscard]] Result<Change*> change_of(const Vin& vin);
    [[nodiscard]] Result<void> publish(const Changes& changes, UtcTime now);
    [[nodiscard]] RoleKeyFiles& keys_of(uptane::Role role);
    [[nodiscard]] bool signs_together(uptane::Role role, std::size_t vehicles) const;
    [[nodiscard]] Result<std::vector<Bytes>> sign_targets(const Changes& changes,
                                                          std::span<const uptane::Edition> editions);
    [[nodiscard]] Result<std::vector<Bytes>> sign_all(uptane::Role role, std::span<const json::Object> bodies);
    [[nodiscard]] Result<std::vector<Bytes>> sign_batch(uptane::Role role, std::vector<std::string> texts);
    [[nodiscard]] Result<void> renew_timestamp(const Vin& vin, const Current& previous, UtcTime now);
    [[nodiscard]] Result<void> keep_fresh(const Vin& vin, UtcTime now);
    void remember_fresh(const Vin& vin, const Current& current);

    std::map<std::uint32_t, std::string> roots_;
    uptane::Root root_;  // the newest
    OnlineKeys keys_;
    io::store::Database& database_;
    io::store::MetadataFiles files_;
    DirectorLifetimes lifetimes_;
    Changes changes_;
    std::map<Vin, UtcTime> fresh_until_;  // so that a vehicle that asks costs one look into the database
};

}  // namespace pitstop::server
