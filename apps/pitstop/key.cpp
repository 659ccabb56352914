// pitstop key: the keys that sign metadata.
#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "io/files/faults.h"
#include "io/keys/key_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <format>
#include <memory>
#include <ostream>
#include <vector>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

struct GenerateOptions {
    std::string type = "ml-dsa-65";
    fs::path out;
    fs::path passphrase_file;
};

Result<void> generate_key(const GenerateOptions& options, Run& run) {
    fs::path public_file = options.out;
    public_file += ".pub";
    std::error_code failure;
    for (const fs::path& file : {options.out, public_file})
        if (fs::exists(file, failure)) return fail(faults::already_there, file.string());

    TRY(const auto type, crypto::key_type_from(options.type));
    std::optional<std::string> passphrase;
    if (!options.passphrase_file.empty()) {
        TRY(passphrase, io::keys::load_secret(options.passphrase_file));
    }
    TRY(const auto key, crypto::generate(type));
    if (options.out.has_parent_path()) ENSURE(make_folder(options.out.parent_path()));
    ENSURE(io::keys::save_private_key(options.out, key, passphrase));
    ENSURE(io::keys::save_public_key(public_file, key.public_key()));
    run.out << std::format("{}  {}  {}\n", key.public_key().key_id(), options.type, options.out.string());
    return {};
}

void add_generate(CLI::App& key, Run& run) {
    const auto options = std::make_shared<GenerateOptions>();  // CLI11 writes into it until the callback has run
    CLI::App* const command = key.add_subcommand("generate", "Make a key pair: FILE (mode 0600) and FILE.pub");
    command->add_option("--type", options->type, "ecdsa-p256, ed25519, ml-dsa-44, ml-dsa-65 or ml-dsa-87")
        ->check(CLI::IsMember({"ecdsa-p256", "ed25519", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"}))
        ->capture_default_str();
    command->add_option("--out", options->out, "Where the private key goes; never replaces one")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--passphrase-file", options->passphrase_file,
                     "File (mode 0600) with a passphrase that seals the key")
        ->type_name("FILE");
    command->footer(
        "Example:\n  pitstop key generate --type ml-dsa-65 --out keys/targets.key --passphrase-file secret");
    command->callback([options, &run] { run.finish(generate_key(*options, run)); });
}

Result<std::vector<fs::path>> public_files_in(const fs::path& folder) {
    std::error_code failure;
    std::vector<fs::path> files;
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
        if (at->path().extension() == ".pub") files.push_back(at->path());
    if (failure) return fail(io::files::faults::unreadable, std::format("{}: {}", folder.string(), failure.message()));
    std::ranges::sort(files);
    return files;
}

Result<void> list_keys(const fs::path& folder, Run& run) {
    TRY(const auto files, public_files_in(folder));
    for (const fs::path& file : files) {
        TRY(const auto key, io::keys::load_public_key(file));
        std::error_code failure;
        fs::path private_file = file;
        const bool has_private = fs::exists(private_file.replace_extension(), failure);
        run.out << std::format("{}  {:<10}  {:<12}  {:<11}  {}\n", key.key_id(), to_string(key.type()),
                               to_string(family(key.type())), has_private ? "private" : "public only", file.string());
    }
    return {};
}

void add_list(CLI::App& key, Run& run) {
    const auto folder = std::make_shared<fs::path>();
    CLI::App* const command = key.add_subcommand("list", "Key id, kind, family and file of every FILE.pub in a folder");
    command->add_option("DIR", *folder, "Folder with keys")->required();
    command->footer("Example:\n  pitstop key list keys");
    command->callback([folder, &run] { run.finish(list_keys(*folder, run)); });
}

}  // namespace

void add_key(CLI::App& app, Run& run) {
    CLI::App* const key = app.add_subcommand("key", "Keys that sign metadata");
    key->require_subcommand(1);
    add_generate(*key, run);
    add_list(*key, run);
}

}  // namespace pitstop::cli
