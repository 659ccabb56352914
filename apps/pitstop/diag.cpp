// pitstop diag: what a workshop's tester does, straight to one ECU over DoIP.
#include "apps/pitstop/commands.h"
#include "apps/pitstop/diag_job.h"
#include "apps/pitstop/diag_work.h"
#include "apps/pitstop/doip_options.h"
#include "apps/pitstop/ecu_reading.h"
#include "apps/pitstop/ecu_visit.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

struct Options {
    VisitOptions visit = visit_options();
    std::vector<std::string> dids;
    std::string session, reset = "hard";
    int hold_s = 0;
};

// Names that the command line has checked.
uds::Session session_of(std::string_view name) {
    if (name == "default") return uds::Session::default_;
    return name == "programming" ? uds::Session::programming : uds::Session::extended;
}
uds::ResetType reset_of(std::string_view name) { return name == "soft" ? uds::ResetType::soft : uds::ResetType::hard; }

// One identifier a request, so that a refusal names its own.
io::Task<std::vector<DidValue>> read_all(EcuVisit& visit, std::vector<std::uint16_t> dids) {
    constexpr std::size_t data_at = 3;  // after 62 and the identifier
    std::vector<DidValue> values;
    for (const std::uint16_t did : dids) {
        Bytes request{static_cast<std::uint8_t>(uds::Service::read_data_by_identifier), 0, 0};
        store_be(&request[1], did);
        CO_TRY(uds::Answer answer, co_await visit.ask(request));
        answer.positive.erase(answer.positive.begin(),
                              answer.positive.begin() + std::min(data_at, answer.positive.size()));
        values.push_back({did, std::move(answer.positive), answer.refusal});
    }
    co_return values;
}

Result<std::vector<std::uint16_t>> wanted_dids(const Options& options) {
    if (options.dids.empty()) return std::vector(usual_dids().begin(), usual_dids().end());
    std::vector<std::uint16_t> dids;
    for (const std::string& text : options.dids) {
        TRY(const std::uint16_t did, parse_did(text));
        dids.push_back(did);
    }
    return dids;
}

Result<void> read(const Options& options, Run& run) {
    TRY(const auto dids, wanted_dids(options));
    std::vector<DidValue> values;
    ENSURE(visit(options.visit, {}, [&](EcuVisit& at, EcuId ecu) -> io::Task<void> {
        CO_TRY(values, co_await read_all(at, dids));
        if (options.visit.json)
            run.out << boost::json::serialize(to_json(ecu, values)) << '\n';
        else
            print_reading(ecu, values, run.out);
        co_return Result<void>{};
    }));
    // Not every ECU offers all the usual ones; those that were asked for by name must be there.
    for (const DidValue& value : values)
        if (value.refused() && !options.dids.empty())
            return fail(uds::to_error(static_cast<std::uint8_t>(uds::Service::read_data_by_identifier), value.refusal));
    return {};
}

void tell(const Options& options, Run& run, EcuId ecu, json::Object more, std::string_view words) {
    more["ecu_id"] = ecu.str();
    if (options.visit.json)
        run.out << boost::json::serialize(more) << std::endl;
    else
        run.out << std::format("{}: {}", ecu.str(), words) << std::endl;
}

Result<void> enter_session(const Options& options, Run& run) {
    return visit(options.visit, session_of(options.session), [&](EcuVisit& at, EcuId ecu) -> io::Task<void> {
        tell(options, run, ecu, {{"session", options.session}},
             std::format("session entered; it ends with this command, after {} s", options.hold_s));
        co_return co_await at.stay(std::chrono::seconds(options.hold_s));
    });
}

Result<void> reset(const Options& options, Run& run) {
    return visit(options.visit, {}, [&](EcuVisit& at, EcuId ecu) -> io::Task<void> {
        const Bytes request{static_cast<std::uint8_t>(uds::Service::ecu_reset),
                            static_cast<std::uint8_t>(reset_of(options.reset))};
        CO_TRY(const Bytes positive, co_await at.order(request));
        at.on_restart();
        tell(options, run, ecu, {{"reset", options.reset}}, "restarts");
        co_return Result<void>{};
    });
}

using Command = Result<void> (*)(const Options&, Run&);

CLI::App* add(CLI::App& diag, Run& run, const char* name, const char* about, const std::shared_ptr<Options>& options,
              Command command) {
    CLI::App* const added = diag.add_subcommand(name, about);
    add_visit_options(*added, options->visit);
    added->callback([options, command, &run] { run.finish(command(*options, run)); });
    return added;
}

}  // namespace

void add_diag(CLI::App& app, Run& run) {
    CLI::App* const diag = app.add_subcommand("diag", "Ask one ECU directly: UDS over DoIP");
    diag->require_subcommand(1);
    diag->footer(
        "Examples:\n"
        "  pitstop diag find --to 127.255.255.255\n"
        "  pitstop diag read --host 127.0.0.12 --ecu ECU_012\n"
        "  pitstop diag dtc list --host 127.0.0.12 --ecu ECU_012");
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run

    add_find(*diag, run);

    CLI::App* const reads = add(*diag, run, "read", "What the ECU says of itself", options, read);
    reads->add_option("--did", options->dids, "Data identifier in hex, as in F189; may be repeated")->type_name("DID");
    reads->footer("Example:\n  pitstop diag read --host 127.0.0.91 --ecu ECU_011 --did F189 --did F1A2");

    CLI::App* const enters =
        add(*diag, run, "session", "Whether the ECU enters a diagnostic session", options, enter_session);
    enters->add_option("SESSION", options->session, "default, programming or extended")
        ->required()
        ->check(CLI::IsMember({"default", "programming", "extended"}).description(""))
        ->type_name("");
    enters->add_option("--hold-s", options->hold_s, "How long to stay; the session ends with the connection")
        ->check(CLI::Range(0, 86'400).description(""))
        ->type_name("S")
        ->capture_default_str();
    enters->footer("Example:\n  pitstop diag session --host 127.0.0.91 --ecu ECU_011 extended --hold-s 60");

    CLI::App* const restarts = add(*diag, run, "reset", "Restart the ECU", options, reset);
    restarts->add_option("--type", options->reset, "hard (as after power-on) or soft")
        ->check(CLI::IsMember({"hard", "soft"}).description(""))
        ->type_name("TYPE")
        ->capture_default_str();
    restarts->footer("Example:\n  pitstop diag reset --host 127.0.0.12 --ecu ECU_012");
    add_diag_work(*diag, run);
    add_diag_job(*diag, run);
}

}  // namespace pitstop::cli
