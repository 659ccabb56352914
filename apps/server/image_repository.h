// The Image repository as this server keeps and serves it: files that engineers signed elsewhere.
//
// A file is checked before it becomes visible. Targets, delegated Targets and Snapshots are handed in first and wait;
// the Timestamp that leads to them is judged together with them by a TrustSet, as a vehicle would, and makes all of
// them visible in one transaction. So a reader never sees half a publication, and a wrong one changes nothing.
//
// Where it holds the keys of Snapshot and Timestamp, renew() signs the two anew before they expire. From then on their
// numbers are this server's: what an engineer hands in with lower ones is judged by itself, listed anew, and judged
// again beside what was visible; nothing that is listed may go back. Faults: uptane.*; server.unknown-file,
// file-missing, not-published.
#pragma once

#include "apps/server/delegated_files.h"
#include "apps/server/freshness.h"
#include "apps/server/metadata_name.h"
#include "apps/server/online_keys.h"
#include "core/campaign/resolve.h"
#include "core/uptane/repository.h"
#include "core/uptane/trust_set.h"
#include "io/store/store.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::server {

enum class Visibility { visible, waiting };

// Of what this server signs; signed anew when less than half of it is left.
struct ListingLifetimes {
    std::chrono::days snapshot{90}, timestamp{30};
};

class ImageRepository {
public:
    // The first Root is the one that this server was configured with; later ones follow by put().
    [[nodiscard]] static Result<ImageRepository> open(const std::filesystem::path& first_root,
                                                      io::store::Database& database, io::store::MetadataFiles files);

    [[nodiscard]] Result<Visibility> put(std::string_view file, View bytes, UtcTime now);
    [[nodiscard]] Result<std::string> file(std::string_view name);  // server.unknown-file

    // What a published image is, for an ECU of this hardware. server.not-published
    [[nodiscard]] Result<uptane::NamedTarget> target(const TargetName& name,
                                                     const std::optional<HardwareId>& hardware = {}) const;
    // What is known of the images that a vehicle runs.
    [[nodiscard]] std::vector<campaign::KnownImage> known_of(const vehicle::Inventory& inventory) const;

    void hold(std::optional<ListingKeys> keys) { keys_ = std::move(keys); }
    [[nodiscard]] Result<void> renew(UtcTime now);  // does nothing without keys, or before it is time
    [[nodiscard]] std::vector<DatedFile> dates() const;

private:
    struct Publication {  // all files that one Timestamp leads to
        std::string timestamp, snapshot, targets;
        std::vector<DelegatedFile> delegated;
    };
    using Find = std::function<Result<std::string>(const MetadataName&)>;

    ImageRepository(io::store::Database& database, io::store::MetadataFiles files, uptane::TrustSet trust)
        : database_(database),
          files_(files),
          trust_(std::move(trust)) {}

    [[nodiscard]] Result<void> adopt_root(std::uint32_t version, View bytes);
    [[nodiscard]] Result<void> keep_waiting(const MetadataName& name, View bytes);
    [[nodiscard]] Result<void> adopt(View timestamp, const Find& find, UtcTime now);
    [[nodiscard]] Result<void> adopt_timestamp(View bytes, UtcTime now);
    [[nodiscard]] Result<void> list_anew(View timestamp, UtcTime now);
    [[nodiscard]] Result<void> sign_listing(uptane::Snapshot snapshot, const Find& find, UtcTime now);
    [[nodiscard]] Result<Bytes> sign_timestamp(const uptane::FileInfo& snapshot, UtcTime now);
    [[nodiscard]] static Result<Publication> judge(uptane::TrustSet& trust, View timestamp, const Find& find,
                                                   UtcTime now);
    [[nodiscard]] Result<std::optional<std::string>> visible(const MetadataName& name);
    [[nodiscard]] Result<std::string> shown(const MetadataName& name);
    [[nodiscard]] Result<std::string> handed_in(const MetadataName& name);
    [[nodiscard]] Result<void> show(const uptane::TrustSet& trust, const Publication& publication);
    [[nodiscard]] Result<void> save(const uptane::TrustSet& trust);
    [[nodiscard]] Result<void> remember_publication();
    void index(const Publication& publication);

    io::store::Database& database_;
    io::store::MetadataFiles files_;
    uptane::TrustSet trust_;  // with the visible publication accepted, where there is one under the newest Root
    std::multimap<Sha256Digest, uptane::TargetInfo> by_digest_;
    std::optional<ListingKeys> keys_;
    ListingLifetimes lifetimes_;
};

}  // namespace pitstop::server
