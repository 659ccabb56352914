// Campaigns as the server shows them (docs/openapi.yaml), for people; and how a campaign is followed to its end.
//
// Bring the answers as JSON. Nothing here asks for anything. Faults: cli.vehicles-refused, cli.update-failed,
// cli.nothing-to-follow.
#pragma once

#include "core/base/json.h"

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace pitstop::cli {

void print_campaigns(const json::Object& list, std::ostream& out);
void print_campaign(const json::Object& campaign, std::ostream& out);
void print_event(const json::Object& event, std::ostream& out);

// What became of each vehicle; cli.vehicles-refused when the server said no to some.
[[nodiscard]] Result<void> print_outcomes(const json::Object& answer, std::ostream& out);

// Which events are new since the last look.
class Following {
public:
    // Each event once, in the order in which they happened.
    [[nodiscard]] std::vector<const json::Object*> look(const json::Object& campaign);

private:
    std::map<std::string, std::uint64_t, std::less<>> last_ids_;  // by VIN
};

// Whether every vehicle has come to its end. cli.nothing-to-follow: no vehicle is assigned.
[[nodiscard]] Result<bool> has_ended(const json::Object& campaign);

// cli.update-failed when the update failed or was rolled back on some vehicle.
[[nodiscard]] Result<void> check_ending(const json::Object& campaign);

}  // namespace pitstop::cli
