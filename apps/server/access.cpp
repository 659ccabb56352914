#include "apps/server/access.h"

#include "apps/server/faults.h"
#include "core/campaign/faults.h"
#include "core/diagnosis/faults.h"
#include "io/http/faults.h"
#include "io/store/faults.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::server {
namespace {

using enum Role;
namespace http = io::http;

constexpr Roles people{viewer, operator_, release_manager, admin};
constexpr Roles all{vehicle, viewer, operator_, release_manager, admin};

constexpr std::array rules{
    AccessRule{"GET", "/api/v1/vehicles", people},
    AccessRule{"GET", "/api/v1/vehicles/{vin}", people},
    AccessRule{"GET", "/api/v1/vehicles/{vin}/keys", people},
    AccessRule{"PUT", "/api/v1/vehicles/{vin}/keys", {release_manager, admin}},
    AccessRule{"GET", "/api/v1/vehicles/{vin}/manifest", people},
    AccessRule{"GET", "/api/v1/vehicles/{vin}/diagnostics", people},
    AccessRule{"POST", "/api/v1/vehicles/{vin}/diagnostics", people},  // what each may ask for: core/diagnosis
    AccessRule{"GET", "/api/v1/vehicles/{vin}/diagnostics/{job}", people},
    AccessRule{"DELETE", "/api/v1/vehicles/{vin}/diagnostics/{job}", people},  // their own; some others' too
    AccessRule{"GET", "/api/v1/campaigns", people},
    AccessRule{"POST", "/api/v1/campaigns", {release_manager, admin}},
    AccessRule{"GET", "/api/v1/campaigns/{id}", people},
    AccessRule{"GET", "/api/v1/campaigns/{id}/deltas", people},
    AccessRule{"POST", "/api/v1/campaigns/{id}/package", {release_manager, admin}},
    AccessRule{"POST", "/api/v1/campaigns/{id}/deploy", {operator_, release_manager, admin}},
    AccessRule{"POST", "/api/v1/campaigns/{id}/cancel", {operator_, release_manager, admin}},
    AccessRule{"PUT", "/api/v1/repo/{file}", {release_manager, admin}},
    AccessRule{"GET", "/packages/{id}/full_package.bin", all},
    AccessRule{"GET", "/packages/{id}/campaign_metadata.json", all},
    AccessRule{"GET", "/packages/{id}/payloads/{sha256}", all},
    AccessRule{"GET", "/repo/{file}", all},
    AccessRule{"GET", "/director/{file}", {vehicle}},
    AccessRule{"PUT", "/director/manifest", {vehicle}},
    AccessRule{"POST", "/director/time", {vehicle}},
};

constexpr std::string_view versioned = "/api/v1/", unversioned = "/api/";

const AccessRule* rule_of(std::string_view method, std::string_view pattern) {
    const auto found = std::ranges::find_if(
        rules, [&](const AccessRule& rule) { return rule.method == method && rule.pattern == pattern; });
    return found == rules.end() ? nullptr : &*found;
}

struct StatusOf {
    const Fault* fault;
    unsigned status;
};
constexpr std::array statuses{
    StatusOf{&faults::not_authenticated, 401},
    StatusOf{&faults::not_allowed, 403},
    StatusOf{&faults::unknown_vehicle, 404},
    StatusOf{&faults::unknown_campaign, 404},
    StatusOf{&faults::unknown_file, 404},
    StatusOf{&faults::unknown_payload, 404},
    StatusOf{&faults::unknown_job, 404},
    StatusOf{&diagnosis::faults::not_allowed, 403},
    StatusOf{&faults::job_exists, 409},
    StatusOf{&faults::job_ended, 409},
    StatusOf{&faults::campaign_exists, 409},
    StatusOf{&faults::no_package, 409},
    StatusOf{&faults::not_published, 409},
    StatusOf{&faults::vehicle_busy, 409},
    StatusOf{&faults::file_missing, 409},
    StatusOf{&io::store::faults::conflict, 409},
    StatusOf{&campaign::faults::too_late, 409},
    StatusOf{&campaign::faults::finished, 409},
    StatusOf{&io::http::faults::body_too_large, 413},
    StatusOf{&io::http::faults::too_slow, 408},
};

}  // namespace

std::span<const AccessRule> access_rules() { return rules; }

Result<Principal> Doors::admit(const http::Request& request, const Roles& roles) const {
    TRY(auto principal, authenticator_.identify(request));
    if (!roles.contain(principal.role))
        return fail(faults::not_allowed, std::format("{} has the role {}", principal.name, to_string(principal.role)));
    return principal;
}

Result<void> Doors::open(std::string_view method, std::string_view pattern, Handler handler) {
    const AccessRule* rule = rule_of(method, pattern);
    if (rule == nullptr)
        return fail(http::faults::bad_route, std::format("{} {} is not in the authorisation table", method, pattern));
    const auto guarded =
        [this, rule, handler = std::move(handler)](http::Request& request) -> boost::asio::awaitable<http::Response> {
        const auto principal = admit(request, rule->roles);
        if (!principal) co_return refusal(principal.error());
        co_return co_await handler(request, *principal);
    };
    ENSURE(router_.add(method, pattern, guarded));
    if (!pattern.starts_with(versioned)) return {};
    return router_.add(method, std::format("{}{}", unversioned, pattern.substr(versioned.size())), guarded);
}

Result<void> Doors::open_upload(std::string_view method, std::string_view pattern, http::RouteLimits limits,
                                UploadHandler handler) {
    const AccessRule* rule = rule_of(method, pattern);
    if (rule == nullptr)
        return fail(http::faults::bad_route, std::format("{} {} is not in the authorisation table", method, pattern));
    const auto guarded = [this, rule, handler = std::move(handler)](
                             http::Request& request, http::BodyReader& body) -> boost::asio::awaitable<http::Response> {
        const auto principal = admit(request, rule->roles);
        if (!principal) co_return refusal(principal.error());
        co_return co_await handler(request, body, *principal);
    };
    ENSURE(router_.add_upload(method, pattern, limits, guarded));
    if (!pattern.starts_with(versioned)) return {};
    return router_.add_upload(method, std::format("{}{}", unversioned, pattern.substr(versioned.size())), limits,
                              guarded);
}

http::Response refusal(const Error& error) {
    for (const auto& [fault, status] : statuses) {
        if (!error.is(*fault)) continue;
        http::Response response = http::problem(status, error);
        if (status == 401) response.headers.set("WWW-Authenticate", "Bearer realm=\"pitstop\"");
        return response;
    }
    return http::problem(error);
}

}  // namespace pitstop::server
