#include "apps/zone/collector.h"

#include "io/log/log.h"
#include "io/survey/faults.h"

#include <algorithm>
#include <iterator>

namespace pitstop::zone {

using vehicle::PartStatus;

uds::Outcome Collector::start_routine(std::uint16_t rid, View option, uds::Reply& out) {
    const bool starts = rid == uds::rid::start_vci || rid == uds::rid::start_readiness;
    const auto what = rid <= uds::rid::send_vci ? io::survey::What::configuration : io::survey::What::readiness;
    if (option.size() != (starts ? 0 : sizeof(std::uint32_t)))
        return uds::Nrc::incorrect_message_length_or_invalid_format;
    Shelf& on = shelf(what);
    if (!starts) {
        out.put(vehicle::part_of(on.status, on.whole, load_be<std::uint32_t>(option.data()), part_bytes_max));
        return uds::Nrc::positive_response;
    }
    if (on.status != PartStatus::collecting) {
        on = {PartStatus::collecting, {}};
        loop_.spawn("collection", collect(what));
    }
    out.put_u8(static_cast<std::uint8_t>(ecus_.size()));
    return uds::Nrc::positive_response;
}

io::Task<void> Collector::collect(io::survey::What what) {
    std::vector<io::survey::Member> asked;
    std::vector<vehicle::Entry> entries;
    for (const io::survey::Member& member : ecus_) {
        if (what == io::survey::What::readiness && is_worked_on_(member.ecu))
            entries.push_back(
                {member.ecu, {}, vehicle::Entry::Missing{std::string(io::survey::faults::busy.code), {}}});
        else
            asked.push_back(member);
    }
    std::ranges::move(co_await io::survey::ask_all(std::move(asked), what), std::back_inserter(entries));
    for (const vehicle::Entry& entry : entries)
        if (entry.missing)
            io::log::warning("{} is missing: {} {}", entry.ecu.str(), entry.missing->code, entry.missing->detail);
    shelf(what) = {PartStatus::there, vehicle::to_bytes(entries)};
    co_return Result<void>{};
}

}  // namespace pitstop::zone
