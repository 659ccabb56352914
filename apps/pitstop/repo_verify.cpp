// pitstop repo verify: would a car believe it?
#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_commands.h"
#include "apps/pitstop/repo_reports.h"
#include "apps/pitstop/repo_walk.h"
#include "apps/pitstop/server_connection.h"
#include "io/files/atomic_file.h"
#include "io/http/client.h"
#include "io/runtime/loop.h"

#include <CLI/CLI.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::Repository;
using uptane::Role;

struct Options {
    fs::path folder, first_root, authority, api_key_file;
    std::string url;
    int profile = io::tls::default_profile;
};

OnStep printer(Run& run, int& warnings) {
    return [&run, &warnings](const WalkStep& step) {
        const bool fine = step.freshness == Freshness::fine;
        warnings += fine ? 0 : 1;
        run.out << std::format("  {:<5} {:<24} {}{}\n", fine ? "ok" : "ok, !", step.file, step.words,
                               fine ? "" : std::format(" ({})", to_string(step.freshness)));
    };
}

Result<void> verify_folder(const Options& options, Run& run, int& warnings) {
    const RepoOrder order{options.folder, run.now, {}};
    for (const Repository repository : {Repository::image, Repository::director}) {
        const fs::path folder = order.served(repository);
        const fs::path first = options.first_root.empty() || repository == Repository::director
                                   ? folder / uptane::file_name(Role::root, 1)
                                   : options.first_root;
        TRY(auto root, io::files::read_if_there(first, uptane::size_bytes_max(Role::root)));
        if (!root) return fail(faults::no_repository, first.string());
        run.out << std::format("{} repository, from {}\n", to_string(repository), first.string());
        const auto fetch = [&folder](const std::string& name, std::size_t size_bytes_max) {
            return io::files::read_if_there(folder / name, size_bytes_max);
        };
        ENSURE(walk({repository, *std::move(root), fetch, run.now, printer(run, warnings)}));
    }
    run.out << "  The Director's other files are made by the server for each vehicle.\n";
    return {};
}

Result<io::http::ClientSettings> settings_of(const Options& options) {
    io::http::ClientSettings settings;
    settings.base_url = options.url;
    if (options.url.starts_with("https:")) {
        io::tls::TlsSettings tls;
        tls.profile = options.profile;
        tls.trust_anchors = options.authority;
        settings.tls = std::move(tls);
    }
    if (!options.api_key_file.empty()) {
        TRY(const std::string authorization, authorization_from(options.api_key_file));
        settings.headers = {{"Authorization", authorization}};
    }
    return settings;
}

Result<void> verify_url(const Options& options, Run& run, int& warnings) {
    if (options.first_root.empty()) return fail(faults::no_first_root, options.url);
    TRY(Bytes root, io::files::read_file(options.first_root, uptane::size_bytes_max(Role::root)));
    TRY(io::http::ClientSettings settings, settings_of(options));
    io::Loop loop;
    io::http::Client client(loop, std::move(settings));
    const auto fetch = [&](const std::string& name, std::size_t size_bytes_max) -> Result<std::optional<Bytes>> {
        TRY(auto answer, io::complete(loop, client.get("/" + name, {}, size_bytes_max)));
        if (answer.status == 404) return std::nullopt;
        TRY(answer, io::http::accepted(std::move(answer)));
        return Bytes(answer.body.begin(), answer.body.end());
    };
    run.out << std::format("image repository at {}, from {}\n", options.url, options.first_root.string());
    return walk({Repository::image, std::move(root), fetch, run.now, printer(run, warnings)});
}

Result<void> verify(const Options& options, Run& run) {
    if (options.folder.empty() == options.url.empty()) return fail(faults::no_repository, "name --dir or --url");
    int warnings = 0;
    ENSURE(options.url.empty() ? verify_folder(options, run, warnings) : verify_url(options, run, warnings));
    run.out << (warnings == 0 ? "A vehicle accepts it.\n"
                              : std::format("A vehicle accepts it. {} file(s) expire soon: pitstop repo show --dir DIR "
                                            "says what to do.\n",
                                            warnings));
    return {};
}

}  // namespace

void add_repo_verify(CLI::App& repo, Run& run) {
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    CLI::App* const command =
        repo.add_subcommand("verify", "Check a repository as a vehicle does, and print each step");
    CLI::Option* const folder = command->add_option("--dir", options->folder, "Repository's folder")->type_name("DIR");
    command->add_option("--url", options->url, "Where the Image repository is served, without the file's name")
        ->excludes(folder)
        ->type_name("URL");
    command->add_option("--root", options->first_root, "The Root to begin with: as the factory put it into the vehicle")
        ->type_name("FILE");
    command->add_option("--ca", options->authority, "Certificate of the server's authority")
        ->envname("PITSTOP_CA")
        ->type_name("FILE");
    command->add_option("--api-key-file", options->api_key_file, "File (mode 0600) with an API key")
        ->envname("PITSTOP_API_KEY_FILE")
        ->type_name("FILE");
    command->add_option("--tls-profile", options->profile, "TLS profile of the server")
        ->check(CLI::Range(1, static_cast<int>(io::tls::profiles().size()) - 1).description(""))
        ->type_name("1-12")
        ->capture_default_str();
    command->footer(
        "Exit code 0: accepted, also with files that expire soon; 1: refused, or something has expired.\n\nExamples:\n"
        "  pitstop repo verify --dir repo\n"
        "  pitstop repo verify --url https://localhost:8443/repo --root 1.root.json --ca pki/ca/ca.crt "
        "--api-key-file key");
    command->callback([options, &run] { run.finish(verify(*options, run)); });
}

}  // namespace pitstop::cli
