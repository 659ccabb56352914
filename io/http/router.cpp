#include "io/http/router.h"

#include "io/http/faults.h"

#include <algorithm>
#include <format>
#include <set>

namespace pitstop::io::http {

namespace {

constexpr std::size_t segments_max = 32;  // the deepest path of the API has 7

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty() && segments.size() <= segments_max) {
        path.remove_prefix(1);
        const auto slash = path.find('/');
        segments.emplace_back(path.substr(0, slash));
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash);
    }
    return segments;
}

bool is_name(std::string_view segment) { return segment.starts_with('{'); }
bool is_rest(std::string_view segment) { return segment.ends_with("*}"); }

std::string_view name_in(std::string_view segment) {
    return segment.substr(1, segment.size() - (is_rest(segment) ? 3 : 2));
}

// Where two patterns fit the same path, the one whose first difference is literal wins.
bool comes_before(const Router::Route& a, const Router::Route& b) {
    return std::ranges::lexicographical_compare(a.segments, b.segments, [](const std::string& x, const std::string& y) {
        const int rank_x = is_name(x) ? (is_rest(x) ? 2 : 1) : 0, rank_y = is_name(y) ? (is_rest(y) ? 2 : 1) : 0;
        return rank_x != rank_y ? rank_x < rank_y : rank_x == 0 && x < y;  // how a name is called makes no difference
    });
}

bool fits(const Router::Route& route, std::string_view path) {
    for (const auto& segment : route.segments) {
        if (!path.starts_with('/')) return false;
        path.remove_prefix(1);
        if (is_rest(segment)) return !path.empty();
        const auto part = path.substr(0, path.find('/'));
        if (is_name(segment) ? part.empty() : part != segment) return false;
        path.remove_prefix(part.size());
    }
    return path.empty();
}

Result<void> fill_parameters(const Router::Route& route, Request& request) {
    request.parameters.clear();
    std::string_view path = request.path;
    for (const auto& segment : route.segments) {
        path.remove_prefix(1);
        const auto part = is_rest(segment) ? path : path.substr(0, path.find('/'));
        path.remove_prefix(part.size());
        if (!is_name(segment)) continue;
        auto decoded = percent_decoded(part, Plus::is_plus);
        if (!decoded) return fail(faults::bad_request, "the path has a malformed percent escape");
        request.parameters.emplace_back(name_in(segment), *std::move(decoded));
    }
    return {};
}

bool is_well_formed(const Router::Route& route) {
    if (!route.pattern.starts_with('/') || route.method.empty() || route.segments.size() > segments_max) return false;
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < route.segments.size(); ++i) {
        const std::string& segment = route.segments[i];
        if (!is_name(segment)) {
            if (segment.find_first_of("{}*") != std::string::npos) return false;
            continue;
        }
        if (!segment.ends_with('}') || name_in(segment).empty() || !names.insert(name_in(segment)).second) return false;
        if (is_rest(segment) && i + 1 != route.segments.size()) return false;
    }
    return true;
}

bool serves(const Router::Route& route, std::string_view method) {
    return route.method == method || (method == "HEAD" && route.method == "GET");
}

}  // namespace

Result<void> Router::insert(Route route) {
    route.segments = split(route.pattern);
    if (!is_well_formed(route)) return fail(faults::bad_route, std::format("{} {}", route.method, route.pattern));
    for (const auto& other : routes_) {
        const bool same = other.method == route.method && !comes_before(other, route) && !comes_before(route, other);
        if (same)
            return fail(faults::bad_route,
                        std::format("{} {} stands beside {}", route.method, route.pattern, other.pattern));
    }
    const auto place = std::ranges::upper_bound(routes_, route, comes_before);
    routes_.insert(place, std::move(route));
    return {};
}

Result<void> Router::add(std::string_view method, std::string_view pattern, Handler handler, RouteLimits limits) {
    return insert({std::string(method), std::string(pattern), {}, limits, std::move(handler), {}});
}

Result<void> Router::add_upload(std::string_view method, std::string_view pattern, RouteLimits limits,
                                UploadHandler handler) {
    return insert({std::string(method), std::string(pattern), {}, limits, {}, std::move(handler)});
}

Result<const Router::Route*> Router::find(Request& request) const {
    bool stands_there = false;
    for (const auto& route : routes_) {
        if (!fits(route, request.path)) continue;
        stands_there = true;
        if (!serves(route, request.method)) continue;
        ENSURE(fill_parameters(route, request));
        return &route;
    }
    if (stands_there) return fail(faults::method_not_allowed, std::format("{} {}", request.method, request.path));
    return fail(faults::no_such_resource, request.path);
}

std::string Router::allowed_methods(std::string_view path) const {
    std::set<std::string_view> methods;
    for (const auto& route : routes_) {
        if (!fits(route, path)) continue;
        methods.insert(route.method);
        if (route.method == "GET") methods.insert("HEAD");
    }
    std::string list;
    for (const auto method : methods) (list += list.empty() ? "" : ", ") += method;
    return list;
}

}  // namespace pitstop::io::http
