// pitstop package: images on their way. Here: verify and show.
#include "apps/pitstop/campaign_check.h"
#include "apps/pitstop/faults.h"
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
    TRY(const auto trusted, trusted_keys(options.keys, options.folder, run));
    const ShowProgress progress = bar_for(run);
    const auto metadata = verify_campaign(options.folder, trusted, nullptr, progress);
    end_line(progress, run);
    if (!metadata) return fail(metadata.error());
    list_metadata(*metadata, run.out);
    const auto count = [&](auto is) {
        return std::ranges::count_if(metadata->records, is, &package::RecordEntry::form);
    };
    const auto sealed = count([](const Form& form) { return form.sealing != Sealing::none; });
    const auto deltas =
        count([](const Form& form) { return form.sealing == Sealing::none && form.encoding == Encoding::delta; });
    run.out << "good: both signatures, every file, every record, every digest\n";
    const std::size_t all = metadata->records.size();
    if (sealed > 0)
        run.out << std::format("{} of {} images are sealed: checked as they are, opened by their ECUs only\n", sealed,
                               all);
    if (deltas > 0)
        run.out << std::format("{} of {} images are deltas: checked as they are, opened where the old image is\n",
                               deltas, all);
    return {};
}

struct ShowOptions {
    fs::path path;
    bool json = false;
};

// A shell's variable that nobody set: taken for nothing said, it would make another package than was meant.
void refuse_empty_values(CLI::App& command) {
    for (CLI::Option* const option : command.get_options())
        option->check([](const std::string& value) { return std::string(value.empty() ? "its value is empty" : ""); });
}

}  // namespace

Result<std::vector<crypto::PublicKey>> trusted_keys(const fs::path& named, const fs::path& campaign_folder, Run& run) {
    if (!named.empty()) return load_public_keys(named);
    std::error_code failure;
    if (fs::exists(usual_package_keys, failure)) {
        auto usual = load_public_keys(usual_package_keys);
        if (usual || !usual.error().is(faults::no_keys)) return usual;
    }
    const fs::path beside = keys_beside(fs::weakly_canonical(campaign_folder, failure) / "..").lexically_normal();
    if (!fs::exists(beside, failure))
        return fail(faults::no_keys, std::format("neither {} nor {}", usual_package_keys, beside.string()));
    TRY(auto keys, load_public_keys(beside));
    run.err << std::format("Believed are the keys in {}: whoever made the package made them.\n", beside.string());
    return keys;
}

void add_package_verify(CLI::App& package, Run& run) {
    const auto options = std::make_shared<VerifyOptions>();
    CLI::App* const command =
        package.add_subcommand("verify", "Check signatures, files, records and digests of a Campaign_<id>/");
    command->add_option("DIR", options->folder, "The campaign's folder")->required();
    command->add_option("--keys", options->keys, keys_help);
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
    for (CLI::App* const command : package->get_subcommands({})) refuse_empty_values(*command);
}

}  // namespace pitstop::cli
