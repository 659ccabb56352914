#include "core/diagnosis/job.h"

#include "core/diagnosis/faults.h"
#include "core/diagnosis/order.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::diagnosis {
namespace {

constexpr std::array role_names = {std::string_view("viewer"), std::string_view("operator"),
                                   std::string_view("release-manager"), std::string_view("admin")};
constexpr std::size_t name_size_max = 64;

Result<Bytes> bytes_from(const json::Object& from, std::string_view name) {
    TRY(const std::string text, json::string(from, name));
    if (text.empty() || text.size() > 2 * request_bytes_max)
        return fail(faults::bad_job,
                    std::format("'{}' has {} bytes, allowed are 1 to {}", name, text.size() / 2, request_bytes_max));
    return from_hex(text);
}

Result<Expectation> expectation_from(const json::Object& from) {
    if (from.size() != 1) return fail(faults::bad_job, "'expect' has one member");
    if (json::has(from, "equals")) {
        TRY(Bytes bytes, bytes_from(from, "equals"));
        return Expectation{Expected::equals, std::move(bytes)};
    }
    if (json::has(from, "prefix")) {
        TRY(Bytes bytes, bytes_from(from, "prefix"));
        return Expectation{Expected::prefix, std::move(bytes)};
    }
    if (json::has(from, "nrc")) {
        TRY(const Bytes code, bytes_from(from, "nrc"));
        if (code.size() != 1 || code[0] == 0) return fail(faults::bad_job, "'nrc' is one byte, not 00");
        return Expectation{Expected::nrc, {}, static_cast<uds::Nrc>(code[0])};
    }
    const std::string_view name = json::has(from, "any") ? "any" : "positive";
    TRY(const bool wanted, json::boolean(from, name));
    if (!wanted) return fail(faults::bad_job, std::format("'{}' can only be true", name));
    return Expectation{name == "any" ? Expected::any : Expected::positive};
}

json::Object to_json(const Expectation& expect) {
    switch (expect.kind) {
        case Expected::positive: return {{"positive", true}};
        case Expected::any: return {{"any", true}};
        case Expected::equals: return {{"equals", to_hex(expect.bytes)}};
        case Expected::prefix: return {{"prefix", to_hex(expect.bytes)}};
        case Expected::nrc: break;
    }
    const std::array code{static_cast<std::uint8_t>(expect.nrc)};
    return {{"nrc", to_hex(code)}};
}

// What an operator reads should not depend on how it is shown.
Result<std::string> step_name_from(const json::Object& from) {
    TRY(std::string name, json::string(from, "name"));
    const bool printable = std::ranges::all_of(name, [](char c) { return c >= 0x20 && c <= 0x7E; });
    if (name.empty() || name.size() > name_size_max || !printable)
        return fail(faults::bad_job, "'name' of a step is 1 to 64 printable ASCII characters");
    return name;
}

Result<Step> step_from(const json::Object& from) {
    Step step;
    TRY(step.name, step_name_from(from));
    TRY(step.request, bytes_from(from, "request"));
    if (uds::suppresses_positive_answer(step.request))
        return fail(faults::bad_job, std::format("'{}' asks for no answer", step.name));
    if (json::has(from, "expect")) {
        TRY(const json::Object* expect, json::object(from, "expect"));
        TRY(step.expect, expectation_from(*expect));
    }
    if (json::has(from, "on_failure")) {
        TRY(const std::string text, json::string(from, "on_failure"));
        if (text != "stop" && text != "continue") return fail(faults::bad_job, "'on_failure' is 'stop' or 'continue'");
        step.on_failure = text == "stop" ? OnFailure::stop : OnFailure::carry_on;
    }
    if (json::has(from, "timeout_ms")) {
        TRY(const std::uint64_t limit, json::number(from, "timeout_ms", timeout_ms_max));
        if (limit < timeout_ms_min)
            return fail(faults::bad_job, std::format("'timeout_ms' is at least {}", timeout_ms_min));
        step.timeout_ms = static_cast<std::uint32_t>(limit);
    }
    return step;
}

json::Object to_json(const Step& step) {
    return {{"name", step.name},
            {"request", to_hex(step.request)},
            {"expect", to_json(step.expect)},
            {"on_failure", step.on_failure == OnFailure::stop ? "stop" : "continue"},
            {"timeout_ms", step.timeout_ms}};
}

Result<std::vector<Step>> steps_from(const json::Object& from) {
    TRY(const json::Array* list, json::array(from, "steps"));
    if (list->empty() || list->size() > steps_max)
        return fail(faults::bad_job, std::format("{} steps, allowed are 1 to {}", list->size(), steps_max));
    std::vector<Step> steps;
    std::size_t bytes = 0;
    for (const json::Value& value : *list) {
        TRY(const json::Object* object, json::as_object(value, "a step"));
        TRY(Step step, step_from(*object));
        bytes += step.request.size() + step.expect.bytes.size();
        steps.push_back(std::move(step));
    }
    if (bytes > requests_bytes_max)
        return fail(faults::bad_job, std::format("requests and expectations of {} bytes, allowed are {} together",
                                                 bytes, requests_bytes_max));
    return steps;
}

Result<Target> target_from(const json::Object& from) {
    Target target{AllEcus{}};
    const bool all = json::has(from, "all");
    if (json::has(from, "ecu") + json::has(from, "zone") + all != 1)
        return fail(faults::bad_job, "'target' is one of 'ecu', 'zone', 'all'");
    if (all) {
        TRY(const bool wanted, json::boolean(from, "all"));
        if (!wanted) return fail(faults::bad_job, "'all' can only be true");
    } else if (json::has(from, "ecu")) {
        TRY(target.whom, json::id<EcuId>(from, "ecu"));
    } else {
        TRY(target.whom, json::id<ZoneName>(from, "zone"));
    }
    if (!json::has(from, "functional")) return target;
    TRY(const bool functional, json::boolean(from, "functional"));
    if (functional && std::holds_alternative<EcuId>(target.whom))
        return fail(faults::bad_job, "one ECU is addressed physically");
    if (functional) target.addressing = uds::Addressing::functional;
    return target;
}

json::Object to_json(const Target& target) {
    json::Object object;
    if (const auto* ecu = std::get_if<EcuId>(&target.whom))
        object["ecu"] = ecu->str();
    else if (const auto* zone = std::get_if<ZoneName>(&target.whom))
        object["zone"] = zone->view();
    else
        object["all"] = true;
    if (target.addressing == uds::Addressing::functional) object["functional"] = true;
    return object;
}

Result<Requirements> requirements_from(const json::Object& from) {
    Requirements requirements;
    if (json::has(from, "parked")) {
        TRY(const bool parked, json::boolean(from, "parked"));
        if (parked) requirements.motion = vehicle::Motion::parked;
    }
    if (json::has(from, "ignition")) {
        TRY(const std::string text, json::string(from, "ignition"));
        if (text != "on" && text != "off") return fail(faults::bad_job, "'ignition' is 'on' or 'off'");
        requirements.ignition = text == "on" ? vehicle::Ignition::on : vehicle::Ignition::off;
    }
    // A condition that this version cannot check must not be taken for one that does not matter.
    for (const auto& member : from)
        if (member.key() != "parked" && member.key() != "ignition")
            return fail(faults::bad_job, std::format("'requires' has an unknown '{:.40}'", std::string(member.key())));
    return requirements;
}

json::Object to_json(const Requirements& requirements) {
    json::Object object;
    if (requirements.motion) object["parked"] = true;
    if (requirements.ignition) object["ignition"] = *requirements.ignition == vehicle::Ignition::on ? "on" : "off";
    return object;
}

void write(json::Object& into, const Requirements& requirements, const Target& target, const std::vector<Step>& steps) {
    json::Array list;
    for (const Step& step : steps) list.emplace_back(to_json(step));
    into["requires"] = to_json(requirements);
    into["target"] = to_json(target);
    into["steps"] = std::move(list);
}

}  // namespace

