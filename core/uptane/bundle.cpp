#include "core/uptane/bundle.h"

#include "core/uptane/bundle_form.h"
#include "core/uptane/faults.h"

#include <algorithm>

namespace pitstop::uptane {
namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= bundle_name_size_max && text.front() != '.' &&
           std::ranges::all_of(text, is_name_character);
}

// The file at the start of `left`, which then begins behind it. Nothing: it does not fit.
std::optional<BundleFile> take(View& left) {
    using namespace bundle_form;
    if (left.size() < file_head_size_bytes) return std::nullopt;
    const std::size_t name_size = left[2];
    if (left.size() < file_head_size_bytes + name_size) return std::nullopt;
    const std::size_t file_size = load_be<std::uint32_t>(left.data() + name_at + name_size);
    const View rest = left.subspan(file_head_size_bytes + name_size);
    if (file_size > rest.size()) return std::nullopt;
    const BundleFile file{static_cast<BundleRepository>(left[0]), static_cast<BundleRole>(left[1]),
                          text_of(left.subspan(name_at, name_size)), rest.first(file_size)};
    left = rest.subspan(file_size);
    return file;
}

}  // namespace

Result<void> check_bundle_file(const BundleFile& file) {
    if (file.repository > BundleRepository::time || file.role > BundleRole::time_attestation)
        return fail(faults::bad_bundle, "a repository or role is not known");
    const bool is_time = file.role == BundleRole::time_attestation;
    if (is_time != (file.repository == BundleRepository::time))
        return fail(faults::bad_bundle, "the time server attests times, and nobody else does");
    const bool is_delegated = file.role == BundleRole::delegated_targets;
    if (is_delegated && file.repository != BundleRepository::image)
        return fail(faults::bad_bundle, "only the Image repository delegates");
    if (is_delegated ? !is_name(file.name) : !file.name.empty())
        return fail(faults::bad_bundle, "a delegated role has a name, the others have none");
    if (file.file.empty()) return fail(faults::bad_bundle, "a file is empty");
    return {};
}

Result<BundleReader> BundleReader::open(View bundle, std::size_t size_bytes_max) {
    using namespace bundle_form;
    if (bundle.size() > size_bytes_max) return fail(faults::too_large, "a trust bundle");
    if (bundle.size() < magic_size_bytes || load_be<std::uint32_t>(bundle.data()) != magic)
        return fail(faults::bad_bundle, "it does not begin with 'PTB1'");
    const View files = bundle.subspan(magic_size_bytes);
    std::size_t count = 0;
    for (View left = files; !left.empty(); ++count) {
        if (count == bundle_files_max) return fail(faults::bad_bundle, "too many files");
        const auto file = take(left);
        if (!file) return fail(faults::bad_bundle, "a file ends behind the bundle");
        ENSURE(check_bundle_file(*file));
    }
    return BundleReader(files);
}

std::optional<BundleFile> BundleReader::next() {
    if (left_.empty()) return std::nullopt;
    return take(left_);
}

}  // namespace pitstop::uptane
