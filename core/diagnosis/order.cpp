#include "core/diagnosis/order.h"

#include "core/diagnosis/faults.h"
#include "core/uptane/signed_object.h"

namespace pitstop::diagnosis {

json::Object write_order_kind(std::string_view type) { return uptane::write_kind(type); }

json::Object to_json(const Cancel& cancel) {
    json::Object object = write_order_kind(cancel_type);
    object["job_id"] = cancel.id.view();
    object["vin"] = cancel.vin.view();
    return object;
}

Result<Order> open_order(ReceivedOrder received, const uptane::Root& director) {
    TRY(const json::Object* body, json::object(received.file, "signed"));
    TRY(const std::string said, json::string(*body, "_type"));
    const std::string_view type = said == cancel_type ? cancel_type : job_type;
    TRY(const uptane::Envelope envelope, uptane::open_signed(received.file, type, uptane::signatures_max));
    ENSURE(uptane::check_signatures(envelope, director.keys, director.of(uptane::Role::targets), type));
    if (type == job_type) return job_from_json(envelope.body);
    TRY(const JobId id, json::id<JobId>(envelope.body, "job_id"));
    TRY(const Vin vin, json::id<Vin>(envelope.body, "vin"));
    return Cancel{id, vin};
}

std::optional<JobId> claimed_job(ReceivedOrder received) {
    const auto body = json::object(received.file, "signed");
    if (!body) return std::nullopt;
    const auto id = json::id<JobId>(**body, "job_id");
    return id ? std::optional(*id) : std::nullopt;
}

}  // namespace pitstop::diagnosis
