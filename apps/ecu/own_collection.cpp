#include "apps/ecu/own_collection.h"

#include "core/uptane/version_report.h"
#include "io/survey/survey.h"

namespace pitstop::ecu {
namespace {

constexpr std::size_t answer_bytes_max = uptane::packed_report_bytes_max;  // the longest identifier

}  // namespace

uds::Nrc OwnCollection::start_routine(std::uint16_t rid, View option, uds::Reply& out) {
    const bool starts = rid == uds::rid::start_vci || rid == uds::rid::start_readiness;
    const bool of_configuration = rid <= uds::rid::send_vci;
    Bytes& collected = collected_[of_configuration ? 0 : 1];
    if (option.size() != (starts ? 0 : sizeof(std::uint32_t)))
        return uds::Nrc::incorrect_message_length_or_invalid_format;
    if (starts) {
        const vehicle::Entry own{ecu_, of_configuration ? configuration() : vehicle::to_bytes(source_.readiness())};
        collected = vehicle::to_bytes(std::span(&own, 1));
        out.put_u8(1);
        return uds::Nrc::positive_response;
    }
    const auto status = collected.empty() ? vehicle::PartStatus::never_begun : vehicle::PartStatus::there;
    out.put(vehicle::part_of(status, collected, load_be<std::uint32_t>(option.data()), part_bytes_max));
    return uds::Nrc::positive_response;
}

Bytes OwnCollection::configuration() const {
    vehicle::Identifiers known;
    Bytes room(answer_bytes_max);
    for (const std::uint16_t did : io::survey::identifiers) {
        uds::Reply reply(room);
        if (source_.read_data(did, reply) != uds::Nrc::positive_response || !reply.fits()) continue;
        known.emplace_back(did, Bytes(reply.written().begin(), reply.written().end()));
    }
    return vehicle::to_bytes(known);
}

}  // namespace pitstop::ecu
