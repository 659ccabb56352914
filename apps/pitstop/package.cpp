// pitstop package: images on their way. Here: verify and show.
#include "apps/pitstop/campaign_check.h"
#include "apps/pitstop/package_commands.h"
#include "apps/pitstop/package_listing.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

struct VerifyOptions {
    fs::path folder, keys;
};

Result<void> verify(const VerifyOptions& options, Run& run) {
    TRY(const auto trusted, load_public_keys(public_keys_for(options.keys, options.folder)));
    const ShowProgress progress = bar_for(run);
    const auto metadata = verify_campaign(options.folder, trusted, nullptr, progress);
    end_line(progress, run);
    if (!metadata) return fail(metadata.error());
    list_metadata(*metadata, run.out);
    const auto closed = std::ranges::count_if(
        metadata->records, [](const package::RecordEntry& record) { return !package::opens_without_key(record.form); });
    run.out << "good: both signatures, every file, every record, every digest\n";
    if (closed > 0)
        run.out << std::format("{} of {} images are sealed: checked as they are, opened by their ECUs only\n", closed,
                               metadata->records.size());
    return {};
}

struct ShowOptions {
    fs::path path;
    bool json = false;
};

}  // namespace

fs::path public_keys_for(const fs::path& named, const fs::path& campaign_folder) {
    if (!named.empty()) return named;
    std::error_code failure;
    const fs::path beside = keys_beside(fs::absolute(campaign_folder, failure).lexically_normal() / "..");
    return fs::exists(usual_package_keys, failure) || !fs::exists(beside, failure) ? fs::path(usual_package_keys)
                                                                                   : beside;
}

void add_package_verify(CLI::App& package, Run& run) {
    const auto options = std::make_shared<VerifyOptions>();
    CLI::App* const command =
        package.add_subcommand("verify", "Check signatures, files, records and digests of a Campaign_<id>/");
    command->add_option("DIR", options->folder, "The campaign's folder")->required();
    command->add_option("--keys", options->keys,
                        "Folder with the public keys (*.pub) that are trusted; by default repo/keys/packages");
    command->footer("Example:\n  pitstop package verify packages/Campaign_OTA-1 --keys repo/keys/packages");
    command->callback([options, &run] { run.finish(verify(*options, run)); });
}

void add_package_show(CLI::App& package, Run& run) {
    const auto options = std::make_shared<ShowOptions>();
    CLI::App* const command = package.add_subcommand("show", "What a package says it holds; nothing is believed");
    command->add_option("PATH", options->path, "Campaign_<id>/, campaign_metadata.json or a file of records")
        ->required();
    command->add_flag("--json", options->json, "For programs");
    command->footer("Example:\n  pitstop package show packages/Campaign_OTA-1/full_package.bin --json");
    command->callback([options, &run] {
        run.finish(show_package(options->path, options->json ? ListingForm::json : ListingForm::table, run.out));
    });
}

void add_package(CLI::App& app, Run& run) {
    CLI::App* const package = app.add_subcommand("package", "Images on their way: build, verify, show, extract");
    package->require_subcommand(1);
    for (const auto add : {add_package_build, add_package_verify, add_package_show, add_package_extract})
        add(*package, run);
}

}  // namespace pitstop::cli
