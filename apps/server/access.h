// Who may use which route: the one authorisation table. A route that does not stand in it cannot be opened.
//
// Whether a vehicle may have this very object (its own VIN, a campaign it is assigned to) is asked in addition, where
// the object is known.
#pragma once

#include "apps/server/principal.h"
#include "io/http/router.h"

#include <functional>
#include <span>

namespace pitstop::server {

class Roles {
public:
    consteval Roles(std::initializer_list<Role> roles) {
        for (const Role role : roles) bits_ |= bit(role);
    }
    [[nodiscard]] constexpr bool contain(Role role) const { return (bits_ & bit(role)) != 0; }
    [[nodiscard]] constexpr bool contain_all() const { return bits_ == 0b11111; }

private:
    static constexpr unsigned bit(Role role) { return 1U << static_cast<unsigned>(role); }
    unsigned bits_ = 0;
};

struct AccessRule {
    std::string_view method, pattern;
    Roles roles;
};
[[nodiscard]] std::span<const AccessRule> access_rules();

using Handler = std::function<boost::asio::awaitable<io::http::Response>(io::http::Request&, const Principal&)>;
using UploadHandler = std::function<boost::asio::awaitable<io::http::Response>(
    io::http::Request&, io::http::BodyReader&, const Principal&)>;

// Opens routes behind the table. What stands under /api/v1/ answers under /api/ as well.
class Doors {
public:
    Doors(io::http::Router& router, const Authenticator& authenticator)
        : router_(router),
          authenticator_(authenticator) {}

    [[nodiscard]] Result<void> open(std::string_view method, std::string_view pattern, Handler handler);
    [[nodiscard]] Result<void> open_upload(std::string_view method, std::string_view pattern,
                                           io::http::RouteLimits limits, UploadHandler handler);

private:
    [[nodiscard]] Result<Principal> admit(const io::http::Request& request, const Roles& roles) const;

    io::http::Router& router_;
    const Authenticator& authenticator_;
};

// The problem document for a refusal, with the status that HTTP has for it.
[[nodiscard]] io::http::Response refusal(const Error& error);

}  // namespace pitstop::server
