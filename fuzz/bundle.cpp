// core/uptane: trust bundles, as a secondary receives them.
#include "core/uptane/bundle_writer.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    auto reader = uptane::BundleReader::open(input, uptane::full_bundle_size_bytes_max);
    fuzz::must_repeat(reader, uptane::BundleReader::open(input, uptane::full_bundle_size_bytes_max));
    if (!reader) return 0;
    std::vector<uptane::BundleFile> files;
    while (const auto file = reader->next()) {
        must(file->file.data() >= data && file->file.data() + file->file.size() <= data + size, "a file lies inside");
        files.push_back(*file);
    }
    const Bytes written = fuzz::must_have(uptane::write_bundle(files, size), "what was read can be written");
    must(std::ranges::equal(written, input), "a bundle has one form");
    return 0;
}
