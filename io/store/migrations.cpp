#include "io/store/migrations.h"

#include "io/store/faults.h"
#include "io/store/guard.h"

#include <soci/soci.h>
#include <array>
#include <format>
#include <span>

namespace pitstop::io::store {
namespace {

// Times are seconds since 1970 in UTC, 0 where there is none yet. Digests are lower-case hex. No column is ever NULL.
constexpr std::array first_schema{
    "CREATE TABLE vehicles (vin TEXT PRIMARY KEY, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL, boot_id TEXT "
    "NOT NULL,"
    " boot_seq BIGINT NOT NULL, inventory TEXT NOT NULL, inventory_at BIGINT NOT NULL, channels TEXT NOT NULL)",
    "CREATE TABLE campaigns (id TEXT PRIMARY KEY, created BIGINT NOT NULL, campaign TEXT NOT NULL, package_sha256 TEXT "
    "NOT NULL,"
    " package_size_bytes BIGINT NOT NULL, package_metadata TEXT NOT NULL)",
    "CREATE TABLE assignments (vin TEXT NOT NULL REFERENCES vehicles(vin), campaign TEXT NOT NULL REFERENCES "
    "campaigns(id),"
    " phase TEXT NOT NULL, is_open INTEGER NOT NULL, state TEXT NOT NULL, updated BIGINT NOT NULL, PRIMARY KEY (vin, "
    "campaign))",
    "CREATE INDEX assignments_of_campaign ON assignments (campaign, vin)",
    "CREATE INDEX assignments_open ON assignments (is_open, vin)",
    "CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, at BIGINT NOT NULL, vin TEXT NOT NULL, campaign TEXT "
    "NOT NULL,"
    " phase TEXT NOT NULL, ecu TEXT NOT NULL, percent INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL)",
    "CREATE INDEX events_of_assignment ON events (campaign, vin, id)",
    "CREATE TABLE metadata_files (repository TEXT NOT NULL, vin TEXT NOT NULL, role TEXT NOT NULL, version BIGINT NOT "
    "NULL,"
    " bytes TEXT NOT NULL, PRIMARY KEY (repository, vin, role, version))",
    "CREATE TABLE seen_messages (vin TEXT NOT NULL, place BIGINT NOT NULL, number BIGINT NOT NULL, message_id TEXT NOT "
    "NULL,"
    " PRIMARY KEY (vin, place))",
    "CREATE UNIQUE INDEX seen_messages_by_id ON seen_messages (vin, message_id)",
    "CREATE INDEX seen_messages_by_number ON seen_messages (vin, number)",
    "CREATE TABLE api_keys (sha256 TEXT PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL)",
};

constexpr std::array vehicles_report{
    "CREATE TABLE vehicle_keys (vin TEXT PRIMARY KEY, updated BIGINT NOT NULL, keys TEXT NOT NULL)",
    "CREATE TABLE manifests (vin TEXT PRIMARY KEY, received BIGINT NOT NULL, history TEXT NOT NULL, content TEXT NOT "
    "NULL,"
    " refusals BIGINT NOT NULL, refused BIGINT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL)",
    "CREATE TABLE attack_reports (id INTEGER PRIMARY KEY AUTOINCREMENT, at BIGINT NOT NULL, vin TEXT NOT NULL,"
    " ecu TEXT NOT NULL, code TEXT NOT NULL, attacks BIGINT NOT NULL)",
    "CREATE INDEX attack_reports_of_vehicle ON attack_reports (vin, id)",
};

constexpr std::array images_travel_small{
    "CREATE TABLE deltas (base TEXT NOT NULL, image TEXT NOT NULL, window_bytes BIGINT NOT NULL, sector_bytes BIGINT"
    " NOT NULL, state TEXT NOT NULL, payload TEXT NOT NULL, size_bytes BIGINT NOT NULL, image_size_bytes BIGINT NOT"
    " NULL, made_in_ms BIGINT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, made BIGINT NOT NULL, used BIGINT NOT"
    " NULL, PRIMARY KEY (base, image, window_bytes, sector_bytes))",
    "CREATE INDEX deltas_of_image ON deltas (image, base)",
    "CREATE INDEX deltas_by_use ON deltas (state, used)",
    "CREATE TABLE refused_deliveries (vin TEXT NOT NULL, ecu TEXT NOT NULL, image TEXT NOT NULL, at BIGINT NOT NULL,"
    " code TEXT NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (vin, ecu, image))",
};

constexpr std::array diagnostics_from_afar{
    "CREATE TABLE diagnostic_jobs (id TEXT PRIMARY KEY, vin TEXT NOT NULL, sequence BIGINT NOT NULL, created BIGINT NOT"
    " NULL, expires BIGINT NOT NULL, author TEXT NOT NULL, state TEXT NOT NULL, wish TEXT NOT NULL, signed_order TEXT"
    " NOT NULL, cancel TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, summary TEXT NOT NULL, ended BIGINT NOT"
    " NULL, UNIQUE (vin, sequence))",
    "CREATE INDEX diagnostic_jobs_open ON diagnostic_jobs (ended, vin)",
    "CREATE TABLE diagnostic_results (id TEXT NOT NULL, step BIGINT NOT NULL, ecu TEXT NOT NULL, result TEXT NOT NULL,"
    " PRIMARY KEY (id, step, ecu))",
};

constexpr std::array<std::span<const char* const>, 4> steps{first_schema, vehicles_report, images_travel_small,
                                                            diagnostics_from_afar};

}  // namespace

Result<void> migrate(soci::session& sql) {
    return guard("bring the schema up to date", [&]() -> Result<void> {
        sql << "CREATE TABLE IF NOT EXISTS schema_steps (number BIGINT PRIMARY KEY)";
        long long done = 0;
        sql << "SELECT COALESCE(MAX(number), 0) FROM schema_steps", soci::into(done);
        if (done > static_cast<long long>(steps.size()))
            return fail(faults::newer_schema,
                        std::format("it is at step {}, this version knows {}", done, steps.size()));
        for (auto number = static_cast<std::size_t>(done); number < steps.size(); ++number) {
            soci::transaction step(sql);
            for (const char* statement : steps[number]) sql << statement;
            const auto now_done = static_cast<long long>(number) + 1;
            sql << "INSERT INTO schema_steps (number) VALUES (:number)", soci::use(now_done, "number");
            step.commit();
        }
        return {};
    });
}

}  // namespace pitstop::io::store
