// pitstop repo show: a repository explained to a person.
#include "apps/pitstop/repo_commands.h"
#include "apps/pitstop/repo_facts.h"
#include "apps/pitstop/repo_reports.h"
#include "apps/pitstop/terminal.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

struct Options {
    RepoOptions repo;
    bool json = false;
};

std::string threshold(const json::Object& role, std::string_view family) {
    const json::Object* const counts = object_or_null(role, family);
    return counts ? std::format("{} of {}", shown(*counts, "needed"), shown(*counts, "keys")) : "-";
}

void print_role(const json::Object& role, std::ostream& out) {
    out << std::format("  {:<18} signed by {} classical and {} post-quantum", shown(role, "name"),
                       threshold(role, "classical"), threshold(role, "post_quantum"));
    if (json::has(role, "expires"))
        out << std::format("; version {} until {}", shown(role, "version"), shown(role, "expires"));
    if (json::has(role, "state") && shown(role, "state") != "fine") out << std::format(" ({})", shown(role, "state"));
    if (json::has(role, "scope")) out << std::format("\n    {}", shown(role, "scope"));
    out << '\n';
    for (const json::Object* holder : objects(role, "holders")) {
        const std::string who = shown(*holder, "who");
        out << std::format("    {:.16}  {:<10}  {:<9}  {}\n", shown(*holder, "key_id"), shown(*holder, "type"),
                           shown(*holder, "private"), who.empty() ? "nobody's name is known" : who);
    }
}

void print_repository(const json::Object& repository, std::ostream& out) {
    const json::Object* const root = object_or_null(repository, "root");
    const bool is_image = shown(repository, "name") == "image";
    out << (is_image ? "Image repository" : "Director repository");
    if (root) {
        out << std::format(": Root {} until {}", shown(*root, "version"), shown(*root, "expires"));
        if (shown(*root, "state") != "fine") out << std::format(" ({})", shown(*root, "state"));
    }
    if (is_image) out << std::format(", {} images", shown(repository, "images"));
    out << '\n';
    for (const json::Object* role : objects(repository, "roles")) print_role(*role, out);
    const auto delegated = objects(repository, "delegations");
    if (!delegated.empty()) out << "  delegated to\n";
    for (const json::Object* role : delegated) print_role(*role, out);
}

void print_texts(const json::Object& from, std::string_view name, std::string_view before, std::ostream& out) {
    const auto list = json::array(from, name);
    if (!list) return;
    for (const json::Value& text : **list)
        if (text.is_string()) out << before << printable(text.get_string()) << '\n';
}

void print_facts(const json::Object& facts, std::ostream& out) {
    for (const json::Object* repository : objects(facts, "repositories")) print_repository(*repository, out);
    for (const json::Object* staged : objects(facts, "staged")) {
        out << std::format("Staged: {} ({})\n", shown(*staged, "title"), shown(*staged, "file"));
        for (const json::Object* demand : objects(*staged, "demands"))
            out << std::format("  {}: {}\n", shown(*demand, "whose"), shown(*demand, "signatures"));
        print_texts(*staged, "still_to_sign", "  still to sign: ", out);
    }
    const auto advice = json::array(facts, "advice");
    if (!advice || (*advice)->empty()) {
        out << "Nothing to do.\n";
        return;
    }
    out << "To do\n";
    print_texts(facts, "advice", "  ", out);
}

Result<void> show(const Options& options, Run& run) {
    TRY(const RepoOrder order, order_of(options.repo, run));
    TRY(const json::Object facts, facts_of(order));
    if (options.json)
        run.out << boost::json::serialize(facts) << '\n';
    else
        print_facts(facts, run.out);
    return {};
}

}  // namespace

void add_repo_show(CLI::App& repo, Run& run) {
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    CLI::App* const command =
        repo.add_subcommand("show", "Explain a repository: who signs what, until when, what is missing");
    add_repo_folder(*command, options->repo);
    command->add_flag("--json", options->json, "For programs");
    command->footer(
        "Examples:\n"
        "  pitstop repo show --dir repo\n"
        "  pitstop repo show --dir repo --json");
    command->callback([options, &run] { run.finish(show(*options, run)); });
}

}  // namespace pitstop::cli
