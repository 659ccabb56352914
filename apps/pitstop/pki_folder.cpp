#include "apps/pitstop/pki_folder.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/diagnostic_pki.h"
#include "apps/pitstop/faults.h"
#include "io/files/faults.h"
#include "io/tls/profile.h"

#include <format>
#include <system_error>
#include <vector>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using io::keys::CertificateAuthority;
using io::keys::Issued;
using io::keys::ServerName;

Result<void> refuse_if_there(const fs::path& file) {
    std::error_code failure;
    if (fs::exists(file, failure)) return fail(faults::already_there, file.string());
    return {};
}

Result<void> remove_pair(const fs::path& folder, const std::string& name) {
    for (const char* kind : {".crt", ".key"}) {
        std::error_code failure;
        const fs::path file = folder / (name + kind);
        fs::remove(file, failure);
        if (failure)
            return fail(io::files::faults::unwritable, std::format("{}: {}", file.string(), failure.message()));
    }
    std::error_code not_empty;
    fs::remove(folder, not_empty);
    return {};
}

// Only files that an order makes, by name: the folder may be somebody's project with a `server` of its own.
Result<void> remove_earlier(const fs::path& folder) {
    ENSURE(remove_pair(folder / "ca", "ca"));  // first: from here on, nothing is promised
    ENSURE(remove_pair(folder / "server", "server"));
    ENSURE(remove_pair(folder / "server", "mqtt-client"));
    ENSURE(remove_pair(folder / "broker", "broker"));
    ENSURE(remove_pair(folder / "observer", "observer"));
    ENSURE(remove_diagnostics(folder));
    std::error_code failure;
    std::vector<fs::path> vehicles;
    for (fs::directory_iterator at(folder / "vehicles", failure), end; !failure && at != end; at.increment(failure))
        if (at->is_directory(failure)) vehicles.push_back(at->path());
    for (const fs::path& vehicle : vehicles) ENSURE(remove_pair(vehicle, "vehicle"));
    return {};
}

// Gives <folder>/<name>.crt and <folder>/<name>.key.
Result<void> save_as(Result<Issued> issued, const fs::path& folder, const std::string& name) {
    if (!issued) return fail(issued.error());
    ENSURE(make_folder(folder));
    return save(*issued, folder / (name + ".crt"), folder / (name + ".key"));
}

Result<void> issue_vehicle(const CertificateAuthority& authority, const fs::path& folder, const Vin& vin, UtcTime now) {
    return save_as(authority.issue_client(vin.view(), io::keys::vehicle_lifetime, now), folder / "vehicles" / vin.str(),
                   "vehicle");
}

// Everything is parsed before anything is removed or written.
struct ParsedOrder {
    crypto::KeyType key_type;
    std::vector<ServerName> hosts;
    std::vector<Vin> vins;
    std::vector<EcuId> zones;
};

Result<ParsedOrder> parse(const PkiOrder& order) {
    TRY(const auto profile, io::tls::find_profile(order.profile, io::tls::AllowClassical::yes));
    ParsedOrder parsed{profile.certificate_key, {}, {}, {}};
    for (const std::string& host : order.hosts) {
        TRY(auto name, ServerName::parse(host));
        parsed.hosts.push_back(std::move(name));
    }
    for (const std::string& text : order.vins) {
        TRY(const auto vin, Vin::parse(text));
        parsed.vins.push_back(vin);
    }
    for (const std::string& text : order.zones) {
        TRY(const auto zone, EcuId::parse(text));
        parsed.zones.push_back(zone);
    }
    return parsed;
}

}  // namespace

Result<void> make_pki(const PkiOrder& order, UtcTime now) {
    TRY(const auto parsed, parse(order));
    const fs::path& folder = order.folder;
    if (order.overwrite == Overwrite::no) ENSURE(refuse_if_there(folder / "ca" / "ca.crt"));
    if (order.overwrite == Overwrite::yes) ENSURE(remove_earlier(folder));

    TRY(const auto authority, CertificateAuthority::create(parsed.key_type, "pitstop-ca", now));
    ENSURE(save_as(authority.issue_server(parsed.hosts, now), folder / "server", "server"));
    ENSURE(save_as(authority.issue_client(mqtt_client_name, io::keys::certificate_lifetime, now), folder / "server",
                   "mqtt-client"));
    ENSURE(save_as(authority.issue_server(parsed.hosts, now), folder / "broker", "broker"));
    ENSURE(save_as(authority.issue_client(observer_name, io::keys::certificate_lifetime, now), folder / "observer",
                   "observer"));
    for (const Vin& vin : parsed.vins) ENSURE(issue_vehicle(authority, folder, vin, now));
    ENSURE(make_diagnostics({folder, order.passphrase}, parsed.vins, parsed.zones, now));

    ENSURE(make_folder(folder / "ca"));
    return authority.save(folder / "ca" / "ca.crt", folder / "ca" / "ca.key", order.passphrase);
}

Result<void> add_vehicle(const VehicleOrder& order, UtcTime now) {
    TRY(const auto vin, Vin::parse(order.vin));
    if (order.overwrite == Overwrite::no)
        ENSURE(refuse_if_there(order.folder / "vehicles" / vin.str() / "vehicle.crt"));
    const fs::path ca = order.folder / "ca";
    TRY(const auto authority, CertificateAuthority::load(ca / "ca.crt", ca / "ca.key", order.passphrase));
    return issue_vehicle(authority, order.folder, vin, now);
}

}  // namespace pitstop::cli
