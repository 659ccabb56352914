#include "apps/pitstop/unfinished_folder.h"

#include "apps/pitstop/commands.h"
#include "io/files/faults.h"

#include <fcntl.h>
#include <sys/file.h>
#include <cerrno>
#include <cstring>
#include <format>
#include <utility>
#include <vector>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

// Not open where somebody else has it.
io::files::Descriptor locked(const fs::path& folder) {
    io::files::Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    return open.is_open() && ::flock(open.get(), LOCK_EX | LOCK_NB) == 0 ? std::move(open) : io::files::Descriptor();
}

// Those of this folder only: in the place there may be others' files.
void take_away_abandoned(const fs::path& folder) {
    const std::string begins = std::format(".{}.", folder.filename().string());
    const fs::path place = folder.has_parent_path() ? folder.parent_path() : ".";
    std::error_code failure;
    std::vector<fs::path> found;
    for (fs::directory_iterator at(place, failure), end; !failure && at != end; at.increment(failure))
        if (io::files::is_temporary(at->path()) && at->path().filename().string().starts_with(begins))
            found.push_back(at->path());
    for (const fs::path& one : found)
        if (const auto lock = locked(one); lock.is_open()) fs::remove_all(one, failure);
}

}  // namespace

Result<UnfinishedFolder> UnfinishedFolder::begin(const fs::path& folder) {
    take_away_abandoned(folder);
    const fs::path unfinished = io::files::temporary_beside(folder);
    ENSURE(make_folder(unfinished));
    io::files::Descriptor lock = locked(unfinished);
    if (!lock.is_open())
        return fail(io::files::faults::unwritable, std::format("{}: {}", unfinished.string(), std::strerror(errno)));
    return UnfinishedFolder(folder, unfinished, std::move(lock));
}

UnfinishedFolder::UnfinishedFolder(UnfinishedFolder&& other) noexcept
    : folder_(std::move(other.folder_)),
      unfinished_(std::exchange(other.unfinished_, {})),
      lock_(std::move(other.lock_)) {}

UnfinishedFolder::~UnfinishedFolder() {
    std::error_code ignored;
    if (!unfinished_.empty()) fs::remove_all(unfinished_, ignored);
}

Result<void> UnfinishedFolder::finish() {
    ENSURE(io::files::rename_and_sync(unfinished_, folder_));
    unfinished_.clear();
    return {};
}

}  // namespace pitstop::cli
