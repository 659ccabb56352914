// core/package: campaign_metadata.json.
#include "core/package/campaign_metadata.h"
#include "fuzz/property.h"

#include <boost/json/serialize.hpp>

using namespace pitstop;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    const auto metadata = package::from_json(input);
    fuzz::must_repeat(metadata, package::from_json(input));
    must(!package::from_signed_json(input, {}), "nobody's signature is no signature");
    if (!metadata) return 0;
    must(!metadata->records.empty() && metadata->records.size() <= package::records_max,
         "between one record and the cap");
    std::uint64_t end = 0;
    for (const auto& record : metadata->records) {
        must(record.offset_bytes == end, "records lie one behind the other");
        end += record.stored_size_bytes;
    }
    must(end == metadata->package_size_bytes, "and fill the package");
    std::uint64_t in_parts_bytes = 0;
    std::size_t in_parts = 0;
    for (const auto& part : metadata->parts) {
        in_parts_bytes += part.size_bytes;
        in_parts += part.ecus.size();
    }
    must(metadata->parts.empty() || (in_parts == metadata->records.size() && in_parts_bytes == end),
         "each record is in one part");
    for (const auto& paper : metadata->papers)
        must(check_name(paper.file, "paper").has_value() && paper.size_bytes <= package::paper_size_bytes_max,
             "a paper's name is one");
    const std::string written = boost::json::serialize(to_json(*metadata));
    must(package::from_json(view_of(written)) == *metadata, "it means the same after it was written again");
    return 0;
}
