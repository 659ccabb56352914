// What vehicles report, the keys by which it is believed, and the time.
#include "apps/server/faults.h"
#include "apps/server/routes.h"

#include <atomic>
#include <boost/json/serialize.hpp>
#include <format>
#include <memory>

namespace pitstop::server {
namespace {

namespace http = io::http;
using Answer = boost::asio::awaitable<http::Response>;

// Each may hold a megabyte in its request, and several times that while it is judged.
constexpr int judged_at_once_max = 64;
constexpr int attempts_max = 3;  // a vehicle sends one manifest after the other; two that cross are a repetition

http::Response answer(const Result<json::Object>& view) {
    return view ? http::json(200, boost::json::serialize(*view)) : refusal(view.error());
}

struct Turn {
    explicit Turn(std::atomic<int>& taken) : taken_(taken) { ++taken_; }
    ~Turn() { --taken_; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    std::atomic<int>& taken_;
};

json::Object verdict_of(const uptane::JudgedManifest& judged) {
    json::Object ecus;
    for (const auto& ecu : judged.ecus) {
        json::Object one{{"verdict", to_string(ecu.verdict)}};
        if (ecu.fault) one["code"] = ecu.fault->code();
        ecus[ecu.ecu.str()] = std::move(one);
    }
    return {{"verdict", to_string(judged.verdict)}, {"ecus", std::move(ecus)}};
}

// Judged on the pool against what is stored, kept by the engine's side if that still holds.
io::Task<json::Object> take(io::Loop& loop, io::Pool& pool, ManifestDesk& desk, const Vin& vin, View file) {
    for (int attempt = 1;; ++attempt) {
        UtcTime now;
        const auto stored = co_await io::on_loop(loop, [&] {
            now = loop.utc_now();
            return desk.stored(vin);
        });
        if (!stored) co_return fail(stored.error());
        auto judgement = co_await pool.run([&] { return judge(*stored, file, now); });
        if (!judgement) co_return fail(judgement.error());
        const auto kept = co_await io::on_loop(loop, [&] { return desk.keep(*std::move(judgement)); });
        if (kept) co_return verdict_of(*kept);
        if (!kept.error().is(faults::manifest_outdated) || attempt == attempts_max) co_return fail(kept.error());
    }
}

using OfVehicle = Result<json::Object> (ManifestDesk::*)(const Vin&);
Handler reading(io::Loop& loop, ManifestDesk& desk, OfVehicle read) {
    return [&loop, &desk, read](http::Request& request, const Principal&) -> Answer {
        const auto vin = Vin::parse(request.parameter("vin"));
        if (!vin) co_return refusal(vin.error());
        co_return answer(co_await io::on_loop(loop, [&] { return (desk.*read)(*vin); }));
    };
}

}  // namespace

Result<void> add_manifest_routes(Doors& doors, io::Loop& loop, io::Pool& pool, ManifestDesk& desk) {
    ENSURE(doors.open("GET", "/api/v1/vehicles/{vin}/keys", reading(loop, desk, &ManifestDesk::show_keys)));
    ENSURE(doors.open("GET", "/api/v1/vehicles/{vin}/manifest", reading(loop, desk, &ManifestDesk::show_manifest)));
    ENSURE(doors.open("PUT", "/api/v1/vehicles/{vin}/keys", [&](http::Request& request, const Principal& by) -> Answer {
        const auto vin = Vin::parse(request.parameter("vin"));
        if (!vin) co_return refusal(vin.error());
        co_return answer(co_await io::on_loop(
            loop, [&] { return desk.register_keys(*vin, view_of(request.body), by, loop.utc_now()); }));
    }));
    const auto taken = std::make_shared<std::atomic<int>>(0);  // lives as long as the route
    return doors.open("PUT", "/director/manifest", [&, taken](http::Request& request, const Principal& by) -> Answer {
        const Turn turn(*taken);
        if (*taken > judged_at_once_max)
            co_return refusal(Error(faults::too_busy, std::format("{} manifests at once", judged_at_once_max)));
        co_return answer(co_await take(loop, pool, desk, *by.vin, view_of(request.body)));
    });
}

Result<void> add_time_route(Doors& doors, io::Loop& loop, TimeServer& time) {
    return doors.open("POST", "/director/time", [&](http::Request& request, const Principal&) -> Answer {
        const auto nonces = nonces_of(view_of(request.body));
        if (!nonces) co_return refusal(nonces.error());
        auto file = co_await io::on_loop(loop, [&] { return time.attest(*nonces); });
        co_return file ? http::json(200, *std::move(file)) : refusal(file.error());
    });
}

}  // namespace pitstop::server
