#include "apps/gateway/conditions.h"

#include "apps/gateway/faults.h"
#include "io/config/section.h"

#include <system_error>

namespace pitstop::gateway {
namespace {

Result<vehicle::Conditions> read(const std::filesystem::path& file) {
    TRY(const auto root, io::config::Section::from_file(file));
    vehicle::Conditions now;
    TRY(const bool parked, root.yes_or_no("parked", true));
    now.motion = parked ? vehicle::Motion::parked : vehicle::Motion::moving;
    TRY(now.ignition, root.choice<vehicle::Ignition>(
                          "ignition", {{"on", vehicle::Ignition::on}, {"off", vehicle::Ignition::off}}, "off"));
    TRY(now.doors, root.choice<vehicle::Doors>(
                       "doors", {{"open", vehicle::Doors::open}, {"closed", vehicle::Doors::closed}}, "closed"));
    TRY(now.network, root.choice<vehicle::Network>(
                         "network", {{"connected", vehicle::Network::connected}, {"absent", vehicle::Network::absent}},
                         "connected"));
    TRY(const auto battery, root.number("battery_percent", {0, 100}, 100));
    now.battery_percent = static_cast<std::uint8_t>(battery);
    TRY(const auto temperature, root.number("temperature_c", {-60, 150}, 20));
    now.temperature_c = static_cast<std::int16_t>(temperature);
    TRY(const auto dtcs, root.number("open_dtcs", {0, 65535}, 0));
    now.open_dtcs = static_cast<std::uint16_t>(dtcs);
    ENSURE(root.finish());
    return now;
}

}  // namespace

Result<vehicle::Conditions> Conditions::now() const {
    vehicle::Conditions now;
    if (settings_.file) {
        auto found = read(*settings_.file);
        if (!found) return fail(faults::conditions_unknown, found.error().str());
        now = *found;
    }
    std::error_code problem;
    const auto space = std::filesystem::space(settings_.storage, problem);
    if (problem) return fail(faults::conditions_unknown, problem.message());
    now.free_storage_bytes = space.available;
    return now;
}

vehicle::Readiness Conditions::judge(std::uint64_t storage_needed_bytes, std::span<const std::string> of_ecus) const {
    const auto conditions = now();
    if (!conditions) return {false, {conditions.error().str()}, settings_.policy.retry_after_s};
    vehicle::Readiness judged = vehicle::judge(*conditions, settings_.policy, storage_needed_bytes);
    if (of_ecus.empty()) return judged;
    judged.reasons.insert(judged.reasons.end(), of_ecus.begin(), of_ecus.end());
    return {false, std::move(judged.reasons), settings_.policy.retry_after_s};
}

}  // namespace pitstop::gateway
