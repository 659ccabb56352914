#include "apps/pitstop/diag_job.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/diag_job_order.h"
#include "apps/pitstop/server_connection.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <format>
#include <memory>
#include <ostream>
#include <random>
#include <thread>

namespace pitstop::cli {
namespace {

using namespace std::chrono_literals;

struct Options {
    ServerOptions server;
    JobOptions job;
    std::string vin, id;
    std::uint32_t expires_in_s = 600;
    bool all = false, watch = false, json = false;
};

std::string jobs_path(const Vin& vin) { return std::format("/api/v1/vehicles/{}/diagnostics", vin.view()); }

Result<std::string> job_path(const Options& options) {
    TRY(const Vin vin, Vin::parse(options.vin));
    TRY(const auto id, diagnosis::JobId::parse(options.id));
    return std::format("{}/{}", jobs_path(vin), id.view());
}

diagnosis::JobId new_id() {
    std::random_device chance;
    std::array<std::uint8_t, 16> bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(chance());
    return diagnosis::JobId::from_bytes(bytes);
}

void print(const json::Object& answer, const Options& options, Run& run,
           void (*view)(const json::Object&, std::ostream&)) {
    if (options.json)
        run.out << boost::json::serialize(answer) << '\n';
    else
        view(answer, run.out);
}

Result<json::Object> follow(ServerConnection& server, const std::string& path) {
    for (;;) {
        TRY(json::Object job, server.get(path));
        if (job_has_ended(job)) return job;
        std::this_thread::sleep_for(500ms);
    }
}

Result<void> start(const Options& options, Run& run) {
    TRY(const Vin vin, Vin::parse(options.vin));
    TRY(const diagnosis::Wish wish, wish_from(options.job));
    const auto id = options.id.empty() ? Result<diagnosis::JobId>(new_id()) : diagnosis::JobId::parse(options.id);
    if (!id) return fail(id.error());
    json::Object body = diagnosis::to_json(wish);
    body["job_id"] = id->view();
    body["expires_in_s"] = options.expires_in_s;
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(json::Object job, server.post(jobs_path(vin), body));
    if (!options.watch) {
        print(job, options, run, print_job);
        return {};
    }
    TRY(job, follow(server, std::format("{}/{}", jobs_path(vin), id->view())));
    print(job, options, run, print_job);
    return check_passed(job);
}

Result<void> show(const Options& options, Run& run) {
    TRY(const std::string path, job_path(options));
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object job, options.watch ? follow(server, path) : server.get(path));
    print(job, options, run, print_job);
    return options.watch ? check_passed(job) : Result<void>{};
}

Result<void> list(const Options& options, Run& run) {
    TRY(const Vin vin, Vin::parse(options.vin));
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object jobs, server.get_all(jobs_path(vin), "jobs"));
    print(jobs, options, run, print_jobs);
    return {};
}

Result<void> cancel(const Options& options, Run& run) {
    TRY(const std::string path, job_path(options));
    TRY(ServerConnection server, ServerConnection::open(options.server));
    TRY(const json::Object job, server.remove(path));
    print(job, options, run, print_job);
    return {};
}

using Command = Result<void> (*)(const Options&, Run&);

CLI::App* add(CLI::App& jobs, Run& run, const char* name, const char* about, const std::shared_ptr<Options>& options,
              Command command) {
    CLI::App* const added = jobs.add_subcommand(name, about);
    added->add_option("--vin", options->vin, "The vehicle")->required()->type_name("VIN");
    added->add_flag("--json", options->json, "For programs");
    add_server_options(*added, options->server, ServerUse::needed);
    added->callback([options, command, &run] { run.finish(command(*options, run)); });
    return added;
}

void add_id(CLI::App& command, Options& options) {
    command.add_option("JOB", options.id, "The job's UUID")->required()->type_name("");
}

void add_run(CLI::App& jobs, Run& run, const std::shared_ptr<Options>& options) {
    CLI::App* const runs = add(jobs, run, "run", "Have ECUs asked", options, start);
    JobOptions& job = options->job;
    CLI::Option_group* const whom = runs->add_option_group("Whom", "one of these");
    whom->add_option("--target", job.ecu, "One ECU, as in ECU_011")->type_name("ECU");
    whom->add_option("--zone", job.zone, "The ECUs of one zone")->type_name("ZONE");
    whom->add_flag("--all", options->all, "All ECUs");
    whom->require_option(1);
    runs->add_flag("--functional", job.functional, "Ask each zone once; every ECU behind it answers");
    runs->add_option("--read", job.dids, "Data identifiers in hex, as in F190 F189")->type_name("DID");
    runs->add_option("--step", job.steps, "A request, and what is expected; may be repeated")
        ->type_name("HEX[=EXPECTED]");
    runs->add_flag("--go-on", job.go_on, "Also after a step that failed");
    runs->add_option("--timeout-ms", job.timeout_ms, "For each step")->type_name("MS")->capture_default_str();
    runs->add_flag("--parked", job.parked, "Only while the vehicle is parked");
    runs->add_option("--ignition", job.ignition, "Only while it is on, or off")
        ->check(CLI::IsMember({"on", "off"}).description(""))
        ->type_name("STATE");
    runs->add_option("--expires-s", options->expires_in_s, "How long the job is worth doing")
        ->type_name("S")
        ->capture_default_str();
    runs->add_option("--id", options->id, "UUID of the job: the same again is the same job")->type_name("UUID");
    runs->add_flag("--watch", options->watch, "Wait for its end; exit code 1 unless all steps passed");
    runs->footer(
        "EXPECTED is hex with which the answer begins, =HEX for the whole answer, !31 for that negative response, or "
        "any.\nWithout it every positive answer will do.\nExamples:\n"
        "  pitstop diag job run --vin TESTCAR1 --target ECU_011 --read F190 F189 --watch\n"
        "  pitstop diag job run --vin TESTCAR1 --zone body --functional --step 1902ff --watch\n"
        "  pitstop diag job run --vin TESTCAR1 --all --parked --step 1101=51 --go-on");
}

}  // namespace

void add_diag_job(CLI::App& diag, Run& run) {
    CLI::App* const jobs = diag.add_subcommand("job", "Diagnostic jobs for vehicles on the road, through the server");
    jobs->require_subcommand(1);
    jobs->footer(
        "Examples:\n"
        "  pitstop diag job run --vin TESTCAR1 --target ECU_011 --read F190 F189 --watch\n"
        "  pitstop diag job list --vin TESTCAR1");
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    add_run(*jobs, run, options);
    CLI::App* const shows = add(*jobs, run, "show", "One job: what the ECUs answered so far", options, show);
    add_id(*shows, *options);
    shows->add_flag("--watch", options->watch, "Wait for its end; exit code 1 unless all steps passed");
    shows->footer("Example:\n  pitstop diag job show --vin TESTCAR1 0f8fad5b-d9cb-469f-a165-70867728950e");
    add(*jobs, run, "list", "The jobs of one vehicle, the newest first", options, list)
        ->footer("Example:\n  pitstop diag job list --vin TESTCAR1");
    CLI::App* const cancels = add(*jobs, run, "cancel", "Begin no further step", options, cancel);
    add_id(*cancels, *options);
    cancels->footer("Example:\n  pitstop diag job cancel --vin TESTCAR1 0f8fad5b-d9cb-469f-a165-70867728950e");
}

}  // namespace pitstop::cli
