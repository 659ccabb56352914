// pitstop diag: what a workshop's tester does, straight to one ECU over DoIP.
#include "apps/pitstop/commands.h"
#include "apps/pitstop/diag_job.h"
#include "apps/pitstop/doip_options.h"
#include "apps/pitstop/ecu_reading.h"
#include "io/ethernet/doip_client.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

using namespace std::chrono_literals;
using io::ethernet::DoipClient;

constexpr std::uint16_t tester = 0x0EF0;  // not the vehicle gateway's 0x0E80: an entity serves each tester once
constexpr uds::TesterTimings patience{.total = 30s};
constexpr int busy_repeats_max = 30;  // the gateway may be talking to the same ECU
constexpr auto busy_pause = 200ms;

struct Options {
    io::ethernet::DoipPeer peer{.host = {}, .tester = tester};
    std::string ecu;
    std::vector<std::string> dids;
    bool json = false;
    std::string session, reset = "hard";
};

// Names that the command line has checked.
uds::Session session_of(std::string_view name) {
    if (name == "default") return uds::Session::default_;
    return name == "programming" ? uds::Session::programming : uds::Session::extended;
}
uds::ResetType reset_of(std::string_view name) { return name == "soft" ? uds::ResetType::soft : uds::ResetType::hard; }

io::Task<uds::Answer> ask(DoipClient& link, std::uint16_t address, const Bytes& request) {
    for (int repeats = 0;; ++repeats) {
        CO_TRY(uds::Answer answer, co_await link.ask(address, request, patience));
        if (answer.refusal != uds::Nrc::busy_repeat_request || repeats == busy_repeats_max) co_return std::move(answer);
        co_await io::pause(busy_pause);
    }
}

// One identifier a request, so that a refusal names its own.
io::Task<std::vector<DidValue>> read_all(DoipClient& link, std::uint16_t address, std::vector<std::uint16_t> dids) {
    constexpr std::size_t data_at = 3;  // after 62 and the identifier
    std::vector<DidValue> values;
    for (const std::uint16_t did : dids) {
        Bytes request{static_cast<std::uint8_t>(uds::Service::read_data_by_identifier), 0, 0};
        store_be(&request[1], did);
        CO_TRY(uds::Answer answer, co_await ask(link, address, request));
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
    TRY(const EcuId ecu, EcuId::parse(options.ecu));
    TRY(auto dids, wanted_dids(options));
    io::Loop loop;
    DoipClient link(loop, options.peer);
    TRY(const auto values, io::complete(loop, read_all(link, ecu.address(), std::move(dids))));
    if (options.json)
        run.out << boost::json::serialize(to_json(ecu, values)) << '\n';
    else
        print_reading(ecu, values, run.out);
    // Not every ECU offers all the usual ones; those that were asked for by name must be there.
    for (const DidValue& value : values)
        if (value.refused() && !options.dids.empty())
            return fail(uds::to_error(static_cast<std::uint8_t>(uds::Service::read_data_by_identifier), value.refusal));
    return {};
}

Result<void> order(const Options& options, const Bytes& request) {
    TRY(const EcuId ecu, EcuId::parse(options.ecu));
    io::Loop loop;
    DoipClient link(loop, options.peer);
    TRY(uds::Answer answer, io::complete(loop, ask(link, ecu.address(), request)));
    TRY(const Bytes positive, uds::positive_or_error(std::move(answer), request));
    return {};
}

Result<void> enter_session(const Options& options, Run& run) {
    ENSURE(order(options, {static_cast<std::uint8_t>(uds::Service::diagnostic_session_control),
                           static_cast<std::uint8_t>(session_of(options.session))}));
    run.out << std::format("{}: session entered; the ECU leaves it after 5 s without a request\n", options.ecu);
    return {};
}

Result<void> reset(const Options& options, Run& run) {
    ENSURE(order(options, {static_cast<std::uint8_t>(uds::Service::ecu_reset),
                           static_cast<std::uint8_t>(reset_of(options.reset))}));
    run.out << std::format("{}: restarts\n", options.ecu);
    return {};
}

using Command = Result<void> (*)(const Options&, Run&);

CLI::App* add(CLI::App& diag, Run& run, const char* name, const char* about, const std::shared_ptr<Options>& options,
              Command command) {
    CLI::App* const added = diag.add_subcommand(name, about);
    added->add_option("--host", options->peer.host, "Address of the DoIP entity: the ECU, or the zone before it")
        ->required()
        ->type_name("HOST");
    added->add_option("--port", options->peer.port, "Its TCP port")->type_name("PORT")->capture_default_str();
    add_tls_options(*added, options->peer);
    added->add_option("--ecu", options->ecu, "Which ECU, as in ECU_011")->required()->type_name("ECU");
    added->callback([options, command, &run] { run.finish(command(*options, run)); });
    return added;
}

}  // namespace

void add_diag(CLI::App& app, Run& run) {
    CLI::App* const diag = app.add_subcommand("diag", "Ask one ECU directly: UDS over DoIP");
    diag->require_subcommand(1);
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run

    add_find(*diag, run);

    CLI::App* const reads = add(*diag, run, "read", "What the ECU says of itself", options, read);
    reads->add_option("--did", options->dids, "Data identifier in hex, as in F189; may be repeated")->type_name("DID");
    reads->add_flag("--json", options->json, "For programs");
    reads->footer("Example:\n  pitstop diag read --host 127.0.0.91 --ecu ECU_011 --did F189 --did F1A2");

    CLI::App* const enters = add(*diag, run, "session", "Enter a diagnostic session", options, enter_session);
    enters->add_option("SESSION", options->session, "default, programming or extended")
        ->required()
        ->check(CLI::IsMember({"default", "programming", "extended"}).description(""))
        ->type_name("");
    enters->footer("Example:\n  pitstop diag session --host 127.0.0.91 --ecu ECU_011 extended");

    CLI::App* const restarts = add(*diag, run, "reset", "Restart the ECU", options, reset);
    restarts->add_option("--type", options->reset, "hard (as after power-on) or soft")
        ->check(CLI::IsMember({"hard", "soft"}).description(""))
        ->type_name("TYPE")
        ->capture_default_str();
    restarts->footer("Example:\n  pitstop diag reset --host 127.0.0.12 --ecu ECU_012");
    add_diag_job(*diag, run);
}

}  // namespace pitstop::cli
