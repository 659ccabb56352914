// pitstop pki tester: a credential for somebody who works on ECUs.
#include "apps/pitstop/commands.h"
#include "apps/pitstop/diagnostic_pki.h"
#include "apps/pitstop/pki_commands.h"
#include "io/keys/key_file.h"

#include <CLI/CLI.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

struct Options {
    DiagnosticPki pki;
    TesterOrder order;
    std::filesystem::path passphrase_file;
    int days = 30;
};

Result<void> issue(Options& options, Run& run) {
    if (!options.passphrase_file.empty()) {
        TRY(options.pki.passphrase, io::keys::load_secret(options.passphrase_file));
    }
    options.order.lifetime = std::chrono::days(options.days);
    TRY(const auto folder, issue_tester(options.pki, options.order, run.now));
    run.out << std::format("{}\n", folder.string());
    return {};
}

}  // namespace

void add_pki_tester(CLI::App& pki, Run& run) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command = pki.add_subcommand("tester", "Issue a credential with which a tester gets into ECUs");
    command->add_option("--dir", options->pki.folder, "Folder that `pki init` made")->required()->type_name("DIR");
    command->add_option("--name", options->order.name, "Who it is, as in workshop-7")->required()->type_name("NAME");
    command->add_option("--role", options->order.roles, "diagnostic, programming or development; may be repeated")
        ->required()
        ->check(CLI::IsMember({"diagnostic", "programming", "development"}).description(""))
        ->type_name("ROLE");
    command->add_option("--vin", options->order.vins, "Only in this vehicle; may be repeated")->type_name("VIN");
    command->add_option("--hardware", options->order.hardware_ids, "Only in ECUs of this hardware id; may be repeated")
        ->type_name("ID");
    command->add_option("--days", options->days, "How long it is good for")
        ->check(CLI::Range(1, 397).description(""))
        ->type_name("N")
        ->capture_default_str();
    command
        ->add_option("--passphrase-file", options->passphrase_file, "File (mode 0600) that opens the authority's keys")
        ->type_name("FILE");
    command->footer(
        "Example:\n  pitstop pki tester --dir pki --name workshop-7 --role diagnostic --role programming --days 7");
    command->callback([options, &run] { run.finish(issue(*options, run)); });
}

}  // namespace pitstop::cli
