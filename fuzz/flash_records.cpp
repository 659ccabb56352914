// core/flash: image records, boot records and bank states as bytes. Boot records are also tried with their CRC made
// right.
#include "core/flash/bank_state.h"
#include "core/flash/boot_records.h"
#include "core/flash/routine_status.h"
#include "core/package/crc32.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

void check_boot_record(View bytes) {
    const auto record = flash::parse_boot_record(bytes);
    fuzz::must_repeat(record, flash::parse_boot_record(bytes));
    if (!record) return;
    const auto written = flash::to_bytes(*record);
    must(flash::parse_boot_record(written) == *record, "a boot record means the same after it was written again");
    must(!to_string(record->phase).empty() && !to_string(record->last_change).empty(), "all of it has a name");
    must(to_string(record->phase) != "unknown" && to_string(record->last_change) != "unknown", "that people know");
}

void check_with_right_crc(View bytes) {
    constexpr std::size_t crc_at = flash::boot_record_size_bytes - 4;
    flash::BootRecordBytes mended{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), crc_at), mended.begin());
    store_be(mended.data() + crc_at, package::crc32(View(mended).first(crc_at)));
    check_boot_record(mended);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    if (const auto record = flash::parse_image_record(input)) {
        must(std::ranges::equal(flash::to_bytes(*record), input), "an image record has one form");
        must(record->size_bytes > 0, "an image has at least one byte");
        must(HardwareId::parse(record->hardware_id.view()).has_value() || record->hardware_id.view().starts_with('.'),
             "a hardware id has the characters of a name");
    }
    if (const auto state = flash::parse_bank_state(input))
        must(std::ranges::equal(flash::to_bytes(*state), input), "a bank state has one form");
    check_boot_record(input);
    check_with_right_crc(input);
    if (!input.empty()) must(!flash::fault_of_status(input[0]).code.empty(), "every status byte means something");
    return 0;
}
