#include "core/vehicle/readiness.h"

#include "core/base/faults.h"
#include "core/vehicle/faults.h"
#include "core/vehicle/limits.h"

#include <format>

namespace pitstop::vehicle {
namespace {
constexpr std::uint32_t retry_after_s_max = 30u * 24 * 3600;  // a month: nobody remembers a longer promise
}

Readiness judge(const Conditions& now, const ReadinessPolicy& policy, std::uint64_t storage_needed_bytes) {
    Readiness result;
    const auto object = [&result](std::string reason) { result.reasons.push_back(std::move(reason)); };
    if (now.motion != Motion::parked) object("the vehicle is not parked");
    if (now.ignition != Ignition::off) object("the ignition is on");
    if (now.doors != Doors::closed) object("a door is open");
    if (now.network != Network::connected) object("there is no network");
    if (now.battery_percent < policy.battery_percent_min)
        object(std::format("battery is at {} %, needed are {} %", now.battery_percent, policy.battery_percent_min));
    if (now.free_storage_bytes < storage_needed_bytes)
        object(
            std::format("{} bytes of storage are free, needed are {}", now.free_storage_bytes, storage_needed_bytes));
    if (now.temperature_c < policy.temperature_c_min || now.temperature_c > policy.temperature_c_max)
        object(std::format("it is {} degrees Celsius, allowed are {} to {}", now.temperature_c,
                           policy.temperature_c_min, policy.temperature_c_max));
    if (now.open_dtcs > policy.open_dtcs_max)
        object(std::format("{} trouble codes are open, allowed are {}", now.open_dtcs, policy.open_dtcs_max));
    result.ready = result.reasons.empty();
    if (!result.ready) result.retry_after_s = policy.retry_after_s;
    return result;
}

std::string reasons_in_one_sentence(const Readiness& readiness) {
    std::string sentence;
    for (const std::string& reason : readiness.reasons) {
        if (!sentence.empty()) sentence += "; ";
        sentence += reason;
    }
    return sentence.substr(0, sentence_size_max);
}

Result<void> as_result(const Readiness& readiness) {
    if (readiness.ready) return {};
    return fail(faults::not_ready, reasons_in_one_sentence(readiness));
}

json::Object to_json(const Readiness& readiness) {
    json::Array reasons;
    for (const std::string& reason : readiness.reasons) reasons.push_back(json::Value(reason));
    return {{"ready", readiness.ready}, {"reasons", std::move(reasons)}, {"retry_after_s", readiness.retry_after_s}};
}

Result<Readiness> readiness_from_json(const json::Object& from) {
    Readiness readiness;
    TRY(readiness.ready, json::boolean(from, "ready"));
    TRY(const json::Array* reasons, list(from, "reasons", reasons_max));
    for (const json::Value& reason : *reasons) {
        if (!reason.is_string()) return fail(pitstop::faults::wrong_type, "'reasons' must hold texts");
        if (reason.get_string().size() > sentence_size_max)
            return fail(faults::too_much, std::format("a reason has more than {} bytes", sentence_size_max));
        readiness.reasons.emplace_back(reason.get_string());
    }
    TRY(const std::uint64_t retry_after_s, json::number(from, "retry_after_s", retry_after_s_max));
    readiness.retry_after_s = static_cast<std::uint32_t>(retry_after_s);
    return readiness;
}

}  // namespace pitstop::vehicle
