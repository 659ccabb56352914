#include "apps/server/manifests.h"

#include "apps/server/faults.h"
#include "apps/server/manifest_view.h"
#include "io/log/log.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/serialize.hpp>
#include <format>

namespace pitstop::server {
namespace {

using io::store::ManifestRow;

constexpr std::size_t body_bytes_max = 1 << 20;  // the router's limit for JSON documents
constexpr std::size_t attacks_shown_max = 100;
constexpr std::chrono::hours noted_again_after{1};

constexpr io::metrics::MetricName manifests_total = "pitstop_manifests_total";

}  // namespace

// A manifest that was judged and is not stored yet. Shared by its request, which may be cut off, and by keep_all.
struct ManifestDesk::Waiting {
    Waiting(io::Loop& loop, Judgement said)
        : judgement(std::move(said)),
          done(loop.context(), boost::asio::steady_timer::time_point::max()) {}

    Judgement judgement;
    std::optional<Result<void>> kept;  // nothing: keep_all has not come yet
    boost::asio::steady_timer done;    // ends when it is cancelled
};

ManifestDesk::ManifestDesk(io::Loop& loop, io::store::Database& database, AuditLog& audit,
                           io::metrics::Registry& registry)
    : loop_(loop),
      database_(database),
      store_(database),
      manifests_(database),
      audit_(audit),
      registry_(registry) {}
ManifestDesk::~ManifestDesk() = default;

Result<void> ManifestDesk::require_vehicle(const Vin& vin) {
    TRY(const auto vehicle, store_.vehicles.find(vin));
    return vehicle ? Result<void>{} : fail(faults::unknown_vehicle, vin.view());
}

Result<void> ManifestDesk::put_keys(const io::store::VehicleKeysRow& row, const uptane::RegisteredKeys& keys) {
    TRY(const auto vehicle, store_.vehicles.find(row.vin));
    if (!vehicle) ENSURE(store_.vehicles.put({.vin = row.vin}));
    TRY(const StoredVehicle before, stored(row.vin));
    TRY(auto manifest, manifests_.find(row.vin));
    if (manifest && manifest->received) {
        TRY(const auto old, keys_of(before));
        TRY(auto history, history_of(before));
        history.forget_replaced(old, keys);
        manifest->history = boost::json::serialize(to_json(history));
        ENSURE(manifests_.put(*manifest));
    }
    return manifests_.put_keys(row);
}

Result<json::Object> ManifestDesk::register_keys(const Vin& vin, View body, const Principal& by, UtcTime now) {
    const auto registered = [&]() -> Result<void> {
        TRY(const auto value, json::parse(body, body_bytes_max));
        TRY(const auto* object, json::as_object(value, "a vehicle's keys"));
        TRY(const auto keys, uptane::registered_keys_from_json(*object));
        const io::store::VehicleKeysRow row{vin, now, boost::json::serialize(to_json(keys))};
        return database_.transaction([&] { return put_keys(row, keys); });
    }();
    const std::string_view outcome = registered ? "done" : registered.error().code();
    ENSURE(audit_.append({now, by.name, std::string(to_string(by.role)), "PUT /api/v1/vehicles/{vin}/keys", vin.str(),
                          std::string(outcome)}));
    if (!registered) return fail(registered.error());
    return show_keys(vin);
}

Result<json::Object> ManifestDesk::show_keys(const Vin& vin) {
    ENSURE(require_vehicle(vin));
    TRY(const auto row, manifests_.find_keys(vin));
    return view_of_keys(vin, row);
}

Result<json::Object> ManifestDesk::show_manifest(const Vin& vin) {
    ENSURE(require_vehicle(vin));
    TRY(const auto row, manifests_.find(vin));
    TRY(const auto attacks, manifests_.attacks_of(vin, attacks_shown_max));
    return view_of_manifest(vin, row, attacks);
}

Result<StoredVehicle> ManifestDesk::stored(const Vin& vin) {
    StoredVehicle stored{vin};
    TRY(const auto keys, manifests_.find_keys(vin));
    if (keys) stored.keys = keys->keys;
    TRY(const auto row, manifests_.find(vin));
    if (row) stored.history = row->history;
    TRY(const auto vehicle, store_.vehicles.find(vin));
    if (vehicle) stored.inventory = vehicle->inventory;
    return stored;
}

io::Task<uptane::JudgedManifest> ManifestDesk::keep(Judgement judgement) {
    const auto mine = std::make_shared<Waiting>(loop_, std::move(judgement));
    waiting_.push_back(mine);
    // Behind whatever stands in the loop's queue already: the others that were judged meanwhile among it.
    if (waiting_.size() == 1) boost::asio::post(loop_.context(), [this] { keep_all(); });
    co_await mine->done.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (!mine->kept) co_return fail(io::faults::cancelled, "a manifest that was being stored");
    if (!*mine->kept) co_return fail(mine->kept->error());
    co_return std::move(mine->judgement.judged);
}

// All in one transaction; where one of them cannot be helped, each by itself.
void ManifestDesk::keep_all() {
    const auto all = std::exchange(waiting_, {});
    const UtcTime now = loop_.utc_now();
    const auto keep_these = [&](std::span<const std::shared_ptr<Waiting>> some) {
        const auto kept = database_.transaction([&]() -> Result<void> {
            for (const auto& one : some) {
                one->kept = keep_one(one->judgement, now);
                if (!*one->kept && !one->kept->error().is(faults::manifest_outdated)) return *one->kept;
            }
            return {};
        });
        if (!kept)
            for (const auto& one : some) one->kept = kept;
        return kept;
    };
    const auto together = keep_these(all);
    if (!together) {
        io::log::problem(together.error(), "manifests");
        if (together.error().remedy() != Remedy::stop)
            for (const auto& one : all) (void)keep_these({&one, 1});
    }
    for (const auto& one : all) one->done.cancel();
}

Result<void> ManifestDesk::keep_one(const Judgement& one, UtcTime now) {
    TRY(auto found, manifests_.find(one.vin));
    ManifestRow row = found ? *std::move(found) : ManifestRow{.vin = one.vin};
    if (row.history != one.history_before) return fail(faults::manifest_outdated, one.vin.view());
    return one.judged ? keep_accepted(one, std::move(row), now) : keep_refused(one.judged.error(), std::move(row), now);
}

Result<void> ManifestDesk::keep_accepted(const Judgement& one, ManifestRow row, UtcTime now) {
    const uptane::JudgedManifest& judged = *one.judged;
    const Vin& vin = row.vin;
    registry_.counter(manifests_total, "Vehicle version manifests.", {{"verdict", to_string(judged.verdict)}}).add();
    if (judged.verdict == uptane::Verdict::repeated) return {};
    for (const auto& ecu : judged.ecus)
        registry_.counter("pitstop_ecu_reports_total", "ECU version reports.", {{"verdict", to_string(ecu.verdict)}})
            .add();
    const std::string refused = line_of_refused(judged.ecus);
    if (!refused.empty() && refused != line_of_refused(row)) {
        io::log::warning("{}: refused reports: {}", vin.view(), refused);
        ENSURE(note(vin, "ECU reports refused", refused, now));
    }
    if (!judged.attacks.empty()) {
        io::log::warning("{}: attacks reported: {}", vin.view(), line_of(judged.attacks));
        ENSURE(note(vin, "attacks reported", line_of(judged.attacks), now));
    }
    for (const auto& attack : judged.attacks) {
        registry_.counter("pitstop_attacks_reported_total", "Attacks that vehicles have refused.").add(attack.count);
        ENSURE(manifests_.add_attack({.at = now,
                                      .vin = vin.str(),
                                      .ecu = attack.ecu ? attack.ecu->str() : "",
                                      .code = attack.code.str(),
                                      .attacks = attack.count}));
    }
    row.received = now;
    row.history = one.history;
    row.content = one.content;
    return manifests_.put(row);
}

Result<void> ManifestDesk::keep_refused(const Error& error, ManifestRow row, UtcTime now) {
    registry_.counter(manifests_total, "Vehicle version manifests.", {{"verdict", "refused"}}).add();
    ++row.refusals;
    const bool again = row.code == error.code() && row.refused && now < *row.refused + noted_again_after;
    if (again) return manifests_.put(row);
    io::log::problem(error, std::format("manifest of {}", row.vin.view()));
    row.refused = now;
    row.code = error.code();
    row.detail = error.detail();
    ENSURE(note(row.vin, "PUT /director/manifest", error.code(), now));
    return manifests_.put(row);
}

Result<void> ManifestDesk::note(const Vin& vin, std::string_view action, std::string_view outcome, UtcTime now) {
    return audit_.append(
        {now, vin.str(), std::string(to_string(Role::vehicle)), std::string(action), vin.str(), std::string(outcome)});
}

}  // namespace pitstop::server
