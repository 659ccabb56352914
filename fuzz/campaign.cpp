// core/campaign: a campaign as an operator sends it, and a stored assignment. Input: "campaign" or "assignment" in the
// first line, then its JSON.
#include "core/campaign/campaign.h"
#include "core/campaign/assignment.h"
#include "core/vehicle/limits.h"
#include "fuzz/round_trip.h"

using namespace pitstop;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [title, text] = fuzz::titled({data, size});
    if (title == "assignment") {
        const auto assignment = fuzz::read_and_round_trip(text, campaign::assignment_from_json);
        if (assignment) must(assignment->percent <= 100, "a share is at most the whole");
        return 0;
    }
    const auto campaign = fuzz::read_and_round_trip(text, campaign::campaign_from_json);
    if (!campaign) return 0;
    must(!campaign->targets.empty() && campaign->targets.size() <= vehicle::ecus_max, "one target to one for each ECU");
    must(campaign->title.size() <= campaign::Campaign::title_size_max, "the title fits a line");
    must(campaign->release_notes.size() <= campaign::Campaign::release_notes_size_max, "the notes fit a message");
    return 0;
}
