#include "apps/pitstop/doip_options.h"

#include "io/ethernet/doip_search.h"
#include "io/ethernet/doip_tls.h"
#include "io/ethernet/faults.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

constexpr std::uint16_t plain_port = 13400;

io::tls::TlsSettings& tls_of(io::ethernet::DoipPeer& peer) {
    if (!peer.tls) {
        peer.tls.emplace();
        if (peer.port == plain_port) peer.port = io::ethernet::tls_port;
    }
    return *peer.tls;
}

struct FindOptions {
    std::string to = "255.255.255.255", vin;
    std::uint16_t port = plain_port;
    int wait_ms = 2000;
};

Result<void> find(const FindOptions& options, Run& run) {
    io::ethernet::DoipSearch search{.to = options.to, .port = options.port};
    search.limit = std::chrono::milliseconds(options.wait_ms);
    if (!options.vin.empty()) search.request = doip::identification_request(doip::Identity::of(options.vin, 0).vin);
    io::Loop loop;
    TRY(const auto found, io::complete(loop, io::ethernet::find_entities(loop, search)));
    for (const auto& [announcement, host, port] : found) {
        const std::string_view vin(announcement.identity.vin.data(), announcement.identity.vin.size());
        const bool asks = announcement.further_action == doip::FurtherAction::central_security;
        run.out << std::format("{}:{}  address 0x{:04X}  VIN {}  EID {}{}\n", host, port, announcement.identity.address,
                               vin, to_hex(announcement.identity.eid),
                               asks ? "  asks for central security (activation type E0)" : "");
    }
    run.out << std::format("{} found\n", found.size());
    if (found.empty())
        return fail(io::ethernet::faults::no_answer, std::format("nobody at {}:{}", options.to, options.port));
    return {};
}

}  // namespace

void add_tls_options(CLI::App& command, io::ethernet::DoipPeer& peer) {
    using Path = std::string;
    command
        .add_option_function<int>(
            "--tls-profile", [&peer](int profile) { tls_of(peer).profile = profile; }, "TLS profile, 0 to 12")
        ->type_name("NUMBER");
    command
        .add_option_function<Path>(
            "--tls-certificate", [&peer](const Path& file) { tls_of(peer).certificate_chain = file; },
            "PEM certificate that the tester shows")
        ->type_name("FILE");
    command
        .add_option_function<Path>(
            "--tls-key", [&peer](const Path& file) { tls_of(peer).private_key = file; }, "Its private key")
        ->type_name("FILE");
    command
        .add_option_function<Path>(
            "--tls-trust", [&peer](const Path& file) { tls_of(peer).trust_anchors = file; },
            "Who may have signed the entity's certificate; with it nothing but TLS is spoken, port 3496 by default")
        ->type_name("FILE");
}

void add_find(CLI::App& diag, Run& run) {
    CLI::App* const command = diag.add_subcommand("find", "Which DoIP entities are there");
    const auto options = std::make_shared<FindOptions>();
    command->add_option("--to", options->to, "One entity, a broadcast address, or ff02::1%INTERFACE")
        ->type_name("ADDRESS")
        ->capture_default_str();
    command->add_option("--port", options->port, "Their UDP port")->type_name("PORT")->capture_default_str();
    command->add_option("--vin", options->vin, "Only entities of this vehicle")->type_name("VIN");
    command->add_option("--wait-ms", options->wait_ms, "How long to listen")
        ->check(CLI::Range(1, 60'000))
        ->type_name("MS")
        ->capture_default_str();
    command->footer("Example:\n  pitstop diag find --to 127.255.255.255");
    command->callback([options, &run] { run.finish(find(*options, run)); });
}

}  // namespace pitstop::cli
