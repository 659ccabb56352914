// Diagnostic jobs from the server's side: what people wish is checked, signed, said to the vehicle until it answers,
// and what comes back is kept (docs/formats/diagnosis.md).
//
// Runs on the engine's thread. A vehicle is said one unanswered job at a time, in the order of their sequence. Every
// wish, granted or not, every refusal of a vehicle and every end stands in the audit log before it is answered.
// Faults: those of core/diagnosis; server.unknown-vehicle, unknown-job, job-exists, job-ended, not-allowed.
#pragma once

#include "apps/server/audit_log.h"
#include "apps/server/engine.h"
#include "core/diagnosis/order.h"
#include "core/diagnosis/report.h"
#include "io/store/diagnostics.h"

namespace pitstop::server {

class DiagnosticDesk final : public DiagnosticListener {
public:
    DiagnosticDesk(io::store::Database& database, Director& director, AuditLog& audit, Speaker& speaker)
        : database_(database),
          jobs_(database),
          director_(director),
          audit_(audit),
          speaker_(speaker) {}

    [[nodiscard]] Result<void> start(UtcTime now);
    [[nodiscard]] Result<void> pass_time(UtcTime now);  // every second or so; costs nothing while nothing is open

    // {"job_id", "target", "steps", "requires"?, "expires_in_s"?}. The same again is answered in the same way.
    [[nodiscard]] Result<json::Object> create(const Vin& vin, View body, const Principal& by, UtcTime now);
    [[nodiscard]] Result<json::Object> list(const Vin& vin, std::string_view after, std::size_t limit);
    [[nodiscard]] Result<json::Object> show(const Vin& vin, std::string_view id);
    // What was not begun will not be. Its author may, and release managers and admins.
    [[nodiscard]] Result<json::Object> cancel(const Vin& vin, std::string_view id, const Principal& by, UtcTime now);

    [[nodiscard]] Result<void> vehicle_woke(const Vin& vin, UtcTime now) override;
    [[nodiscard]] Result<void> heard(const Vin& vin, const wire::DiagnosticResponse& response, UtcTime now) override;

private:
    using Row = io::store::DiagnosticJobRow;
    struct Refusals {
        UtcTime since;
        std::uint32_t count = 0;
    };

    [[nodiscard]] Result<Row> create_unrecorded(const Vin& vin, const json::Object& wish, const Principal& by,
                                                UtcTime now);
    [[nodiscard]] Result<Row> cancel_unrecorded(const Vin& vin, std::string_view id, const Principal& by);
    [[nodiscard]] Result<Row> find(const Vin& vin, std::string_view id);
    [[nodiscard]] Result<void> end(Row row, std::string_view state, std::string_view code, std::string_view detail,
                                   UtcTime now);
    [[nodiscard]] Result<void> take(const diagnosis::Report& report, Row row, UtcTime now);
    [[nodiscard]] Result<void> note_refusal(const Vin& vin, const diagnosis::Report& report, UtcTime now);
    // What has passed its date ends; the oldest that waits and every cancellation are said (again).
    [[nodiscard]] Result<void> say_open(const Vin& vin, UtcTime now);
    void say(const Vin& vin, const std::string& order, UtcTime now);

    io::store::Database& database_;
    io::store::Diagnostics jobs_;
    Director& director_;
    AuditLog& audit_;
    Speaker& speaker_;
    std::map<Vin, UtcTime> say_again_at_;  // vehicles with open jobs
    std::map<Vin, Refusals> refusals_;     // that were written down in this hour
};

}  // namespace pitstop::server
