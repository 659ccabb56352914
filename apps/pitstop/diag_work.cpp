#include "apps/pitstop/diag_work.h"

#include "apps/pitstop/dtc_view.h"
#include "apps/pitstop/ecu_visit.h"
#include "apps/pitstop/faults.h"
#include "core/flash/routine_status.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

constexpr std::size_t routine_status_at = 4;  // after 71, what was asked, and the routine

// Those that answer with a status first (core/flash/routine_status.h); of others nobody here knows what they say.
constexpr std::array routines_with_status{
    uds::rid::check_memory,      uds::rid::check_preconditions, uds::rid::activate, uds::rid::roll_back,
    uds::rid::begin_trust_cycle, uds::rid::judge_metadata,      uds::rid::erase,    uds::rid::check_dependencies};

struct Options {
    VisitOptions visit = visit_options();
    RoutineOptions routine;
    std::string session, group = "all", status_mask = "ff";
};

std::optional<uds::Session> session_of(std::string_view name) {
    if (name == "programming") return uds::Session::programming;
    if (name == "extended") return uds::Session::extended;
    return std::nullopt;
}

Result<void> run_routine(const Options& options, Run& run) {
    TRY(const Bytes request, routine_request(options.routine));
    return visit(options.visit, session_of(options.session), [&](EcuVisit& at, EcuId ecu) -> io::Task<void> {
        CO_TRY(const Bytes answer, co_await at.order(request));
        const auto rid = load_be<std::uint16_t>(&request[2]);
        const std::string name = std::format("{:04X}", rid);
        const View said = View(answer).subspan(std::min(answer.size(), routine_status_at));
        const Result<void> went = routine_result(rid, said);
        if (options.visit.json) {
            json::Object object{{"ecu_id", ecu.str()}, {"routine", name}, {"answer", to_hex(said)}};
            if (!went) object["fault"] = went.error().code();
            run.out << boost::json::serialize(object) << '\n';
        } else {
            const std::string words = went ? "done" : std::format("failed, {}", went.error().code());
            run.out << std::format("{}: routine {}: {}{}\n", ecu.str(), name, words,
                                   said.empty() ? "" : std::format(" (answer {})", to_hex(said)));
        }
        co_return went;
    });
}

Result<void> list_dtcs(const Options& options, Run& run) {
    const auto mask = from_hex(options.status_mask);
    if (!mask || mask->size() != 1) return fail(faults::bad_dtc, "the mask " + options.status_mask);
    return visit(options.visit, {}, [&](EcuVisit& at, EcuId ecu) -> io::Task<void> {
        const Bytes request{static_cast<std::uint8_t>(uds::Service::read_dtc_information),
                            static_cast<std::uint8_t>(uds::DtcReport::by_status_mask), mask->front()};
        CO_TRY(const Bytes answer, co_await at.order(request));
        CO_TRY(const auto dtcs, parse_dtcs(answer));
        if (options.visit.json)
            run.out << boost::json::serialize(dtcs_to_json(ecu, dtcs)) << '\n';
        else
            print_dtcs(ecu, dtcs, run.out);
        co_return Result<void>{};
    });
}

Result<void> clear_dtcs(const Options& options, Run& run) {
    TRY(const std::uint32_t group, parse_dtc_group(options.group));
    return visit(options.visit, {}, [&](EcuVisit& at, EcuId ecu) -> io::Task<void> {
        const Bytes request{static_cast<std::uint8_t>(uds::Service::clear_diagnostic_information),
                            static_cast<std::uint8_t>(group >> 16), static_cast<std::uint8_t>(group >> 8),
                            static_cast<std::uint8_t>(group)};
        CO_TRY(const Bytes answer, co_await at.order(request));
        if (options.visit.json)
            run.out << boost::json::serialize(json::Object{{"ecu_id", ecu.str()}, {"cleared", options.group}}) << '\n';
        else
            run.out << std::format("{}: {} cleared\n", ecu.str(), options.group);
        co_return Result<void>{};
    });
}

using Command = Result<void> (*)(const Options&, Run&);

CLI::App* add(CLI::App& above, Run& run, const char* name, const char* about, const std::shared_ptr<Options>& options,
              Command command) {
    CLI::App* const added = above.add_subcommand(name, about);
    add_visit_options(*added, options->visit);
    added->callback([options, command, &run] { run.finish(command(*options, run)); });
    return added;
}

