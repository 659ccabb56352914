// pitstop package build: firmware images become a campaign's package.
#include "apps/pitstop/campaign_folder.h"
#include "apps/pitstop/ecu_options.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/package_commands.h"
#include "apps/pitstop/package_description.h"
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

constexpr const char* help =
    "For every ECU (NNN), the master gateway (--vmg-…), the gateways of all zones (--zgw-…) or of one (--zone-N-…),\n"
    "in installation order:\n"
    "  --ecu-NNN-binary FILE          raw, ELF, Intel HEX or S-records\n"
    "  --ecu-NNN-version X.Y.Z[.B]    each number at most 255\n"
    "  --ecu-NNN-hardware ID          by default as in --vehicle, or the ECU's own id\n"
    "  --ecu-NNN-release-counter N    never goes back; by default made from the version\n"
    "  --ecu-NNN-type TYPE            application, boot, calibration or configuration\n"
    "  --ecu-NNN-requires RANGES      other ECUs' versions that must be there after the update\n"
    "  --ecu-NNN-conflicts RANGES     other ECUs' versions that must not; as in 'ECU_012>=1.1.0<2.0.0,ECU_013'\n"
    "  --ecu-NNN-layout LAYOUT        file: as handed in; flat: as it lies in memory (default of HEX and S-records)\n"
    "  --ecu-NNN-opens FORMS          what it can open, as in 'gzip zstd window=4096'; by default as in --vehicle, or\n"
    "                                 all within 32 KiB\n"
    "  --ecu-NNN-seal-to KEY.seal,…   seal it for this ECU's key; ECU_091=KEY.seal: for another that opens for it\n"
    "  --ecu-NNN-sbom FILE            lies beside the package\n"
    "\n"
    "Examples:\n"
    "  pitstop package build --campaign-id OTA-1 --ecu-011-binary brake.elf --ecu-011-version 1.1.0 --compress\n"
    "  pitstop package build --campaign-id OTA-2 --vmg-binary vmg.bin --vmg-version 2.2.0.100 \\\n"
    "      --zgw-binary zgw.bin --zgw-version 1.2.0.50 --output-dir packages --signing-keys repo/keys/packages\n"
    "  pitstop package build --description package.yaml --timestamp 2026-11-20T10:19:30Z";

struct BuildOptions {
    std::string campaign, timestamp;
    fs::path output_folder = ".";
    fs::path keys, passphrase_file, description, vehicle, release_notes, sbom;
    bool compress = false;
};

// Only for people: a line that replaces itself, on a terminal.
Progress progress_for(Run& run) {
    if (&run.err != &std::cerr || ::isatty(STDERR_FILENO) == 0) return {};
    return [&run](std::size_t done, std::size_t of, std::string_view what) {
        run.err << std::format("\r\033[K[{:<20}] {} of {}  {}", std::string(done * 20 / of, '#'), done, of, what)
                << std::flush;
    };
}

// Named keys must be there. Without a name the usual ones are taken, or a pair is made to try things out with.
Result<SigningPair> keys_for(const BuildOptions& options, Run& run) {
    TRY(const Passphrase passphrase, passphrase_from(options.passphrase_file));
    if (!options.keys.empty()) return load_signing_pair(options.keys, "package", passphrase);
    std::error_code failure;
    for (const fs::path& folder : {fs::path(usual_package_keys), keys_beside(options.output_folder)})
        if (fs::exists(folder / "package-classical.key", failure))
            return load_signing_pair(folder, "package", passphrase);
    const fs::path folder = keys_beside(options.output_folder);
    run.err << std::format("Signing keys made in {}: nobody knows them yet. --signing-keys names those of a release.\n",
                           folder.string());
    return make_signing_pair(folder, "package", passphrase);
}

