#include "core/flash/record.h"

#include "core/flash/faults.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

constexpr std::size_t digest_at = 4;
constexpr std::size_t version_at = 36;
constexpr std::size_t counter_at = 44;
constexpr std::size_t hardware_at = 48;

bool is_name_character(std::uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

Result<Text<ImageRecord::hardware_id_size_max>> parse_hardware_id(View padded) {
    const auto end = std::ranges::find(padded, std::uint8_t{0});
    const View name(padded.begin(), end);
    if (name.empty() || !std::ranges::all_of(name, is_name_character))
        return fail(faults::bad_record, "the hardware id is empty or holds foreign characters");
    if (!std::all_of(end, padded.end(), [](std::uint8_t c) { return c == 0; }))
        return fail(faults::bad_record, "the hardware id is not padded with zeros");
    return Text<ImageRecord::hardware_id_size_max>(text_of(name));
}

}  // namespace

ImageRecordBytes to_bytes(const ImageRecord& record) {
    ImageRecordBytes bytes{};
    store_be(bytes.data(), record.size_bytes);
    std::ranges::copy(record.sha256, bytes.begin() + digest_at);
    store_be(bytes.data() + version_at, record.version.major);
    store_be(bytes.data() + version_at + 2, record.version.minor);
    store_be(bytes.data() + version_at + 4, record.version.patch);
    store_be(bytes.data() + version_at + 6, record.version.build);
    store_be(bytes.data() + counter_at, record.release_counter);
    std::ranges::copy(record.hardware_id.view(), bytes.begin() + hardware_at);
    return bytes;
}

Result<ImageRecord> parse_image_record(View bytes) {
    if (bytes.size() != ImageRecord::size_on_wire_bytes)
        return fail(faults::bad_record, "an image record has 112 bytes");
    ImageRecord record;
    record.size_bytes = load_be<std::uint32_t>(bytes.data());
    if (record.size_bytes == 0) return fail(faults::bad_record, "an image has at least one byte");
    std::ranges::copy(bytes.subspan(digest_at, record.sha256.size()), record.sha256.begin());
    record.version = {
        load_be<std::uint16_t>(bytes.data() + version_at), load_be<std::uint16_t>(bytes.data() + version_at + 2),
        load_be<std::uint16_t>(bytes.data() + version_at + 4), load_be<std::uint16_t>(bytes.data() + version_at + 6)};
    record.release_counter = load_be<std::uint32_t>(bytes.data() + counter_at);
    TRY(record.hardware_id, parse_hardware_id(bytes.subspan(hardware_at)));
    return record;
}

}  // namespace pitstop::flash
