#include "core/package/writer.h"

#include "core/package/crc32.h"
#include "core/package/faults.h"
#include "core/package/reader.h"

#include <limits>

namespace pitstop::package {

Result<HeaderBytes> header_for(const RecordDescription& what, View payload) {
    if (what.created.seconds < 0 || what.created.seconds > std::numeric_limits<std::uint32_t>::max())
        return fail(faults::time_out_of_range, "created");
    if (payload.size() > ReaderLimits{}.payload_size_bytes_max) return fail(faults::record_too_large, "as handed in");
    const auto size_bytes = static_cast<std::uint32_t>(payload.size());
    return encode(Header{
        .target_ecu = what.ecu,
        .software_type = what.software_type,
        .payload_size_bytes = size_bytes,
        .uncompressed_size_bytes = size_bytes,
        .version = what.version,
        .created_s = static_cast<std::uint32_t>(what.created.seconds),
        .release_counter = what.release_counter,
        .crc32 = crc32(payload),
        .sequence_number = what.sequence_number,
    });
}

}  // namespace pitstop::package
