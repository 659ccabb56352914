// Who asks, once it is proved: a vehicle by its certificate, a person or script by an API key.
#pragma once

#include "core/base/ids.h"
#include "io/http/message.h"
#include "io/store/rows.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pitstop::server {

enum class Role : std::uint8_t { vehicle, viewer, operator_, release_manager, admin };
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Role> role_from(
    std::string_view name);  // of a person; "vehicle" is none that a key could have

struct Principal {
    Role role = Role::viewer;
    std::string name;        // of the key, or the VIN
    std::optional<Vin> vin;  // of a vehicle, and only of a vehicle
};

// Fixed once it is built, so every thread may ask. Keys are compared by their SHA-256: nothing is learned from how long
// it takes.
class Authenticator {
public:
    explicit Authenticator(const std::vector<io::store::ApiKeyRow>& keys);

    // A request with an Authorization header is a person's, whatever certificate came with it. server.not-authenticated
    [[nodiscard]] Result<Principal> identify(const io::http::Request& request) const;

private:
    std::map<Sha256Digest, Principal> people_;
};

}  // namespace pitstop::server
