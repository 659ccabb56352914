// The zone's store of payloads and bundles: a folder of files, each named by the SHA-256 of its bytes, of bounded size.
//
// Bring a folder of its own. What has half come is kept over a restart and goes on; it lies under the same name with
// ".part". Nothing is believed for its name: read it with Whole before it is used. Files are dropped when room is
// needed, the longest unused first, except those that the caller says are in use. Faults: zone.store-full, too-large,
// not-stored; files.*
#pragma once

#include "core/crypto/digest.h"
#include "core/flash/zone_work.h"
#include "io/files/descriptor.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace pitstop::zone {

class Store {
public:
    [[nodiscard]] static Result<Store> open(std::filesystem::path folder, std::uint64_t size_bytes_max);

    // How much of it is here, after room was made for the rest.
    [[nodiscard]] Result<std::uint32_t> make_room(const flash::StoredBytes& bytes,
                                                  const std::vector<Sha256Digest>& in_use);
    [[nodiscard]] Result<void> append(const flash::StoredBytes& bytes, View piece);
    // All of it came and has this digest.
    [[nodiscard]] Result<void> keep(const flash::StoredBytes& bytes);
    void drop(const flash::StoredBytes& bytes);

    [[nodiscard]] std::filesystem::path path_of(const Sha256Digest& digest) const;
    [[nodiscard]] std::filesystem::path part_of(const Sha256Digest& digest) const;

private:
    Store(std::filesystem::path folder, std::uint64_t size_bytes_max)
        : folder_(std::move(folder)),
          size_bytes_max_(size_bytes_max) {}

    std::filesystem::path folder_;
    std::uint64_t size_bytes_max_;
};

// Hashes a file in steps of about a millisecond, so that whoever waits can be told to.
class Whole {
public:
    // zone.not-stored when it is not there or has another size
    [[nodiscard]] static Result<Whole> open(const std::filesystem::path& file, std::uint32_t size_bytes);

    // The digest when all of it was read; nothing: there is more.
    [[nodiscard]] Result<std::optional<Sha256Digest>> step();

private:
    static constexpr std::size_t step_bytes = std::size_t{1} << 20;

    Whole(io::files::Descriptor file, std::uint32_t size_bytes)
        : file_(std::move(file)),
          left_bytes_(size_bytes),
          piece_(step_bytes) {}

    io::files::Descriptor file_;
    std::uint32_t left_bytes_;
    Bytes piece_;
    crypto::Sha256 hasher_;
};

}  // namespace pitstop::zone
