#include "core/image/image.h"

#include "core/base/ids.h"
#include "core/crypto/digest.h"
#include "core/image/elf.h"
#include "core/image/faults.h"
#include "core/image/intel_hex.h"
#include "core/image/s_record.h"

#include <format>

namespace pitstop::image {
namespace {

Kind kind_of(View file) {
    if (begins_like_elf(file)) return Kind::elf;
    if (looks_like_intel_hex(file)) return Kind::intel_hex;
    if (looks_like_s_records(file)) return Kind::s_record;
    return Kind::raw;
}

Layout usual_layout(Kind kind) {
    return kind == Kind::intel_hex || kind == Kind::s_record ? Layout::flat : Layout::file;
}

Result<std::vector<Segment>> segments_of(Kind kind, View file) {
    switch (kind) {
        case Kind::raw: return fail(faults::not_segmented);
        case Kind::elf: return elf_segments(file);
        case Kind::intel_hex: return intel_hex_segments(file);
        case Kind::s_record: return s_record_segments(file);
    }
    return fail(faults::not_segmented);
}

// A file that is recognised is checked, whichever way it travels.
Result<void> check(Kind kind, View file) {
    if (kind == Kind::raw) return {};
    if (kind == Kind::elf) return check_elf(file);
    TRY([[maybe_unused]] const auto segments, segments_of(kind, file));
    return {};
}

}  // namespace

std::string_view to_string(Kind kind) {
    switch (kind) {
        case Kind::raw: return "raw";
        case Kind::elf: return "ELF";
        case Kind::intel_hex: return "Intel HEX";
        case Kind::s_record: return "S-record";
    }
    return "raw";
}

std::string_view to_string(Layout layout) { return layout == Layout::flat ? "flat" : "file"; }

Result<void> check_size(std::uint64_t size_bytes) {
    if (size_bytes == 0) return fail(faults::empty);
    if (size_bytes > size_bytes_max)
        return fail(faults::too_large, std::format("{} bytes, allowed are {}", size_bytes, size_bytes_max));
    return {};
}

Result<FirmwareImage> read(std::string_view name, Bytes bytes, std::optional<Layout> layout) {
    ENSURE(check_name(name, "image name"));
    ENSURE(check_size(bytes.size()));
    FirmwareImage image{.name = std::string(name), .kind = kind_of(bytes)};
    image.layout = layout.value_or(usual_layout(image.kind));
    if (image.layout == Layout::file) {
        ENSURE(check(image.kind, bytes));
        image.bytes = std::move(bytes);
    } else {
        TRY(const std::vector<Segment> segments, segments_of(image.kind, bytes));
        for (const Segment& segment : segments) image.extents.push_back({segment.address, segment.bytes.size()});
        TRY(Segment flat, flatten(segments));
        image.bytes = std::move(flat.bytes);
    }
    image.sha256 = crypto::sha256(image.bytes);
    image.sha512 = crypto::sha512(image.bytes);
    return image;
}

}  // namespace pitstop::image
