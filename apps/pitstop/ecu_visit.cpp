#include "apps/pitstop/ecu_visit.h"

#include "apps/pitstop/doip_options.h"
#include "io/flashing/visitor.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace pitstop::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t tester = 0x0EF0;  // not the vehicle gateway's 0x0E80: an entity serves each tester once
constexpr uds::TesterTimings patience{.total = 30s};
constexpr int busy_repeats_max = 30;
constexpr auto busy_pause = 200ms;
constexpr std::chrono::seconds tester_present_after = 2s;  // well within S3

}  // namespace

VisitOptions visit_options() { return {.peer = {.host = {}, .tester = tester}, .ecu = {}, .credential = {}}; }

void add_visit_options(CLI::App& command, VisitOptions& options) {
    command.add_option("--host", options.peer.host, "Address of the DoIP entity: the ECU, or the zone before it")
        ->required()
        ->type_name("HOST");
    command.add_option("--port", options.peer.port, "Its TCP port")->type_name("PORT")->capture_default_str();
    add_tls_options(command, options.peer);
    command.add_option("--ecu", options.ecu, "Which ECU, as in ECU_011")->required()->type_name("ECU");
    command
        .add_option("--credential", options.credential,
                    "Folder that `pitstop pki tester` made, shown to the ECU first (services 0x29, 0x27)")
        ->type_name("DIR");
    command.add_flag("--json", options.json, "For programs");
}

EcuVisit::EcuVisit(io::Loop& loop, const VisitOptions& options, EcuId ecu)
    : loop_(loop),
      options_(options),
      ecu_(ecu),
      link_(loop, options.peer) {}

io::Task<void> EcuVisit::begin(std::optional<uds::Session> session) {
    const bool shows = !options_.credential.empty();
    if (shows && !session) session = uds::Session::extended;
    if (session) {
        in_session_ = *session != uds::Session::default_;
        const auto request = uds::request_for(*session);
        CO_ENSURE(co_await order(Bytes(request.begin(), request.end())));
    }
    if (shows) CO_ENSURE(co_await show_credential());
    co_return Result<void>{};
}

io::Task<uds::Answer> EcuVisit::ask(Bytes request) {
    for (int repeats = 0;; ++repeats) {
        CO_TRY(uds::Answer answer, co_await link_.ask(ecu_.address(), request, patience));
        if (answer.refusal != uds::Nrc::busy_repeat_request || repeats == busy_repeats_max) co_return std::move(answer);
        co_await io::pause(busy_pause);
    }
}

io::Task<Bytes> EcuVisit::order(Bytes request) {
    CO_TRY(uds::Answer answer, co_await ask(request));
    co_return uds::positive_or_error(std::move(answer), request);
}

io::Task<void> EcuVisit::show_credential() {
    CO_TRY(auto credential, io::keys::Credential::load(options_.credential));
    CO_TRY(const Bytes answer, co_await order({0x22, 0xF1, 0x90}));
    CO_TRY(const Vin vin, Vin::parse(text_of(View(answer).subspan(std::min<std::size_t>(answer.size(), 3)))));
    io::flashing::Visitor visitor(std::move(credential), vin, "pitstop", io::flashing::Visits::once);
    CO_TRY(auto visit, visitor.visit(ecu_, loop_.utc_now()));
    co_return co_await io::flashing::enter(std::move(visit), [this](Bytes request) { return ask(std::move(request)); });
}

io::Task<void> EcuVisit::stay(std::chrono::seconds time) {
    for (std::chrono::seconds stayed{}; stayed < time;) {
        const auto nap = std::min(tester_present_after, time - stayed);
        co_await io::pause(nap);
        stayed += nap;
        CO_ENSURE(co_await order({0x3E, 0x00}));
    }
    co_return Result<void>{};
}

io::Task<void> EcuVisit::end() {
    if (!in_session_ || !link_.connected()) co_return Result<void>{};
    static constexpr auto leaves = uds::request_for(uds::Session::default_);
    CO_ENSURE(co_await link_.ask(ecu_.address(), leaves, patience));
    co_return Result<void>{};
}

Result<void> visit(const VisitOptions& options, std::optional<uds::Session> session,
                   const std::function<io::Task<void>(EcuVisit&, EcuId)>& work) {
    TRY(const EcuId ecu, EcuId::parse(options.ecu));
    io::Loop loop;
    EcuVisit visit(loop, options, ecu);
    return io::complete(loop, [&]() -> io::Task<void> {
        Result<void> done = co_await visit.begin(session);
        if (done) done = co_await work(visit, ecu);
        const Result<void> left = co_await visit.end();  // what went wrong before says more
        co_return done ? left : done;
    }());
}

}  // namespace pitstop::cli