// What stands in a description, and over it what the command line says.
Result<BuildOrder> order_for(const BuildOptions& options, const std::vector<std::string>& words, Run& run) {
    PackageDescription described;
    if (!options.description.empty()) {
        TRY(described, read_package_description(options.description));
    }
    const auto chosen = [](const fs::path& said, const std::optional<fs::path>& written) {
        return said.empty() ? written.value_or(fs::path()) : said;
    };
    TRY(const CampaignId campaign,
        CampaignId::parse(options.campaign.empty() ? described.campaign.value_or("") : options.campaign));
    UtcTime created = run.now;
    if (!options.timestamp.empty()) {
        TRY(created, UtcTime::parse(options.timestamp));
    }
    ZonePlan zones = ZonePlan::usual();
    if (const fs::path vehicle = chosen(options.vehicle, described.vehicle); !vehicle.empty()) {
        TRY(zones, ZonePlan::from_file(vehicle));
    }
    TRY(std::vector<Written> written, written_in_options(words));
    written.insert(written.begin(), std::make_move_iterator(described.images.begin()),
                   std::make_move_iterator(described.images.end()));
    if (written.empty()) return fail(faults::bad_ecu_option, "name at least one image, such as --ecu-011-binary FILE");
    TRY(std::vector<EcuOrder> ecus, orders_from(written, zones));
    const bool compress = options.compress || described.compress.value_or(false);
    return BuildOrder{campaign,
                      created,
                      std::move(ecus),
                      std::move(zones),
                      options.output_folder,
                      compress ? package::Compressing::on : package::Compressing::off,
                      chosen(options.release_notes, described.release_notes),
                      chosen(options.sbom, described.sbom)};
}

Result<void> build(const BuildOptions& options, const std::vector<std::string>& words, Run& run) {
    TRY(const BuildOrder order, order_for(options, words, run));
    TRY(const SigningPair keys, keys_for(options, run));
    const Progress progress = progress_for(run);
    const auto built = build_campaign(order, keys, progress);
    if (progress) run.err << "\r\033[K" << std::flush;
    if (!built) return fail(built.error());
    list_metadata(built->metadata, run.out);
    for (const Source& source : built->sources)
        run.out << std::format("  {:<8} from {}: {}, {}\n", source.ecu.str(), source.file, to_string(source.kind),
                               source.layout == image::Layout::flat ? "laid out flat" : "as it is");
    run.out << std::format("{}\n", built->folder.string());
    return {};
}

}  // namespace

fs::path keys_beside(const fs::path& output_folder) { return output_folder / "package-keys"; }

void add_package_build(CLI::App& package, Run& run) {
    const auto options = std::make_shared<BuildOptions>();  // CLI11 writes into it until the callback has run
    CLI::App* const command = package.add_subcommand("build", "Make Campaign_<id>/ from firmware images");
    command->add_option("--campaign-id", options->campaign, "Letters, digits, '.', '_', '-'");
    command->add_option("--output-dir", options->output_folder, "Where Campaign_<id>/ goes")->capture_default_str();
    command->add_option("--description", options->description, "YAML file that names the images (config/package.yaml)");
    command->add_flag("--compress", options->compress, "Each image by the smaller of what its ECU opens: gzip, zstd");
    command->add_option("--vehicle", options->vehicle, "YAML file with the vehicle's zones, buses and ecus");
    command->add_option("--release-notes", options->release_notes, "File for people, goes into the folder");
    command->add_option("--sbom", options->sbom, "Bill of materials of the whole, goes into the folder");
    command->add_option("--timestamp", options->timestamp, "When it was built, ISO 8601 with Z; by default now");
    command->add_option("--signing-keys", options->keys,
                        "Folder with package-classical.key and package-pq.key; by default repo/keys/packages, or "
                        "package-keys in the output folder, which are made there to try things out with");
    command->add_option("--passphrase-file", options->passphrase_file,
                        "File (mode 0600) with the passphrase of these keys");
    command->allow_extras();
    command->footer(help);
    command->callback([options, command, &run] { run.finish(build(*options, command->remaining(), run)); });
}

}  // namespace pitstop::cli