void add_routine(CLI::App& diag, Run& run, const std::shared_ptr<Options>& options) {
    CLI::App* const routine =
        add(diag, run, "routine", "Start a routine, stop it, or ask how it went", options, run_routine);
    CLI::Option_group* const what = routine->add_option_group("What", "one of these");
    what->add_option("--start", options->routine.start, "Routine identifier in hex, as in F003")->type_name("RID");
    what->add_option("--stop", options->routine.stop, "The same, to be stopped")->type_name("RID");
    what->add_option("--results", options->routine.results, "The same, to tell its results")->type_name("RID");
    what->require_option(1);
    routine->add_option("--option", options->routine.option, "The routine's option record, in hex")->type_name("HEX");
    routine
        ->add_option("--session", options->session,
                     "extended or programming; without it the ECU stays in the default session, or with a credential "
                     "goes into the extended one")
        ->check(CLI::IsMember({"extended", "programming"}).description(""))
        ->type_name("SESSION");
    routine->footer(
        "Examples:\n"
        "  pitstop diag routine --host 127.0.0.12 --ecu ECU_012 --start 0203\n"
        "  pitstop diag routine --host 127.0.0.91 --ecu ECU_011 --start F011 --credential pki/diagnostics/workshop-7");
}

}  // namespace

Result<void> routine_result(std::uint16_t rid, View said) {
    const bool has_status = !said.empty() && std::ranges::contains(routines_with_status, rid);
    if (!has_status || said[0] == flash::routine_succeeded) return {};
    return fail(flash::fault_of_status(said[0]),
                std::format("routine {:04X} ended with status 0x{:02X}", rid, said[0]));
}

Result<Bytes> routine_request(const RoutineOptions& options) {
    const std::pair<const std::string&, uds::RoutineControl> all[] = {
        {options.start, uds::RoutineControl::start},
        {options.stop, uds::RoutineControl::stop},
        {options.results, uds::RoutineControl::request_results},
    };
    const auto* const asked = std::ranges::find_if(all, [](const auto& each) { return !each.first.empty(); });
    if (asked == std::end(all)) return fail(faults::bad_routine, "none is named");
    const auto rid = from_hex(asked->first);
    if (!rid || rid->size() != 2) return fail(faults::bad_routine, asked->first);
    const auto option = from_hex(options.option);
    if (!option) return fail(faults::bad_routine, options.option);
    Bytes request{static_cast<std::uint8_t>(uds::Service::routine_control), static_cast<std::uint8_t>(asked->second)};
    request.insert(request.end(), rid->begin(), rid->end());
    request.insert(request.end(), option->begin(), option->end());
    return request;
}

void add_diag_work(CLI::App& diag, Run& run) {
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    add_routine(diag, run, options);

    CLI::App* const dtc = diag.add_subcommand("dtc", "The ECU's fault memory");
    dtc->require_subcommand(1);
    dtc->footer(
        "Examples:\n"
        "  pitstop diag dtc list --host 127.0.0.12 --ecu ECU_012\n"
        "  pitstop diag dtc clear --host 127.0.0.12 --ecu ECU_012");
    CLI::App* const list = add(*dtc, run, "list", "Trouble codes and what their status bits say", options, list_dtcs);
    list->add_option("--mask", options->status_mask, "Only codes with one of these status bits, two hex digits")
        ->type_name("HEX")
        ->capture_default_str();
    list->footer(
        "Examples:\n"
        "  pitstop diag dtc list --host 127.0.0.12 --ecu ECU_012\n"
        "  pitstop diag dtc list --host 127.0.0.12 --ecu ECU_012 --mask 08    (confirmed ones)");
    CLI::App* const clear = add(*dtc, run, "clear", "Forget trouble codes", options, clear_dtcs);
    clear->add_option("--dtc", options->group, "One code, as `dtc list` prints it in hex, or all")
        ->type_name("DTC")
        ->capture_default_str();
    clear->footer("Example:\n  pitstop diag dtc clear --host 127.0.0.12 --ecu ECU_012 --dtc 056216");
}

}  // namespace pitstop::cli
