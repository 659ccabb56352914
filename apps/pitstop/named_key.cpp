#include "apps/pitstop/named_key.h"

#include "apps/pitstop/faults.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"

#include <algorithm>
#include <format>
#include <vector>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view name_line = "Name: ", block_begin = "-----BEGIN ";
constexpr std::size_t file_bytes_max = crypto::PublicKey::pem_bytes_max + 1024;  // the name and what others wrote there

std::string name_in(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        if (line.starts_with(name_line)) return std::string(line.substr(name_line.size()));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

}  // namespace

Result<void> check_person(std::string_view name) {
    const bool plain = std::ranges::all_of(name, [](char c) { return c >= 0x20 && c < 0x7F; });
    if (!plain || name.size() > person_size_max)
        return fail(faults::bad_person, std::format("{} characters", name.size()));
    return {};
}

Result<NamedKey> read_named_key(const fs::path& file) {
    TRY(const Bytes bytes, io::files::read_file(file, file_bytes_max));
    const std::string_view text = text_of(bytes);
    const std::size_t block = std::min(text.find(block_begin), text.size());
    auto key = crypto::PublicKey::from_pem(text.substr(block));
    if (!key) return fail(key.error().fault(), std::format("{}: {}", file.string(), key.error().detail()));
    NamedKey named{*std::move(key), name_in(text.substr(0, block))};
    ENSURE(check_person(named.name));
    return named;
}

Result<void> write_named_key(const fs::path& file, const NamedKey& key) {
    ENSURE(check_person(key.name));
    const std::string head = key.name.empty() ? "" : std::format("{}{}\n", name_line, key.name);
    return io::files::write_atomically(file, view_of(head + key.key.pem()), io::files::FileMode::shared);
}

Result<void> add_names(const fs::path& folder, Names& to) {
    std::error_code failure;
    if (!fs::exists(folder, failure)) return {};
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
        if (at->path().extension() != ".pub") continue;
        TRY(NamedKey found, read_named_key(at->path()));
        std::string& name = to[found.key.key_id()];
        if (!found.name.empty() || name.empty()) name = found.name.empty() ? at->path().stem().string() : found.name;
    }
    if (failure) return fail(io::files::faults::unreadable, std::format("{}: {}", folder.string(), failure.message()));
    return {};
}

std::string called(const std::string& key_id, const Names& names) {
    const auto found = names.find(key_id);
    const std::string_view short_id = std::string_view(key_id).substr(0, 16);
    return found == names.end() ? std::format("key {}", short_id) : std::format("{} ({})", found->second, short_id);
}

}  // namespace pitstop::cli
