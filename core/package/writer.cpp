#include "core/package/writer.h"

#include "core/package/crc32.h"
#include "core/package/faults.h"
#include "core/package/reader.h"

#include <limits>

namespace pitstop::package {

Result<HeaderBytes> header_for(const RecordDescription& what, View payload) {
    if (what.created.seconds < 0 || what.created.seconds > std::numeric_limits<std::uint32_t>::max())
        return fail(faults::time_out_of_range, "created");
    const std::uint64_t image_size_bytes = what.form.is_plain() ? payload.size() : what.image_size_bytes;
    for (const std::uint64_t size_bytes : {std::uint64_t{payload.size()}, image_size_bytes})
        if (size_bytes > ReaderLimits{}.payload_size_bytes_max) return fail(faults::record_too_large, "as handed in");
    return encode(Header{
        .target = what.target,
        .software_type = what.software_type,
        .form = what.form,
        .payload_size_bytes = static_cast<std::uint32_t>(payload.size()),
        .uncompressed_size_bytes = static_cast<std::uint32_t>(image_size_bytes),
        .version = what.version,
        .created_s = static_cast<std::uint32_t>(what.created.seconds),
        .release_counter = what.release_counter,
        .crc32 = crc32(payload),
        .sequence_number = what.sequence_number,
    });
}

}  // namespace pitstop::package
