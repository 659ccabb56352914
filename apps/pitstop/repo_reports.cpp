#include "apps/pitstop/repo_reports.h"

#include "apps/pitstop/faults.h"

#include <CLI/CLI.hpp>

#include <format>
#include <ostream>

namespace pitstop::cli {

void add_repo_folder(CLI::App& command, RepoOptions& options) {
    command.add_option("--dir", options.folder, "Folder with keys/, image/ and director/")
        ->required()
        ->type_name("DIR");
}

void add_offline_passphrase(CLI::App& command, RepoOptions& options) {
    command
        .add_option("--passphrase-file", options.passphrase_file,
                    "File (mode 0600) with the passphrase of keys/offline")
        ->type_name("FILE");
}

Result<RepoOrder> order_of(const RepoOptions& options, const Run& run) {
    TRY(Passphrase passphrase, passphrase_from(options.passphrase_file));
    return RepoOrder{options.folder, run.now, std::move(passphrase)};
}

Result<void> say_published(const Published& published, Run& run) {
    for (const std::string& title : published.moved) run.out << std::format("published {}\n", title);
    if (published.timestamp_version != 0)
        run.out << std::format("targets {}  snapshot {}  timestamp {}\n", published.targets_version,
                               published.snapshot_version, published.timestamp_version);
    for (const std::string& line : published.waiting) run.out << std::format("waiting   {}\n", line);
    if (published.waiting.empty()) return {};
    return fail(faults::signatures_missing, std::format("{} staged", published.waiting.size()));
}

void say_staged(const std::filesystem::path& path, Run& run) {
    run.out << std::format("staged {}\nNext, each signer: pitstop repo sign {} --key FILE.key\n", path.string(),
                           path.filename().string());
}

}  // namespace pitstop::cli
