#include "io/ecu/access_settings.h"

#include <algorithm>

namespace pitstop::ecu {

using uds::WantedProofs;

Result<std::optional<AccessSettings>> read_access(const io::config::Section& root) {
    TRY(const auto section, root.section_if_there("access"));
    if (!section) return std::nullopt;
    AccessSettings access;
    TRY(const auto classical, section->path_if_there("classical_authority"));
    TRY(const auto post_quantum, section->path_if_there("post_quantum_authority"));
    for (const auto& authority : {classical, post_quantum})
        if (authority) access.authorities.push_back(*authority);
    TRY(access.proofs, section->choice<WantedProofs>("proofs",
                                                     {{"both", WantedProofs::both},
                                                      {"classical", WantedProofs::classical},
                                                      {"post-quantum", WantedProofs::post_quantum}},
                                                     "both"));
    TRY(access.security_key, section->path_if_there("security_key"));
    const bool lacks = (access.proofs != WantedProofs::post_quantum && !classical) ||
                       (access.proofs != WantedProofs::classical && !post_quantum);
    if (!access.authorities.empty() && lacks)
        return section->out_of_range("proofs", "each wanted family needs its authority");
    if (access.authorities.empty() && !access.security_key)
        return section->out_of_range("security_key", "without authorities nor a key nobody could get in");
    return access;
}

// One of both missing is a mistake, which an ECU tells when it starts.
std::optional<AccessSettings> access_of(const io::CarPlace& place) {
    const std::vector authorities{place.classical_authority(), place.post_quantum_authority()};
    std::error_code unreadable;
    const bool asks = std::ranges::any_of(
        authorities, [&](const auto& authority) { return std::filesystem::exists(authority, unreadable); });
    if (!asks) return std::nullopt;
    return AccessSettings{.authorities = authorities, .security_key = {}};
}

}  // namespace pitstop::ecu
