#include "apps/server/principal.h"

#include "apps/server/faults.h"
#include "core/crypto/digest.h"

#include <array>

namespace pitstop::server {
namespace {

constexpr std::array<std::string_view, 5> names{"vehicle", "viewer", "operator", "release-manager", "admin"};
constexpr std::string_view bearer = "Bearer ";
constexpr std::size_t key_size_max = 256;  // ours have 43 characters

}  // namespace

std::string_view to_string(Role role) { return names[static_cast<std::size_t>(role)]; }

std::optional<Role> role_from(std::string_view name) {
    for (std::size_t i = 1; i < names.size(); ++i)
        if (names[i] == name) return static_cast<Role>(i);
    return std::nullopt;
}

Authenticator::Authenticator(const std::vector<io::store::ApiKeyRow>& keys) {
    for (const auto& key : keys)
        if (const auto role = role_from(key.role)) people_[key.digest] = Principal{*role, key.name, std::nullopt};
}

Result<Principal> Authenticator::identify(const io::http::Request& request) const {
    if (const auto header = request.headers.find("Authorization")) {
        if (request.headers.count("Authorization") != 1 || !header->starts_with(bearer) ||
            header->size() > key_size_max)
            return fail(faults::not_authenticated, "one header of the form `Authorization: Bearer <API key>`");
        const auto found = people_.find(crypto::sha256(view_of(header->substr(bearer.size()))));
        if (found == people_.end()) return fail(faults::not_authenticated, "the API key is not known");
        return found->second;
    }
    if (!request.peer.common_name) return fail(faults::not_authenticated, "neither an API key nor a certificate");
    const auto vin = Vin::parse(*request.peer.common_name);
    if (!vin) return fail(faults::not_authenticated, "the certificate's common name is not a VIN");
    return Principal{Role::vehicle, vin->str(), *vin};
}

}  // namespace pitstop::server
