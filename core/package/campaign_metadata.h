// campaign_metadata.json: what full_package.bin holds and where (docs/formats/package.md).
//
// It is a directory, for planning downloads and for the operator. A vehicle believes an image because of Uptane's
// Targets, never because of this file; the desk and the server check its two signatures, so that what was built is what
// is published. The signatures, one classical and one ML-DSA, cover the canonical JSON of everything else.
//
// Faults: base.bad-json, missing-member, wrong-type …; package.bad-metadata, not-signed-by-both, wrong-signers.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/time.h"
#include "core/crypto/signer.h"
#include "core/package/enclosure.h"
#include "core/package/record_entry.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pitstop::package {

// 101 records of 1 KiB, or 5 KiB with all the constraints that they may have; parts, papers and signatures.
inline constexpr std::size_t metadata_size_bytes_max = 640 * 1024;
inline constexpr std::size_t records_max = 101;            // a vehicle's 100 ECUs and its gateway, each named once
inline constexpr std::size_t metadata_signatures_max = 8;  // two are needed; more during a change of keys

struct CampaignMetadata {
    CampaignId campaign;
    UtcTime created;
    std::vector<RecordEntry> records;  // in installation order
    std::uint64_t package_size_bytes = 0;
    Sha256Digest package_sha256{};
    std::vector<Part> parts = {};    // the same records for the gateway and each zone; empty: there are no such files
    std::vector<Paper> papers = {};  // for people

    bool operator==(const CampaignMetadata&) const = default;
};

// The members without signatures: what the signatures cover.
[[nodiscard]] json::Object to_json(const CampaignMetadata& metadata);

// What the file says, checked for form and for contradictions, believed by nobody yet. Signatures need not be there.
[[nodiscard]] Result<CampaignMetadata> from_json(View file);

// The file's text. Needs exactly one signer of each family.
[[nodiscard]] Result<std::string> sign(const CampaignMetadata& metadata, std::span<crypto::Signer* const> signers);

// from_json of a file that a trusted key of each family has signed.
[[nodiscard]] Result<CampaignMetadata> from_signed_json(View file, std::span<const crypto::PublicKey> trusted);

}  // namespace pitstop::package
