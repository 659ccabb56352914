// pitstop pki: certificates for servers, broker and vehicles.
#include "apps/pitstop/commands.h"
#include "apps/pitstop/pki_commands.h"
#include "apps/pitstop/pki_folder.h"
#include "io/keys/key_file.h"
#include "io/tls/profile.h"

#include <CLI/CLI.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

constexpr const char* passphrase_help = "File (mode 0600) with the passphrase that seals the authorities' keys";

Result<std::optional<std::string>> passphrase_of(const std::filesystem::path& file) {
    if (file.empty()) return std::nullopt;
    TRY(auto secret, io::keys::load_secret(file));
    return std::optional(std::move(secret));
}

struct InitOptions {
    PkiOrder order{".", io::tls::default_profile, {"localhost", "127.0.0.1"}, {}, Overwrite::no, {}, {}};
    std::filesystem::path passphrase_file;
    bool force = false;
};

Result<void> init(InitOptions& options, Run& run) {
    options.order.overwrite = options.force ? Overwrite::yes : Overwrite::no;
    TRY(options.order.passphrase, passphrase_of(options.passphrase_file));
    ENSURE(make_pki(options.order, run.now));
    const auto profile = io::tls::profiles()[static_cast<std::size_t>(options.order.profile)];
    run.out << std::format("Profile {} ({}): authority, server, broker, MQTT client and {} vehicle(s) in {}\n",
                           profile.id, profile.name, options.order.vins.size(), options.order.folder.string());
    return {};
}

void add_init(CLI::App& pki, Run& run) {
    const auto options = std::make_shared<InitOptions>();  // CLI11 writes into it until the callback has run
    CLI::App* const command =
        pki.add_subcommand("init", "Make an authority, and certificates for server, broker and vehicles");
    command->add_option("--dir", options->order.folder, "Folder for everything")->required()->type_name("DIR");
    command->add_option("--profile", options->order.profile, "TLS profile, which decides the kind of key")
        ->check(CLI::Range(0, static_cast<int>(io::tls::profiles().size()) - 1).description(""))
        ->type_name("0-12")
        ->capture_default_str();
    command->add_option("--host", options->order.hosts, "DNS name or IP address of server and broker; may be repeated")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_option("--vin", options->order.vins, "Vehicle to issue a certificate for; may be repeated")
        ->type_name("VIN");
    command->add_option("--zone", options->order.zones, "Zonal gateway that programs its own ECUs; may be repeated")
        ->type_name("ECU");
    command->add_option("--passphrase-file", options->passphrase_file, passphrase_help)->type_name("FILE");
    command->add_flag("--force", options->force, "Replace an existing authority and all that it issued");
    command->footer(
        "Example:\n  pitstop pki init --dir pki --profile 8 --host ota.example.com --vin TESTCAR1 --vin TESTCAR2");
    command->callback([options, &run] { run.finish(init(*options, run)); });
}

struct VehicleOptions {
    VehicleOrder order;
    std::filesystem::path passphrase_file;
    bool force = false;
};

Result<void> vehicle(VehicleOptions& options, Run& run) {
    options.order.overwrite = options.force ? Overwrite::yes : Overwrite::no;
    TRY(options.order.passphrase, passphrase_of(options.passphrase_file));
    ENSURE(add_vehicle(options.order, run.now));
    run.out << std::format("{}\n", (options.order.folder / "vehicles" / options.order.vin / "vehicle.crt").string());
    return {};
}

void add_vehicle_command(CLI::App& pki, Run& run) {
    const auto options = std::make_shared<VehicleOptions>();
    CLI::App* const command = pki.add_subcommand("vehicle", "Issue a certificate for one more vehicle");
    command->add_option("--dir", options->order.folder, "Folder that `pki init` made")->required()->type_name("DIR");
    command->add_option("--vin", options->order.vin, "The vehicle; becomes the certificate's common name")
        ->required()
        ->type_name("VIN");
    command->add_option("--passphrase-file", options->passphrase_file, passphrase_help)->type_name("FILE");
    command->add_flag("--force", options->force, "Replace the vehicle's key and certificate");
    command->footer("Example:\n  pitstop pki vehicle --dir pki --vin TESTCAR3");
    command->callback([options, &run] { run.finish(vehicle(*options, run)); });
}

Result<void> show(const std::filesystem::path& file, Run& run) {
    TRY(const auto certificate, io::keys::load_certificate(file));
    const auto line = [&run](std::string_view what, std::string_view value) {
        run.out << std::format("{:<12}{}\n", what, value);
    };
    line("subject", certificate.subject());
    line("issuer", certificate.issuer());
    line("serial", certificate.serial());
    const bool in_time = certificate.not_before() <= run.now && run.now <= certificate.not_after();
    line("valid", std::format("{} to {}{}", certificate.not_before().str(), certificate.not_after().str(),
                              in_time ? "" : " (NOT NOW)"));
    for (const std::string& name : certificate.alternative_names()) line("name", name);
    line("authority", certificate.is_authority() ? "yes" : "no");
    line("key", std::format("{} ({})", to_string(certificate.public_key().type()),
                            to_string(family(certificate.public_key().type()))));
    line("key id", certificate.public_key().key_id());
    line("signed with", certificate.signature_algorithm());
    line("sha-256", certificate.fingerprint());
    return {};
}

void add_show(CLI::App& pki, Run& run) {
    const auto file = std::make_shared<std::filesystem::path>();
    CLI::App* const command = pki.add_subcommand("show", "Explain a certificate");
    command->add_option("FILE", *file, "PEM certificate")->required();
    command->footer("Example:\n  pitstop pki show pki/server/server.crt");
    command->callback([file, &run] { run.finish(show(*file, run)); });
}

}  // namespace

void add_pki(CLI::App& app, Run& run) {
    CLI::App* const pki = app.add_subcommand("pki", "Certificates of the authority, servers and vehicles");
    pki->require_subcommand(1);
    add_init(*pki, run);
    add_vehicle_command(*pki, run);
    add_pki_tester(*pki, run);
    add_show(*pki, run);
}

}  // namespace pitstop::cli
