// A file descriptor that closes itself, and the system calls that are made on one, each retried when a signal
// interrupts it and each with its failure as a fault.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "io/files/atomic_file.h"

#include <cstdint>
#include <filesystem>
#include <utility>

namespace pitstop::io::files {

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool is_open() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

// A new file under a name that nobody has; files.unwritable.
[[nodiscard]] Result<Descriptor> create_new(const std::filesystem::path& path, FileMode mode);

// To be read, and a regular file: opening a pipe that nobody writes to would never end. files.not-there, unreadable.
[[nodiscard]] Result<Descriptor> open_regular(const std::filesystem::path& path);
// Fills `into`, or as much of it as the file still has. files.unreadable
[[nodiscard]] Result<std::size_t> read_some(int fd, Room into, const std::filesystem::path& named);
// All of `into`; files.unreadable, also where the file ends before.
[[nodiscard]] Result<void> read_at(int fd, std::uint64_t offset, Room into, const std::filesystem::path& named);

[[nodiscard]] Result<void> write_all(int fd, View bytes, const std::filesystem::path& named);  // files.unwritable
[[nodiscard]] Result<void> sync_file(int fd, const std::filesystem::path& named);              // files.not-synced
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);                   // files.not-synced
[[nodiscard]] Result<void> rename_and_sync(const std::filesystem::path& from, const std::filesystem::path& to);

// `.<name>.<random>.new` in the folder of `target`, so that a rename never crosses a file system.
[[nodiscard]] std::filesystem::path temporary_beside(const std::filesystem::path& target);
[[nodiscard]] bool is_temporary(const std::filesystem::path& path);

}  // namespace pitstop::io::files
