// The Image repository as this server keeps and serves it: files that engineers signed elsewhere.
//
// A file is checked before it becomes visible. Targets and Snapshots are handed in first and wait; the Timestamp that
// leads to them is judged together with them by a TrustSet, as a vehicle would, and makes all three visible in one
// transaction. So a reader never sees half a publication, and a wrong one changes nothing. Faults: uptane.*;
// server.unknown-file, file-missing, not-published.
#pragma once

#include "core/uptane/repository.h"
#include "core/uptane/trust_set.h"
#include "io/store/store.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pitstop::server {

enum class Visibility { visible, waiting };

class ImageRepository {
public:
    // The first Root is the one that this server was configured with; later ones follow by put().
    [[nodiscard]] static Result<ImageRepository> open(const std::filesystem::path& first_root,
                                                      io::store::Database& database, io::store::MetadataFiles files);

    [[nodiscard]] Result<Visibility> put(std::string_view file, View bytes, UtcTime now);
    [[nodiscard]] Result<std::string> file(std::string_view name);  // server.unknown-file

    // What a published image is. server.not-published
    [[nodiscard]] Result<uptane::NamedTarget> target(const TargetName& name) const;

private:
    ImageRepository(io::store::Database& database, io::store::MetadataFiles files, uptane::TrustSet trust)
        : database_(database),
          files_(files),
          trust_(std::move(trust)) {}

    [[nodiscard]] Result<void> adopt_root(std::uint32_t version, View bytes);
    [[nodiscard]] Result<void> keep_waiting(uptane::Role role, std::uint32_t version, View bytes);
    [[nodiscard]] Result<void> adopt_timestamp(View bytes, UtcTime now);
    [[nodiscard]] Result<std::string> handed_in(uptane::Role role, std::uint32_t version);
    [[nodiscard]] Result<void> save(const uptane::TrustSet& trust);
    [[nodiscard]] Result<void> read_targets();

    io::store::Database& database_;
    io::store::MetadataFiles files_;
    uptane::TrustSet trust_;
    std::map<TargetName, uptane::TargetInfo> targets_;  // of the visible Targets
};

}  // namespace pitstop::server
