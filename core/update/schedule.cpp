#include "core/update/schedule.h"

#include <algorithm>
#include <functional>

namespace pitstop::update {
namespace {

std::size_t count_of(std::span<const BusUser> users, auto is_it) {
    return static_cast<std::size_t>(std::ranges::count_if(users, is_it, &BusUser::standing));
}

// The first `places` of those in this standing, slowest first.
std::vector<EcuId> choose(std::span<const BusUser> users, Standing standing, std::size_t places) {
    std::vector<BusUser> ready;
    std::ranges::copy_if(
        users, std::back_inserter(ready), [&](Standing is) { return is == standing; }, &BusUser::standing);
    std::ranges::stable_sort(ready, std::greater{}, &BusUser::left_bytes);
    std::vector<EcuId> chosen;
    for (const BusUser& user : std::span(ready).first(std::min(places, ready.size()))) chosen.push_back(user.ecu);
    return chosen;
}

std::size_t left_of(std::size_t limit, std::size_t used) { return limit - std::min(limit, used); }

}  // namespace

Grants schedule(std::span<const BusUser> users, const BusLimits& limits) {
    const std::size_t begun =
        count_of(users, [](Standing is) { return is != Standing::waiting && is != Standing::unanswering; });
    const std::size_t transferring = count_of(users, [](Standing is) { return is == Standing::transfers; });
    return {choose(users, Standing::waiting, left_of(limits.begun_max, begun)),
            choose(users, Standing::wants_bus, left_of(limits.transfers_max, transferring))};
}

}  // namespace pitstop::update
