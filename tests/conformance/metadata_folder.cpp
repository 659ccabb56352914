#include "tests/conformance/metadata_folder.h"

#include "io/files/atomic_file.h"
#include "io/runtime/task.h"
#include "tests/conformance/quoting.h"

#include <algorithm>

namespace pitstop::conformance {

using namespace pitstop::uptane;

namespace {

constexpr Role all_roles[] = {Role::root, Role::timestamp, Role::snapshot, Role::targets};
constexpr std::size_t file_name_bytes_max = 200;  // a role whose name is longer is not kept, only asked for again

std::string name_of(Role role) { return std::string(to_string(role)) + ".json"; }

bool is_top_level(std::string_view role) {
    return std::ranges::any_of(all_roles, [&](Role one) { return to_string(one) == role; });
}

}  // namespace

Result<Bytes> MetadataFolder::read_role(Role role) {
    TRY(const auto file, io::files::read_if_there(folder_ / name_of(role), size_bytes_max(role)));
    if (!file) return Bytes();
    known_.insert_or_assign(name_of(role), *file);
    return *file;
}

Result<TrustFiles> MetadataFolder::read() {
    TrustFiles files;
    TRY(files.root, io::files::read_file(folder_ / "root.json", size_bytes_max(Role::root)));
    known_.insert_or_assign("root.json", files.root);
    TRY(files.timestamp, read_role(Role::timestamp));
    TRY(files.snapshot, read_role(Role::snapshot));
    TRY(files.targets, read_role(Role::targets));
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        const std::string name = entry.path().filename().string();
        if (!name.ends_with(".json") || !entry.is_regular_file()) continue;
        const auto role = unquote(std::string_view(name).substr(0, name.size() - 5));
        if (!role || is_top_level(*role)) continue;
        if (const auto file = io::files::read_file(entry.path(), size_bytes_max(Role::targets))) {
            known_.insert_or_assign(name, *file);
            files.delegated.emplace(*role, *file);
        }
    }
    return files;
}

Result<void> MetadataFolder::write_file(const std::string& name, View file) {
    const auto known = known_.find(name);
    if (known != known_.end() && std::ranges::equal(known->second, file)) return {};
    ENSURE(io::files::write_atomically(folder_ / name, file, io::files::FileMode::shared));
    known_.insert_or_assign(name, Bytes(file.begin(), file.end()));
    return {};
}

Result<void> MetadataFolder::write(const TrustSet& trust) {
    if (trust.remembered(Role::timestamp).empty()) {
        std::error_code problem;
        std::filesystem::remove(folder_ / name_of(Role::timestamp), problem);
        if (problem) return fail(io::error_of(problem, "removing timestamp.json"));
        known_.erase(name_of(Role::timestamp));
    }
    for (const Role role : all_roles)
        if (const View file = trust.remembered(role); !file.empty()) ENSURE(write_file(name_of(role), file));
    for (const auto& [role, file] : trust.delegated_files())
        if (const std::string name = quote(role) + ".json"; name.size() <= file_name_bytes_max)
            ENSURE(write_file(name, file));
    return {};
}

}  // namespace pitstop::conformance
