// The Director repository: for each vehicle its own Targets, Snapshot and Timestamp, signed here with the online keys.
//
// What a vehicle shall run is written into its Targets when a campaign directs it there, and stays until another
// directs it elsewhere. Files are made once, kept, and signed anew before they expire: a vehicle that asks usually gets
// what lies ready. Call it inside a transaction where the change belongs to a decision. Faults:
// server.no-director-root, unknown-file; those of core/uptane, io/keys, io/store.
#pragma once

#include "core/crypto/signer.h"
#include "core/uptane/repository.h"
#include "io/store/store.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::server {

struct OnlineKeys {
    std::vector<crypto::SoftwareSigner> targets, snapshot, timestamp;

    // <folder>/director-{targets,snapshot,timestamp}-{classical,pq}.key
    [[nodiscard]] static Result<OnlineKeys> load(const std::filesystem::path& folder);
};

// Signed anew when less than half of it is left. A short Timestamp bounds how long an old state can be replayed to a
// vehicle.
struct DirectorLifetimes {
    std::chrono::days targets{90}, snapshot{30}, timestamp{7};
};

class Director {
public:
    [[nodiscard]] static Result<Director> open(const std::filesystem::path& roots, OnlineKeys keys,
                                               io::store::MetadataFiles files);

    // These ECUs shall run these images; other ECUs stay as they were directed before.
    [[nodiscard]] Result<void> direct(const Vin& vin, std::span<const uptane::NamedTarget> wanted, UtcTime now);
    // Nothing is said any more about these images, where they are still what was directed.
    [[nodiscard]] Result<void> withdraw(const Vin& vin, std::span<const TargetName> names, UtcTime now);

    [[nodiscard]] Result<std::string> file(const Vin& vin, std::string_view name, UtcTime now);  // server.unknown-file

private:
    struct Current {
        uptane::Targets targets;
        uptane::Snapshot snapshot;
        uptane::Timestamp timestamp;
    };

    Director(std::map<std::uint32_t, std::string> roots, uptane::Root root, OnlineKeys keys,
             io::store::MetadataFiles files)
        : roots_(std::move(roots)),
          root_(std::move(root)),
          keys_(std::move(keys)),
          files_(files) {}

    [[nodiscard]] Result<std::optional<Current>> current(const Vin& vin);
    [[nodiscard]] Result<void> publish(const Vin& vin, const Current* previous, std::vector<uptane::NamedTarget> wanted,
                                       UtcTime now);
    [[nodiscard]] Result<void> renew_timestamp(const Vin& vin, const Current& previous, UtcTime now);
    [[nodiscard]] Result<void> keep_fresh(const Vin& vin, UtcTime now);

    std::map<std::uint32_t, std::string> roots_;
    uptane::Root root_;  // the newest
    OnlineKeys keys_;
    io::store::MetadataFiles files_;
    DirectorLifetimes lifetimes_;
};

}  // namespace pitstop::server
