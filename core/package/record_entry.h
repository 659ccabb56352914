// What campaign_metadata.json says of one record of full_package.bin (docs/formats/package.md).
//
// Two sizes and two digests: of the payload as it is stored, and of the image that comes out when it was opened. In the
// plain form they are the same. Faults: package.bad-metadata, base.missing-member, wrong-type, those of the parsed
// types.
#pragma once

#include "core/base/bytes.h"
#include "core/base/constraints.h"
#include "core/base/form.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/package/header.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::package {

struct RecordEntry {
    Addressee ecu;
    HardwareId hardware;
    SoftwareType software_type = SoftwareType::application;
    Version version = {};
    std::uint32_t release_counter = 0;
    Form form = {};
    std::uint64_t offset_bytes = 0;        // of the record's header in full_package.bin
    std::uint64_t stored_size_bytes = 0;   // of the whole record, header included: the next one starts behind it
    std::uint32_t payload_size_bytes = 0;  // as stored behind the header
    Sha256Digest payload_sha256{};         // of these bytes
    std::uint32_t image_size_bytes = 0;    // of the image that goes into the bank
    Sha256Digest sha256{};                 // of that image
    Sha512Digest sha512{};                 // of that image, which Uptane's Targets name as well
    TargetName target;                     // its name in both Uptane repositories
    Constraints constraints = {};          // what it asks of the vehicle's other ECUs
    bool operator==(const RecordEntry&) const = default;
};

// Why no vehicle can ever meet what an image for this ECU asks: a range of the ECU's own versions, two ranges that must
// both hold but share no version, or one that must hold and must not. Nothing: some vehicle may.
[[nodiscard]] std::optional<std::string> contradiction_in(const Constraints& constraints, const Addressee& ecu);

[[nodiscard]] json::Object to_json(const RecordEntry& record);

// The list as a whole: one behind the other from offset 0, no ECU twice. package.no-records, too-many-records,
// duplicate-ecu.
[[nodiscard]] Result<std::vector<RecordEntry>> records_from_json(const json::Array& from);

// A member that nobody knows may mean that the file asks for more than this reader does. package.bad-metadata
[[nodiscard]] Result<void> allow_only(const json::Object& from, std::span<const std::string_view> known);

}  // namespace pitstop::package
