// The subcommands of `pitstop package`, one file each, and which keys they use when nobody names any.
#pragma once

#include "apps/pitstop/commands.h"
#include "apps/pitstop/signing_keys.h"

#include <filesystem>
#include <vector>

namespace pitstop::cli {

void add_package_build(CLI::App& package, Run& run);
void add_package_verify(CLI::App& package, Run& run);
void add_package_show(CLI::App& package, Run& run);
void add_package_extract(CLI::App& package, Run& run);

// Where `repo init --dir repo` puts the keys that packages are signed with.
inline constexpr const char* usual_package_keys = "repo/keys/packages";
// Beside the packages, where there are no such keys: a pair for trying things out, made by the first build.
[[nodiscard]] std::filesystem::path keys_beside(const std::filesystem::path& output_folder);

// Those in `named`; where that is empty the usual ones, or those beside the package, which is said. cli.no-keys
[[nodiscard]] Result<std::vector<crypto::PublicKey>> trusted_keys(const std::filesystem::path& named,
                                                                  const std::filesystem::path& campaign_folder,
                                                                  Run& run);
inline constexpr const char* keys_help =
    "Folder with the public keys (*.pub) that are trusted; by default repo/keys/packages, or package-keys beside DIR";

}  // namespace pitstop::cli
