// What lies beside full_package.bin in a campaign's folder: the packages of the gateway and of each zone, and the
// papers for people. campaign_metadata.json names the size and the digest of each.
//
// A part holds some of the full package's records again, byte for byte and in the same order: vmg_package what the
// gateway installs itself, zone<n>_package what goes through the gateway of the n-th zone. A paper is a file that
// nobody installs: release notes, or a software bill of materials (SBOM). Fault: package.bad-metadata, base.bad-name.
#pragma once

#include "core/base/bytes.h"
#include "core/base/json.h"
#include "core/package/record_entry.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::package {

inline constexpr std::string_view package_file_name = "full_package.bin", metadata_file_name = "campaign_metadata.json";
inline constexpr std::uint32_t zones_max = 100;  // a vehicle has at most 100 ECUs, a zone has one at least
inline constexpr std::size_t papers_max = 102;   // one SBOM per record, one for the whole, the release notes
inline constexpr std::uint64_t paper_size_bytes_max = std::uint64_t{64} << 20;  // SBOMs of whole Linux systems: 30 MiB

struct Part {
    std::uint32_t zone = 0;  // counted from 1; 0 for the gateway's own
    std::vector<Addressee> ecus = {};
    std::uint64_t size_bytes = 0;
    Sha256Digest sha256{};

    [[nodiscard]] std::string name() const;  // "zone3_package": its folder, and with ".bin" the file in it
    bool operator==(const Part&) const = default;
};

enum class PaperKind : std::uint8_t { release_notes, sbom };
[[nodiscard]] std::string_view to_string(PaperKind kind);

struct Paper {
    PaperKind kind = PaperKind::release_notes;
    std::optional<Addressee> about = {};  // one record's image; nothing: the whole campaign
    std::string file;                     // its name in the folder; as in check_name
    std::uint64_t size_bytes = 0;
    Sha256Digest sha256{};
    bool operator==(const Paper&) const = default;
};

[[nodiscard]] json::Object to_json(const Part& part);
[[nodiscard]] json::Object to_json(const Paper& paper);

// None at all, or every record in exactly one part.
[[nodiscard]] Result<std::vector<Part>> parts_from_json(const json::Array& from, std::span<const RecordEntry> records);
[[nodiscard]] Result<std::vector<Paper>> papers_from_json(const json::Array& from,
                                                          std::span<const RecordEntry> records);

}  // namespace pitstop::package
