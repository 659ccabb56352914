#include "core/uptane/bundle_writer.h"

#include "core/uptane/bundle_form.h"
#include "core/uptane/faults.h"

#include <format>

namespace pitstop::uptane {
namespace {

void put_u32(Bytes& out, std::size_t value) {
    out.resize(out.size() + 4);
    store_be(out.data() + out.size() - 4, static_cast<std::uint32_t>(value));
}

}  // namespace

Result<Bytes> write_bundle(std::span<const BundleFile> files, std::size_t size_bytes_max) {
    if (files.size() > bundle_files_max)
        return fail(faults::bad_bundle, std::format("{} files, allowed are {}", files.size(), bundle_files_max));
    Bytes out;
    put_u32(out, bundle_form::magic);
    for (const BundleFile& file : files) {
        ENSURE(check_bundle_file(file));
        if (file.file.size() > size_bytes_max - out.size() ||
            out.size() + bundle_form::file_head_size_bytes + file.name.size() + file.file.size() > size_bytes_max)
            return fail(faults::too_large, std::format("a trust bundle of more than {} bytes", size_bytes_max));
        out.push_back(static_cast<std::uint8_t>(file.repository));
        out.push_back(static_cast<std::uint8_t>(file.role));
        out.push_back(static_cast<std::uint8_t>(file.name.size()));
        out.insert(out.end(), file.name.begin(), file.name.end());
        put_u32(out, file.file.size());
        out.insert(out.end(), file.file.begin(), file.file.end());
    }
    return out;
}

}  // namespace pitstop::uptane