std::string_view to_string(Role role) { return role_names[static_cast<std::size_t>(role)]; }

std::optional<Role> role_from(std::string_view name) {
    const auto found = std::ranges::find(role_names, name);
    if (found == role_names.end()) return std::nullopt;
    return static_cast<Role>(found - role_names.begin());
}

Result<Wish> wish_from_json(const json::Object& from) {
    Wish wish{.target = {AllEcus{}}, .steps = {}};
    TRY(const json::Object* target, json::object(from, "target"));
    TRY(wish.target, target_from(*target));
    TRY(wish.steps, steps_from(from));
    if (json::has(from, "requires")) {
        TRY(const json::Object* requirements, json::object(from, "requires"));
        TRY(wish.requirements, requirements_from(*requirements));
    }
    return wish;
}

json::Object to_json(const Wish& wish) {
    json::Object object;
    write(object, wish.requirements, wish.target, wish.steps);
    return object;
}

Result<Job> job_from_json(const json::Object& from) {
    TRY(const JobId id, json::id<JobId>(from, "job_id"));
    TRY(const Vin vin, json::id<Vin>(from, "vin"));
    TRY(const std::uint64_t sequence, json::number(from, "sequence", sequence_max));
    TRY(const UtcTime issued, json::time(from, "issued"));
    TRY(const UtcTime expires, json::time(from, "expires"));
    TRY(const std::string role_name, json::string(from, "role"));
    const auto role = role_from(role_name);
    if (!role) return fail(faults::bad_job, std::format("no role '{:.40}'", role_name));
    if (expires <= issued || expires > issued + lifetime_max)
        return fail(faults::bad_job, std::format("from {} to {}: allowed are {} hours", issued.str(), expires.str(),
                                                 lifetime_max.count()));
    TRY(Wish wish, wish_from_json(from));
    return Job{
        id, vin, sequence, issued, expires, *role, wish.requirements, std::move(wish.target), std::move(wish.steps)};
}

json::Object to_json(const Job& job) {
    json::Object object = write_order_kind(job_type);
    object["job_id"] = job.id.view();
    object["vin"] = job.vin.view();
    object["sequence"] = job.sequence;
    object["issued"] = job.issued.str();
    object["expires"] = job.expires.str();
    object["role"] = to_string(job.role);
    write(object, job.requirements, job.target, job.steps);
    return object;
}

}  // namespace pitstop::diagnosis
