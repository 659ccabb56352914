#include "apps/pitstop/diagnostic_pki.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "io/files/faults.h"
#include "io/keys/certificate_authority.h"

#include <array>
#include <format>
#include <system_error>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using io::keys::CertificateAuthority;

struct Half {
    std::string name;
    crypto::KeyType type;
};
// The one whose presence says that all is there comes last.
const std::array<Half, 2>& halves() {
    static const std::array<Half, 2> both{Half{"pq", crypto::KeyType::ml_dsa_65},
                                          Half{"classical", crypto::KeyType::ecdsa_p256}};
    return both;
}

fs::path folder_of(const DiagnosticPki& pki, const std::string& name) { return pki.folder / "diagnostics" / name; }

std::vector<std::string> units_of(const TesterOrder& order) {
    std::vector<std::string> units;
    for (const auto& role : order.roles) units.push_back("role=" + role);
    for (const auto& vin : order.vins) units.push_back("vin=" + vin);
    for (const auto& hardware : order.hardware_ids) units.push_back("hardware=" + hardware);
    return units;
}

Result<void> issue_half(const CertificateAuthority& authority, const fs::path& folder, const Half& half,
                        const TesterOrder& order, UtcTime now) {
    TRY(const auto issued, authority.issue_tester(order.name, units_of(order), order.lifetime, now));
    return io::keys::save(issued, folder / (half.name + ".crt"), folder / (half.name + ".key"));
}

TesterOrder of_vehicle(const Vin& vin, const std::string& who) {
    return {.name = std::format("{}-{}", vin.view(), who),
            .roles = {"diagnostic", "programming"},
            .vins = {vin.str()},
            .hardware_ids = {},
            .lifetime = io::keys::vehicle_lifetime};
}

}  // namespace

Result<void> make_diagnostics(const DiagnosticPki& pki, const std::vector<Vin>& vins, const std::vector<EcuId>& zones,
                              UtcTime now) {
    ENSURE(make_folder(folder_of(pki, "ca")));
    std::vector<TesterOrder> orders;
    for (const Vin& vin : vins) {
        orders.push_back(of_vehicle(vin, "gateway"));
        for (const EcuId& zone : zones) orders.push_back(of_vehicle(vin, zone.str()));
    }
    for (const auto& order : orders) ENSURE(make_folder(folder_of(pki, order.name)));
    for (const Half& half : halves()) {
        TRY(const auto authority, CertificateAuthority::create(half.type, "pitstop-diagnostics-ca", now));
        for (const auto& order : orders) ENSURE(issue_half(authority, folder_of(pki, order.name), half, order, now));
        const fs::path ca = folder_of(pki, "ca");
        ENSURE(authority.save(ca / (half.name + ".crt"), ca / (half.name + ".key"), pki.passphrase));
    }
    return {};
}

Result<fs::path> issue_tester(const DiagnosticPki& pki, const TesterOrder& order, UtcTime now) {
    ENSURE(check_name(order.name, "tester name"));
    const fs::path folder = folder_of(pki, order.name);
    std::error_code failure;
    if (fs::exists(folder, failure)) return fail(faults::already_there, folder.string());
    std::vector<CertificateAuthority> authorities;
    for (const Half& half : halves()) {
        const fs::path ca = folder_of(pki, "ca");
        TRY(auto authority,
            CertificateAuthority::load(ca / (half.name + ".crt"), ca / (half.name + ".key"), pki.passphrase));
        authorities.push_back(std::move(authority));
    }
    ENSURE(make_folder(folder));
    for (std::size_t i = 0; i < halves().size(); ++i)
        ENSURE(issue_half(authorities[i], folder, halves()[i], order, now));
    return folder;
}

Result<void> remove_diagnostics(const fs::path& folder) {
    const DiagnosticPki pki{folder, {}};
    std::error_code failure;
    std::vector<fs::path> credentials{folder_of(pki, "ca")};
    for (fs::directory_iterator at(folder / "diagnostics", failure), end; !failure && at != end; at.increment(failure))
        if (at->is_directory(failure)) credentials.push_back(at->path());
    for (const fs::path& credential : credentials)
        for (const char* name : {"classical.crt", "classical.key", "pq.crt", "pq.key"}) {
            fs::remove(credential / name, failure);
            if (failure)
                return fail(io::files::faults::unwritable,
                            std::format("{}: {}", credential.string(), failure.message()));
        }
    for (const fs::path& credential : credentials) fs::remove(credential, failure);  // if it is empty now
    return {};
}

}  // namespace pitstop::cli
