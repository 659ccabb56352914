// core/vehicle: what a vehicle says it carries, and whether it is ready. Input: "inventory" or "readiness" in the first
// line, then its JSON.
#include "core/vehicle/inventory.h"
#include "core/vehicle/limits.h"
#include "core/vehicle/readiness.h"
#include "fuzz/round_trip.h"

#include <set>

using namespace pitstop;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [title, text] = fuzz::titled({data, size});
    if (title == "readiness") {
        const auto readiness = fuzz::read_and_round_trip(text, vehicle::readiness_from_json);
        if (readiness) must(readiness->reasons.size() <= vehicle::reasons_max, "no more reasons than the cap");
        return 0;
    }
    const auto inventory = fuzz::read_and_round_trip(text, vehicle::inventory_from_json);
    if (!inventory) return 0;
    must(inventory->ecus.size() <= vehicle::ecus_max && inventory->missing.size() <= vehicle::ecus_max,
         "within the caps");
    std::set<EcuId> named;
    for (const auto& report : inventory->ecus) must(named.insert(report.ecu).second, "each ECU reports once");
    for (const auto& missing : inventory->missing) must(named.insert(missing.ecu).second, "or is missing once");
    return 0;
}
