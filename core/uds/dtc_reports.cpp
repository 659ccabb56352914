#include "core/uds/dtc_reports.h"

#include <algorithm>

namespace pitstop::uds {

namespace {

constexpr Nrc accepted = Nrc::positive_response;
constexpr std::uint8_t iso_14229_format = 0x01;  // DTCFormatIdentifier
constexpr std::uint8_t first_record = 0x01, all_records = 0xFF;
constexpr std::uint8_t failures_record = 0x01, aging_record = 0x02;

void put_code(std::uint32_t code, Reply& out) {
    out.put_u8(static_cast<std::uint8_t>(code >> 16));
    out.put_u16(static_cast<std::uint16_t>(code));
}

void put_count(std::uint8_t mask, const DtcStore& dtcs, Reply& out) {
    out.put_u8(dtc_status::available);
    out.put_u8(iso_14229_format);
    out.put_u16(static_cast<std::uint16_t>(dtcs.count(mask)));
}

enum class Which : std::uint8_t { matching, all };

void put_list(Which which, std::uint8_t mask, const DtcStore& dtcs, Reply& out) {
    out.put_u8(dtc_status::available);
    for (std::size_t i = 0; i < dtcs.size(); ++i) {
        const std::uint8_t status = dtcs.entry(i).status;
        if (which == Which::matching && (status & mask) == 0) continue;
        put_code(dtcs.code(i), out);
        out.put_u8(status);
    }
}

void put_snapshot_numbers(const DtcStore& dtcs, Reply& out) {
    for (std::size_t i = 0; i < dtcs.size(); ++i) {
        if (!dtcs.entry(i).has_snapshot) continue;
        put_code(dtcs.code(i), out);
        out.put_u8(first_record);
    }
}

Nrc put_snapshot(std::uint8_t record, const DtcEntry& entry, Reply& out) {
    if (record != first_record && record != all_records) return Nrc::request_out_of_range;
    if (!entry.has_snapshot) return accepted;
    out.put_u8(first_record);
    out.put_u8(2);  // DTCSnapshotRecordNumberOfIdentifiers
    out.put_u16(did::time);
    put_time(entry.snapshot.time, out);
    out.put_u16(did::software_numbers);
    put_software(entry.snapshot.software, out);
    return accepted;
}

Nrc put_extended_data(std::uint8_t record, const DtcEntry& entry, Reply& out) {
    const bool all = record == all_records;
    if (!all && record != failures_record && record != aging_record) return Nrc::request_out_of_range;
    if (all || record == failures_record) {
        out.put_u8(failures_record);
        out.put_u8(entry.failures);
    }
    if (all || record == aging_record) {
        out.put_u8(aging_record);
        out.put_u8(entry.aging_cycles);
    }
    return accepted;
}

// DTCMaskRecord, record number.
Nrc report_one(DtcReport report, View request, const DtcStore& dtcs, Reply& out) {
    const std::uint32_t code = std::uint32_t{request[2]} << 16 | load_be<std::uint16_t>(&request[3]);
    const DtcEntry* entry = dtcs.find(code);
    if (entry == nullptr) return Nrc::request_out_of_range;
    put_code(code, out);
    out.put_u8(entry->status);
    const std::uint8_t record = request[5];
    return report == DtcReport::snapshot_by_dtc ? put_snapshot(record, *entry, out)
                                                : put_extended_data(record, *entry, out);
}

std::size_t request_bytes(DtcReport report) {
    switch (report) {
        case DtcReport::number_by_status_mask:
        case DtcReport::by_status_mask: return 3;
        case DtcReport::snapshot_by_dtc:
        case DtcReport::extended_data_by_dtc: return 6;
        case DtcReport::snapshot_identification:
        case DtcReport::supported: break;
    }
    return 2;
}

}  // namespace

void put_time(UtcTime time, Reply& out) { out.put_u32(static_cast<std::uint32_t>(time.seconds)); }

void put_software(const Version& software, Reply& out) {
    for (const std::uint16_t number : {software.major, software.minor, software.patch, software.build})
        out.put_u16(number);
}

Nrc report_dtcs(View request, const DtcStore& dtcs, Reply& out) {
    const auto report = static_cast<DtcReport>(request[1] & ~suppress_positive_bit);
    if (request.size() != request_bytes(report)) return Nrc::incorrect_message_length_or_invalid_format;
    switch (report) {
        case DtcReport::number_by_status_mask: return put_count(request[2], dtcs, out), accepted;
        case DtcReport::by_status_mask: return put_list(Which::matching, request[2], dtcs, out), accepted;
        case DtcReport::supported: return put_list(Which::all, 0, dtcs, out), accepted;
        case DtcReport::snapshot_identification: return put_snapshot_numbers(dtcs, out), accepted;
        case DtcReport::snapshot_by_dtc:
        case DtcReport::extended_data_by_dtc: return report_one(report, request, dtcs, out);
    }
    return Nrc::sub_function_not_supported;
}

}  // namespace pitstop::uds
