// What several `repo` commands have in common on the command line and in their last words.
#pragma once

#include "apps/pitstop/commands.h"
#include "apps/pitstop/repo_publication.h"

#include <filesystem>

namespace pitstop::cli {

struct RepoOptions {
    std::filesystem::path folder, passphrase_file;
};

void add_repo_folder(CLI::App& command, RepoOptions& options);
void add_offline_passphrase(CLI::App& command, RepoOptions& options);
[[nodiscard]] Result<RepoOrder> order_of(const RepoOptions& options, const Run& run);

// What went into place and what waits for whom. cli.signatures-missing when something waits.
[[nodiscard]] Result<void> say_published(const Published& published, Run& run);
void say_staged(const std::filesystem::path& path, Run& run);

}  // namespace pitstop::cli
