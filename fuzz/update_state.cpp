// core/update: what a gateway saved of its work.
#include "core/update/state.h"
#include "core/vehicle/limits.h"
#include "fuzz/property.h"

#include <boost/json/serialize.hpp>

using namespace pitstop;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    const auto state = update::state_from_json(input);
    fuzz::must_repeat(state, update::state_from_json(input));
    if (!state) return 0;
    if (state->job) must(state->job->members.size() <= vehicle::ecus_max, "no more members than a vehicle has ECUs");
    const std::string written = boost::json::serialize(to_json(*state));
    must(update::state_from_json(view_of(written)) == *state, "it means the same after it was saved again");
    return 0;
}
