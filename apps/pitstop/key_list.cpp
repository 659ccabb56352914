// pitstop key list: which keys lie in a folder, whose they are, and what they may sign.
#include "apps/pitstop/faults.h"
#include "apps/pitstop/key_commands.h"
#include "apps/pitstop/named_key.h"
#include "apps/pitstop/repo_folder.h"
#include "apps/pitstop/role_names.h"
#include "apps/pitstop/seal_keys.h"
#include "apps/pitstop/signing_keys.h"
#include "io/files/faults.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <format>
#include <memory>
#include <ostream>
#include <set>
#include <vector>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
    fs::path folder, repository;
};

// A key may lie there as FILE.pub, as FILE.key, or as both; only the public half can be read without a passphrase. An
// ECU's seal key has FILE.seal as its public half.
Result<std::vector<fs::path>> keys_in(const fs::path& folder) {
    std::error_code failure;
    std::set<fs::path> files;
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
        if (at->path().extension() == ".pub" || at->path().extension() == ".seal") files.insert(at->path());
    if (failure) return fail(io::files::faults::unreadable, std::format("{}: {}", folder.string(), failure.message()));
    if (files.empty()) return fail(faults::no_keys, folder.string());
    return std::vector(files.begin(), files.end());
}

Result<void> list_seal_key(const fs::path& file, Run& run) {
    TRY(const NamedSealKey named, read_named_seal_key(file));
    TRY(const std::string_view seal, seal_of(private_half(file)));
    run.out << std::format("{}  {:<10}  {:<12}  {:<11}  {}", to_hex(named.key.key_id()), seal_key_type, "for sealing",
                           seal, file.string());
    if (!named.name.empty()) run.out << "  \"" << named.name << '"';
    run.out << '\n';
    return {};
}

Result<void> list(const Options& options, Run& run) {
    TRY(const auto files, keys_in(options.folder));
    std::map<std::string, std::string> roles;
    if (!options.repository.empty()) {
        TRY(roles, roles_by_key(options.repository));
    }
    run.out << std::format("{:<64}  {:<10}  {:<12}  {:<11}  FILE\n", "KEY ID", "TYPE", "FAMILY", "PRIVATE");
    for (const fs::path& file : files) {
        if (file.extension() == ".seal") {
            ENSURE(list_seal_key(file, run));
            continue;
        }
        TRY(const NamedKey named, read_named_key(file));
        const crypto::PublicKey& key = named.key;
        TRY(const std::string_view seal, seal_of(private_half(file)));
        run.out << std::format("{}  {:<10}  {:<12}  {:<11}  {}", key.key_id(), to_string(key.type()),
                               to_string(family(key.type())), seal, file.string());
        if (!named.name.empty()) run.out << "  \"" << named.name << '"';
        const auto found = roles.find(key.key_id());
        if (!options.repository.empty())
            run.out << "  signs for " << (found == roles.end() ? "nothing" : found->second);
        run.out << '\n';
    }
    return {};
}

}  // namespace

void add_key_list(CLI::App& key, Run& run) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command = key.add_subcommand("list", "The keys in a folder: id, kind, sealed or not, whose");
    command->add_option("DIR,--dir", options->folder, "Folder with FILE.pub and FILE.key")
        ->required()
        ->type_name("DIR");
    command->add_option("--repo", options->repository, "Repository: also say what each key signs for")
        ->type_name("DIR");
    command->footer(
        "Examples:\n"
        "  pitstop key list keys\n"
        "  pitstop key list --dir repo/keys/offline --repo repo");
    command->callback([options, &run] { run.finish(list(*options, run)); });
}

}  // namespace pitstop::cli
