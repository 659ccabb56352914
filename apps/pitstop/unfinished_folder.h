// A folder that nobody sees under its name before it is complete.
//
// It is filled under a temporary name beside its own, and locked meanwhile. Whoever begins one also takes away those
// whose maker is gone: stopped with Ctrl-C, killed, or without power; the system gave their locks back.
// Faults: those of io/files.
#pragma once

#include "io/files/descriptor.h"

#include <filesystem>

namespace pitstop::cli {

class UnfinishedFolder {
public:
    [[nodiscard]] static Result<UnfinishedFolder> begin(const std::filesystem::path& folder);
    UnfinishedFolder(UnfinishedFolder&& other) noexcept;
    UnfinishedFolder& operator=(UnfinishedFolder&&) = delete;
    ~UnfinishedFolder();  // unless it was finished, with all that is in it

    [[nodiscard]] const std::filesystem::path& path() const { return unfinished_; }
    [[nodiscard]] Result<void> finish();  // from now on it has its name

private:
    UnfinishedFolder(std::filesystem::path folder, std::filesystem::path unfinished, io::files::Descriptor lock)
        : folder_(std::move(folder)),
          unfinished_(std::move(unfinished)),
          lock_(std::move(lock)) {}

    std::filesystem::path folder_, unfinished_;  // the latter empty once it is nobody's to take away
    io::files::Descriptor lock_;
};

}  // namespace pitstop::cli
