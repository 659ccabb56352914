// pitstop package: firmware images become a campaign's package.
#include "apps/pitstop/campaign_folder.h"
#include "apps/pitstop/commands.h"
#include "apps/pitstop/package_listing.h"

#include <CLI/CLI.hpp>

#include <unistd.h>
#include <format>
#include <iostream>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

// Only for people: a line that replaces itself, on a terminal.
Progress progress_for(Run& run) {
    if (&run.err != &std::cerr || ::isatty(STDERR_FILENO) == 0) return {};
    return [&run](std::string_view what) { run.err << std::format("\r\033[K{}", what) << std::flush; };
}

void end_progress(const Progress& progress, Run& run) {
    if (progress) run.err << "\r\033[K" << std::flush;
}

struct BuildOptions {
    std::string campaign;
    fs::path output_folder = ".";
    fs::path keys;
    fs::path passphrase_file;
};

Result<void> build(const BuildOptions& options, const std::vector<std::string>& words, Run& run) {
    TRY(const CampaignId campaign, CampaignId::parse(options.campaign));
    TRY(std::vector<EcuOrder> ecus, read_ecu_options(words));
    TRY(const Passphrase passphrase, passphrase_from(options.passphrase_file));
    TRY(SigningPair keys, load_signing_pair(options.keys, "package", passphrase));
    const Progress progress = progress_for(run);
    const auto built = build_campaign({campaign, run.now, std::move(ecus), options.output_folder}, keys, progress);
    end_progress(progress, run);
    if (!built) return fail(built.error());
    list_metadata(built->metadata, run.out);
    run.out << std::format("{}\n", built->folder.string());
    return {};
}

void add_build(CLI::App& package, Run& run) {
    const auto options = std::make_shared<BuildOptions>();  // CLI11 writes into it until the callback has run
    CLI::App* const command = package.add_subcommand("build", "Make Campaign_<id>/ from one image per ECU");
    command->add_option("--campaign-id", options->campaign, "Letters, digits, '.', '_', '-'")->required();
    command->add_option("--output-dir", options->output_folder, "Where Campaign_<id>/ goes")->capture_default_str();
    command->add_option("--signing-keys", options->keys, "Folder with package-classical.key and package-pq.key")
        ->required();
    command->add_option("--passphrase-file", options->passphrase_file,
                        "File (mode 0600) with the passphrase of these keys");
    command->allow_extras();
    command->footer(
        "For every ECU, in installation order:\n"
        "  --ecu-NNN-binary FILE          the image that goes into the bank\n"
        "  --ecu-NNN-version X.Y.Z[.B]    each number at most 255\n"
        "  --ecu-NNN-hardware ID          the hardware it runs on\n"
        "  --ecu-NNN-release-counter N    never goes back; by default made from the version\n"
        "  --ecu-NNN-type TYPE            application, boot, calibration or configuration\n"
        "  --ecu-NNN-requires RANGES      other ECUs' versions that must be there after the update\n"
        "  --ecu-NNN-conflicts RANGES     other ECUs' versions that must not; as in 'ECU_012>=1.1.0<2.0.0,ECU_013'\n"
        "\n"
        "Example:\n"
        "  pitstop package build --campaign-id OTA-1 --ecu-011-binary brake.elf --ecu-011-version 1.1.0 \\\n"
        "      --ecu-011-hardware BRK-2 --output-dir packages --signing-keys repo/keys/packages");
    command->callback([options, command, &run] { run.finish(build(*options, command->remaining(), run)); });
}

struct VerifyOptions {
    fs::path folder, keys;
};

Result<void> verify(const VerifyOptions& options, Run& run) {
    TRY(const auto trusted, load_public_keys(options.keys));
    NoSink nothing_more;
    TRY(const auto metadata, verify_campaign(options.folder, trusted, nothing_more));
    list_metadata(metadata, run.out);
    run.out << "good: both signatures, every record, every digest\n";
    return {};
}

void add_verify(CLI::App& package, Run& run) {
    const auto options = std::make_shared<VerifyOptions>();
    CLI::App* const command =
        package.add_subcommand("verify", "Check signatures, records and digests of a Campaign_<id>/");
    command->add_option("DIR", options->folder, "The campaign's folder")->required();
    command->add_option("--keys", options->keys, "Folder with the public keys (*.pub) that are trusted")->required();
    command->footer("Example:\n  pitstop package verify packages/Campaign_OTA-1 --keys repo/keys/packages");
    command->callback([options, &run] { run.finish(verify(*options, run)); });
}

struct ShowOptions {
    fs::path path;
    bool json = false;
};

void add_show(CLI::App& package, Run& run) {
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

}  // namespace

void add_package(CLI::App& app, Run& run) {
    CLI::App* const package = app.add_subcommand("package", "Images on their way: build, verify, show");
    package->require_subcommand(1);
    add_build(*package, run);
    add_verify(*package, run);
    add_show(*package, run);
}

}  // namespace pitstop::cli
