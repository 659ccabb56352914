// The trust bundle: metadata files on their way from the gateway to a secondary (docs/formats/bundle.md).
//
// Bring the received bytes, which stay where they are: the reader gives views into them, in the order of the bundle,
// which is the order in which the files must be accepted. It says only that the container is whole; what is inside is
// believed by TrustSet or PartialVerifier. ECU profile; who packs bundles uses bundle_writer.h.
//
// "PTB1", then per file: repository u8 · role u8 · name length u8 · name · file length u32 big endian · file
// Faults: uptane.bad-bundle, too-large.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <optional>

namespace pitstop::uptane {

enum class BundleRepository : std::uint8_t { director = 0, image = 1, time = 2 };
enum class BundleRole : std::uint8_t {
    root = 0,
    timestamp = 1,
    snapshot = 2,
    targets = 3,
    delegated_targets = 4,  // of the Image repository only; the one with a name
    time_attestation = 5,   // of the time server only
};

// A few roots, one Targets and one time attestation, each with a signature of ML-DSA-87.
inline constexpr std::size_t partial_bundle_size_bytes_max = 64 * 1024;
// Both repositories of a large fleet, with the Image repository's Targets (8 MiB) and delegations.
inline constexpr std::size_t full_bundle_size_bytes_max = 16u << 20;
// 1024 roots of both repositories in one cycle, and as many delegated roles as anybody searches.
inline constexpr std::size_t bundle_files_max = 4096;
inline constexpr std::size_t bundle_name_size_max = 64;  // as pitstop::Name

struct BundleFile {
    BundleRepository repository = BundleRepository::director;
    BundleRole role = BundleRole::root;
    std::string_view name = {};  // of a delegated role: letters, digits, '.', '_', '-'
    View file = {};
};

// Which files a bundle may hold, for both directions. uptane.bad-bundle
[[nodiscard]] Result<void> check_bundle_file(const BundleFile& file);

class BundleReader {
public:
    // Looks at every file's place. `size_bytes_max`: one of the two above.
    static Result<BundleReader> open(View bundle, std::size_t size_bytes_max);

    // The next file; nothing behind the last. A copy of the reader starts where it stands.
    [[nodiscard]] std::optional<BundleFile> next();

private:
    explicit BundleReader(View left) : left_(left) {}
    View left_;
};

}  // namespace pitstop::uptane
