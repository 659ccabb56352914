#include "apps/pitstop/package_listing.h"

#include "apps/pitstop/campaign_check.h"
#include "core/package/reader.h"
#include "io/files/atomic_file.h"
#include "io/files/descriptor.h"

#include <boost/json/serialize.hpp>

#include <array>
#include <format>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

json::Object header_to_json(const package::Header& header) {
    return {
        {"ecu_id", header.target.str()},
        {"software_type", to_string(header.software_type)},
        {"version", header.version.str()},
        {"release_counter", header.release_counter},
        {"payload_size", header.payload_size_bytes},
        {"uncompressed_size", header.uncompressed_size_bytes},
        {"form", header.form.str()},
        {"created", UtcTime{header.created_s}.str()},
        {"crc32", std::format("{:08x}", header.crc32)},
        {"source_address", header.source_address},
        {"hop_count", header.hop_count},
        {"sequence_number", header.sequence_number},
    };
}

struct HeaderSink final : package::RecordSink {
    std::vector<package::Header> headers;
    Result<void> on_header(const package::Header& header) override {
        headers.push_back(header);
        return {};
    }
    Result<void> on_payload(View) override { return {}; }
    Result<void> on_end() override { return {}; }
};

Result<void> show_records(const fs::path& file, ListingForm form, std::ostream& out) {
    HeaderSink sink;
    package::Reader reader(sink);
    ENSURE(read_in_pieces(file, [&](View piece) { return reader.push(piece); }));
    ENSURE(reader.finish());
    if (form == ListingForm::json) {
        json::Array list;
        for (const package::Header& header : sink.headers) list.push_back(header_to_json(header));
        out << boost::json::serialize(list) << '\n';
        return {};
    }
    out << std::format("{:<8} {:<14} {:<14} {:>12} {:<10} {:>12} {:>12}  {}\n", "ECU", "type", "version", "counter",
                       "form", "bytes", "image bytes", "crc32");
    for (const package::Header& header : sink.headers)
        out << std::format("{:<8} {:<14} {:<14} {:>12} {:<10} {:>12} {:>12}  {:08x}\n", header.target.str(),
                           to_string(header.software_type), header.version.str(), header.release_counter,
                           header.form.str(), header.payload_size_bytes, header.uncompressed_size_bytes, header.crc32);
    return {};
}

// "zstd, 41.7 % of 1043200 bytes"
std::string form_and_share(const package::RecordEntry& record) {
    if (record.form.is_plain()) return "plain";
    return std::format("{}, {:.1f} % of {} bytes", record.form.str(),
                       100.0 * record.payload_size_bytes / record.image_size_bytes, record.image_size_bytes);
}

void list_record(const package::RecordEntry& record, std::ostream& out) {
    out << std::format("  {:<8} {:<14} {:<13} {:<12} {:>12} bytes  {}\n", record.ecu.str(), record.hardware.view(),
                       to_string(record.software_type), record.version.str(), record.payload_size_bytes,
                       form_and_share(record));
    out << std::format("  {:<8} sha256 {}  release counter {}\n", "", to_hex(record.sha256), record.release_counter);
    for (const VersionRange& range : record.constraints.dependencies)
        out << std::format("  {:<8} needs {}\n", "", range.str());
    for (const VersionRange& range : record.constraints.conflicts)
        out << std::format("  {:<8} conflicts with {}\n", "", range.str());
}

// Only where there is one: an envelope makes a sealed image a little larger.
void list_saving(const package::CampaignMetadata& metadata, std::ostream& out) {
    std::uint64_t images_bytes = 0, payloads_bytes = 0;
    for (const package::RecordEntry& record : metadata.records) {
        images_bytes += record.image_size_bytes;
        payloads_bytes += record.payload_size_bytes;
    }
    if (payloads_bytes < images_bytes)
        out << std::format("  {} bytes of images travel as {}: {:.1f} % saved\n", images_bytes, payloads_bytes,
                           100.0 - 100.0 * static_cast<double>(payloads_bytes) / static_cast<double>(images_bytes));
}

Result<bool> begins_like_a_record(const fs::path& file) {
    std::array<std::uint8_t, 4> first{};
    TRY(const auto open, io::files::open_regular(file));
    TRY([[maybe_unused]] const std::size_t have, io::files::read_some(open.get(), first, file));
    return load_le<std::uint32_t>(first.data()) == package::magic;
}

Result<void> show_metadata(const fs::path& file, ListingForm form, std::ostream& out) {
    TRY(const Bytes text, io::files::read_file(file, package::metadata_size_bytes_max));
    TRY(const auto metadata, package::from_json(text));
    if (form == ListingForm::json) {
        out << boost::json::serialize(package::to_json(metadata)) << '\n';
    } else {
        list_metadata(metadata, out);
    }
    return {};
}

}  // namespace

void list_metadata(const package::CampaignMetadata& metadata, std::ostream& out) {
    out << std::format("{}  built {}  {} bytes  sha256 {}\n", metadata.campaign.view(), metadata.created.str(),
                       metadata.package_size_bytes, to_hex(metadata.package_sha256));
    for (const package::RecordEntry& record : metadata.records) list_record(record, out);
    list_saving(metadata, out);
    for (const package::Part& part : metadata.parts) {
        out << std::format("  {:<15} {:>12} bytes ", part.name(), part.size_bytes);
        for (const package::Addressee& ecu : part.ecus) out << ' ' << ecu.str();
        out << '\n';
    }
    for (const package::Paper& paper : metadata.papers)
        out << std::format("  {:<15} {:>12} bytes  {}{}\n", to_string(paper.kind), paper.size_bytes, paper.file,
                           paper.about ? " about " + paper.about->str() : "");
}

Result<void> show_package(const fs::path& path, ListingForm form, std::ostream& out) {
    std::error_code failure;
    if (fs::is_directory(path, failure)) return show_metadata(metadata_file(path), form, out);
    TRY(const bool is_records, begins_like_a_record(path));
    return is_records ? show_records(path, form, out) : show_metadata(path, form, out);
}

}  // namespace pitstop::cli
