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
    const std::string written = boost::json::serialize(to_json(*metadata));
    must(package::from_json(view_of(written)) == *metadata, "it means the same after it was written again");
    return 0;
}
