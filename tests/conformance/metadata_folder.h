// The folder in which an outside suite looks for what a plain TUF client trusts: root.json, timestamp.json,
// snapshot.json, targets.json and <quoted role>.json, each byte for byte as it was served.
//
// A file that a change of keys made worthless stays where it is, as others leave it too; only Timestamp goes, so that
// nothing vouches for the rest (TUF §5.3.11). Faults: files.*
#pragma once

#include "core/uptane/trust_set.h"

#include <filesystem>
#include <map>

namespace pitstop::conformance {

class MetadataFolder {
public:
    explicit MetadataFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    [[nodiscard]] Result<uptane::TrustFiles> read();
    [[nodiscard]] Result<void> write(const uptane::TrustSet& trust);  // what is new in it

private:
    [[nodiscard]] Result<Bytes> read_role(uptane::Role role);
    [[nodiscard]] Result<void> write_file(const std::string& name, View file);

    std::filesystem::path folder_;
    std::map<std::string, Bytes> known_;  // by file name
};

}  // namespace pitstop::conformance
